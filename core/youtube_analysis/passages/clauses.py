"""Speech that nobody punctuated, divided where clauses begin.

Machine-made captions come without full stops. A cut costs little before a word that opens a
clause, at a silence or at the start of a caption, and much after a word that cannot close one;
the cheapest way through the whole stretch wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from youtube_analysis.patterns import Pattern

# Words a piece should have, and may have at the most.
TARGET, LONGEST = 15, 40
_SHORTEST = 4
# Seconds of silence that speak for a cut.
_REST = 0.6
_OPENING, _SUBJECT, _CAPTION, _SILENCE, _HANGING, _TAIL = 2.0, 1.2, 0.6, 3.0, -4.0, -3.0
_LENGTH_COST, _TOO_SHORT = 1 / 50, 6.0

_WORD = Pattern(r"\S+")
_OPENERS = frozenset(
    """so but and now okay ok well then also plus however anyway meanwhile next first
    second third finally alright yes yeah no und aber also jetzt dann donc mais alors et puis pero
    y entonces ahora mas então agora e ma allora men så och и но а так теперь потом""".split()
)
_SUBJECTS = frozenset(
    """i i'm i've i'll i'd we we're we've we'll you you're you've you'll he he's she she's they
    they're they've it it's the this that's these those there there's here here's what what's if
    when let's my our your one everybody nobody somebody people how why wir ich sie es das die der
    je nous on il elle les c'est nosotros yo ellos el la os eu nós você vi jag det de han hon
    я мы вы он она они это""".split()
)
# After these something must follow.
_NEVER_LAST = frozenset(
    """a an the of to in on at by for with from into onto about as and or but so if when because
    than that which who whose whether while my your our their his its is are was were be been am
    has have had do does did can could will would should may might must very really just not no
    every each any some more most such what how it's i'm we're you're they're that's there's i'll
    we'll you'll i've we've let's don't doesn't didn't can't won't like und oder aber der die das
    ein eine einen dem den des zu von mit für ist sind war le la les un une des de du et ou mais à
    dans pour avec est sont el los las una y o pero que con para por es son um os as e do da em com
    och att en ett som på med är и в на с по для что как не к от из""".split()
)
# With these nothing begins.
_NEVER_FIRST = frozenset(
    """of than because into onto is are was were be been has had too either itself themselves me
    him them us also though 's von als avec du da""".split()
)


@dataclass(frozen=True, slots=True)
class _Way:
    """The cheapest division up to a place: its cost and the place of the cut before."""

    cost: float
    before: int


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


def _cheapest(gains: Mapping[int, float]) -> Sequence[int]:
    places = sorted(gains)
    ways = {places[0]: _Way(0.0, -1)}
    for index, place in enumerate(places[1:], start=1):
        reachable = [p for p in places[max(0, index - LONGEST) : index] if place - p <= LONGEST]
        ways[place] = min(
            (_Way(ways[p].cost + _cost(place - p) - gains[place], p) for p in reachable),
            key=lambda way: way.cost,
        )
    cuts: list[int] = []
    place = ways[places[-1]].before
    while place > 0:
        cuts.append(place)
        place = ways[place].before
    return cuts[::-1]


def _cost(length: int) -> float:
    return (length - TARGET) ** 2 * _LENGTH_COST + (_TOO_SHORT if length < _SHORTEST else 0.0)
