"""Speech that nobody punctuated, divided where clauses begin.

Machine-made captions come without full stops. A cut is worth something before a word that opens
a clause, at a silence or at the start of a caption, and costs behind a word that cannot close
one, and the more the further its piece is from the usual length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from .words import word_lists

# Words a piece should have, and may have at the least and at the most.
TARGET, _SHORTEST, _LONGEST = 13, 4, 40
# Seconds of silence that speak for a cut.
_REST = 0.6
_OPENING, _SUBJECT, _CAPTION, _SILENCE, _HANGING = 2.0, 1.2, 0.6, 3.0, -4.0
_LENGTH_COST = 1 / 50

_WORD = re.compile(r"\S+")
_LISTS = word_lists("speech")


def clause_cuts(text: str, begin: int, stop: int, silences: Mapping[int, float]) -> list[int]:
    """Offsets at which to divide `text[begin:stop]`.

    `silences` has, for each offset at which a caption begins, the seconds nobody spoke before.
    """
    words = [(match.start(), match[0].casefold()) for match in _WORD.finditer(text, begin, stop)]
    inner = [_gain(last, word, silences.get(at)) for (_, last), (at, word) in pairwise(words)]
    gains = [0.0, *inner, 0.0]
    cuts, first = list[int](), 0
    while len(words) - first > TARGET:
        places = range(first + _SHORTEST, min(first + _LONGEST, len(words)) + 1)
        costs = [(place - first - TARGET) ** 2 * _LENGTH_COST for place in places]
        worths = [gains[place] - cost for place, cost in zip(places, costs, strict=True)]
        first = places[worths.index(max(worths))]
        if first < len(words):
            cuts.append(words[first][0])
    return cuts


def _gain(last: str, word: str, silence: float | None) -> float:
    gain = 0.0
    if word in _LISTS["openers"]:
        gain += _OPENING
    elif word in _LISTS["subjects"]:
        gain += _SUBJECT
    if silence is not None:
        gain += _SILENCE if silence >= _REST else _CAPTION
    return gain + (_HANGING if last in _LISTS["never_last"] else 0.0)
