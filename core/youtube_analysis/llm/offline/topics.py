"""Where a talk turns to something else: dips in the likeness of what is said before and after."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import sqrt

from youtube_analysis.passages.reading import Reading

from .cues import cues_for

Bag = Mapping[str, float]

# Passages on each side of a possible boundary (about two minutes).
_WINDOW = 8
# A topic lasts some five minutes in a talk of an hour, less in a short one, more in a long one.
_FEWEST, _MOST = 3, 14
_FEWEST_PASSAGES = 2
_LONE = 2.0
_TURN_BONUS = 0.25


def divide(reading: Reading, bags: Sequence[Bag]) -> list[int]:
    """Places (from 0) of the passages that begin a topic, the first one among them: at the
    creator's chapters where there are several, else where the words change."""
    chapters = [chapter.start - 1 for chapter in reading.video.chapters]
    if len(chapters) < 2:
        return _shifts(reading, bags)
    starts = [passage.start for passage in reading.passages]
    begins = {0, *(bisect_left(starts, start) for start in chapters)}
    return sorted(place for place in begins if place < len(starts))


def _shifts(reading: Reading, bags: Sequence[Bag]) -> list[int]:
    count = len(bags)
    minutes = reading.video.duration / 60
    wanted = max(_FEWEST, min(_MOST, round(sqrt(minutes) * 1.5 + 0.5)))
    wanted = max(1, min(wanted, count // _FEWEST_PASSAGES))
    mean = count / wanted
    apart = max(_FEWEST_PASSAGES, round(mean / 2.5))
    depths = _depths(reading, bags)
    edges = [0, count]
    while len(edges) <= wanted:
        worths = {
            place: depths[place] * min(1.0, near / mean) ** 0.5
            for place in range(1, count)
            if (near := min(abs(place - edge) for edge in edges)) >= apart
        }
        if not worths:
            break
        edges.append(max(worths, key=lambda place: (worths[place], -place)))
    return sorted(edges)[:-1]


def _depths(reading: Reading, bags: Sequence[Bag]) -> list[float]:
    """How far the likeness dips at each passage (TextTiling), more where the speaker says that he
    goes on."""
    turn = cues_for(reading.language)["turn"]
    likeness = [_likeness(bags, place) for place in range(len(bags))]
    depths = []
    for place, passage in enumerate(reading.passages):
        before = max(likeness[max(0, place - 2 * _WINDOW) : place + 1])
        after = max(likeness[place : place + 2 * _WINDOW])
        turns = turn.match(passage.sentences[0].text) is not None
        depths.append(before + after - 2 * likeness[place] + _TURN_BONUS * turns)
    return depths


def _likeness(bags: Sequence[Bag], place: int) -> float:
    left, right = centre_of(bags[max(0, place - _WINDOW) : place]), bags[place : place + _WINDOW]
    return _dot(left, centre_of(right))


def centre_of(bags: Sequence[Bag]) -> dict[str, float]:
    """The direction of many bags of weighted terms together: their sum with length 1."""
    total: dict[str, float] = {}
    for bag in bags:
        for term, weight in bag.items():
            total[term] = total.get(term, 0.0) + weight
    size = _length(total) or 1.0
    return {term: weight / size for term, weight in total.items()}


def nearness(bag: Bag, centre: Bag) -> float:
    """How near a sentence is to a centre, 0…1: a cosine that trusts a lone term little."""
    return _dot(bag, centre) / (_length(bag) + _LONE)


def _dot(one: Bag, other: Bag) -> float:
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def _length(bag: Bag) -> float:
    return sqrt(sum(weight * weight for weight in bag.values()))
