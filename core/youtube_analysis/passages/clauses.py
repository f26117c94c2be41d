"""Speech that nobody punctuated, divided where clauses begin.

Machine-made captions come without full stops. A cut costs little before a word that opens a
clause, at a silence or at the start of a caption, and much after a word that cannot close one;
the cheapest way through the whole stretch wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from .words import word_lists

# Words a piece should have, and may have at the most.
TARGET, LONGEST = 15, 40
_SHORTEST = 4
# Seconds of silence that speak for a cut.
_REST = 0.6
_OPENING, _SUBJECT, _CAPTION, _SILENCE, _HANGING, _TAIL = 2.0, 1.2, 0.6, 3.0, -4.0, -3.0
_LENGTH_COST, _TOO_SHORT = 1 / 50, 6.0
# What a piece of so many words costs.
_COSTS = [
    (length - TARGET) ** 2 * _LENGTH_COST + (_TOO_SHORT if length < _SHORTEST else 0.0)
    for length in range(LONGEST + 1)
]

_WORD = re.compile(r"\S+")
_LISTS = word_lists("speech")
_OPENERS, _SUBJECTS = _LISTS["openers"], _LISTS["subjects"]
_NEVER_LAST, _NEVER_FIRST = _LISTS["never_last"], _LISTS["never_first"]


def clause_cuts(text: str, begin: int, stop: int, silences: Mapping[int, float]) -> list[int]:
    """Offsets at which to divide `text[begin:stop]`.

    `silences` has, for each offset at which a caption begins, the seconds nobody spoke before.
    """
    words = [(begin + m.start(), m[0].casefold()) for m in _WORD.finditer(text[begin:stop])]
    if len(words) <= TARGET:
        return []
    gains = {0: 0.0, len(words): 0.0}
    for place, ((_, last), (offset, word)) in enumerate(pairwise(words), start=1):
        following = words[place + 1][1] if place + 1 < len(words) else ""
        gain = _gain(last, word, following, silences.get(offset))
        if gain > 0:
            gains[place] = gain
    return [words[place][0] for place in _cheapest(_not_too_far(gains, len(words)))]


def _gain(last: str, word: str, following: str, silence: float | None) -> float:
    gain = 0.0
    if word in _OPENERS:
        gain += _OPENING + (_SUBJECT if following in _SUBJECTS else 0.0)
    elif word in _SUBJECTS:
        gain += _SUBJECT
    if silence is not None:
        gain += _SILENCE if silence >= _REST else _CAPTION
    gain += _HANGING if last in _NEVER_LAST else 0.0
    return gain + (_TAIL if word in _NEVER_FIRST else 0.0)


def _not_too_far(gains: dict[int, float], count: int) -> dict[int, float]:
    """Adds places without any gain where the next one with gain is out of reach."""
    for before, after in pairwise(sorted(gains)):
        for place in range(before + TARGET, after, TARGET):
            if after - before > LONGEST and place < count:
                gains[place] = 0.0
    return gains


def _cheapest(gains: Mapping[int, float]) -> list[int]:
    """The cuts between the first and the last place."""
    places = sorted(gains)
    costs, before = {0: 0.0}, {0: 0}
    first = 0
    for index, place in enumerate(places[1:], start=1):
        while place - places[first] > LONGEST:
            first += 1
        gain = gains[place]
        costs[place], before[place] = min(
            [(costs[p] + _COSTS[place - p] - gain, p) for p in places[first:index]]
        )
    cuts: list[int] = []
    place = before[places[-1]]
    while place:
        cuts.append(place)
        place = before[place]
    return cuts[::-1]
