"""Stretches of a talk that are compared with a question: longer than a passage, overlapping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .reading import Reading
from .sentences import Sentence

# An answer needs its surroundings to be found: 45 seconds, and again from their middle on.
HOP = 22.5
SECONDS = 2 * HOP
# A sentence without a length still is a part of its window.
_SHORTEST = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences `first` to `last` (places in the talk, both inside) between two seconds.

    `blocks` are the one or two blocks that it is made of; `passages` pairs each passage that it
    touches (place from 0) with the seconds of it that lie inside.
    """

    blocks: tuple[int, ...]
    first: int
    last: int
    start: float
    end: float
    passages: tuple[tuple[int, float], ...]


def divide(sentences: Sequence[Sentence]) -> tuple[range, ...]:
    """Blocks of whole sentences, 22.5 s each: a sentence belongs where its middle lies.

    Blocks without a sentence are left out.
    """
    return tuple(places for _, places in _blocks(sentences))


def windows(reading: Reading) -> tuple[Window, ...]:
    """Two neighbouring blocks each, in order; a block without a neighbour is one alone."""
    sentences = reading.sentences
    owners = [passage.number - 1 for passage in reading.passages for _ in passage.sentences]
    return tuple(
        _window(sentences, owners, pair, range(places.start, stop))
        for pair, places, stop in _pairs(list(_blocks(sentences)))
    )


def _blocks(sentences: Sequence[Sentence]) -> Iterator[tuple[int, range]]:
    """Numbers of blocks from the first sentence on, with their sentences."""
    first, number, begin = 0.0, 0, 0
    for place, sentence in enumerate(sentences):
        first = first if place else sentence.start
        here = int(((sentence.start + sentence.end) / 2 - first) / HOP)
        if here > number:
            if place > begin:
                yield number, range(begin, place)
            number, begin = here, place
    if begin < len(sentences):
        yield number, range(begin, len(sentences))


def _pairs(blocks: Sequence[tuple[int, range]]) -> Iterator[tuple[tuple[int, ...], range, int]]:
    """Places of blocks that make a window, the sentences of the first, and where the last ends."""
    joined = False
    for place, (number, sentences) in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if following and following[0] == number + 1:
            yield (place, place + 1), sentences, following[1].stop
            joined = True
        else:
            if not joined:
                yield (place,), sentences, sentences.stop
            joined = False


def _window(
    sentences: Sequence[Sentence], owners: Sequence[int], blocks: tuple[int, ...], places: range
) -> Window:
    seconds: defaultdict[int, float] = defaultdict(float)
    for place in places:
        sentence = sentences[place]
        seconds[owners[place]] += max(_SHORTEST, sentence.end - sentence.start)
    first, last = places[0], places[-1]
    start, end = sentences[first].start, max(sentences[place].end for place in places)
    return Window(blocks, first, last, start, end, tuple(seconds.items()))
