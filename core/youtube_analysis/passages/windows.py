"""Stretches of a talk that are compared with a question: longer than a passage, overlapping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from .reading import Reading
from .sentences import Sentence

# An answer needs its surroundings to be found: 45 seconds, and again from their middle on.
HOP = 22.5
SECONDS = 2 * HOP


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences `first` to `last` (places in the talk, both inside) between two seconds.

    `passages` pairs each passage that it touches (place from 0) with the seconds of it that lie
    inside.
    """

    first: int
    last: int
    start: float
    end: float
    passages: tuple[tuple[int, float], ...]


def windows(reading: Reading) -> tuple[Window, ...]:
    """Two neighbouring blocks each, in order; a block without a neighbour is one alone."""
    owned = list(zip(reading.sentences, reading.owners, strict=True))
    blocks = _blocks(reading.sentences)
    found: list[Window] = []
    for number, places in blocks.items():
        if following := blocks.get(number + 1):
            found.append(_window(owned, range(places.start, following.stop)))
        elif number - 1 not in blocks:
            found.append(_window(owned, places))
    return tuple(found)


def _blocks(sentences: Sequence[Sentence]) -> dict[int, range]:
    """Whole sentences of 22.5 s each, by the block's number from the first sentence on: a
    sentence belongs where its middle lies. Blocks without a sentence are left out."""
    first = sentences[0].start if sentences else 0.0
    middles = ((sentence.start + sentence.end) / 2 for sentence in sentences)
    blocks: dict[int, range] = {}
    for place, number in enumerate(accumulate((int((m - first) / HOP) for m in middles), max)):
        blocks[number] = range(blocks[number].start if number in blocks else place, place + 1)
    return blocks


def _window(owned: Sequence[tuple[Sentence, int]], places: range) -> Window:
    seconds: defaultdict[int, float] = defaultdict(float)
    inside = owned[places.start : places.stop]
    for sentence, owner in inside:
        seconds[owner] += sentence.end - sentence.start
    start, end = inside[0][0].start, max(sentence.end for sentence, _ in inside)
    return Window(places[0], places[-1], start, end, tuple(seconds.items()))
