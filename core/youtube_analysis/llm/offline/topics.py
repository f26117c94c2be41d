"""Where the talk turns to something else, and what each stretch is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from youtube_analysis.passages.reading import Passage

from .talk import Talk
from .titles import title_all

# Window on each side of a possible boundary, in passages (about two minutes).
_WINDOW = 8
# A topic lasts some five minutes in a talk of an hour, less in a short one, more in a long one.
_FEWEST, _MOST = 3, 14
# A stretch of more than this many times the mean length is divided once more.
_TOO_LONG = 2.0
_NOTHING = 1e-9
# Seconds.
_PAUSE = 1.2
_PAUSE_BONUS = 0.08
_TURN_BONUS = 0.12


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch of the talk. `start` and `end` are seconds; `passages` are all that it holds."""

    title: str
    start: float
    end: float
    passages: tuple[Passage, ...]


def find_topics(talk: Talk) -> tuple[Topic, ...]:
    """The creator's chapters where there are any, else the topic shifts of the words."""
    passages = talk.reading.passages
    chapters = talk.reading.video.chapters
    if len(chapters) > 1:
        starts = [
            next((place for place, p in enumerate(passages) if p.start >= chapter.start - 1), None)
            for chapter in chapters
        ]
        begins = [
            (place, c.title) for place, c in zip(starts, chapters, strict=True) if place is not None
        ]
    else:
        begins = [(place, "") for place in [0, *_shifts(talk)]]
    ends = [place for place, _ in begins[1:]] + [len(passages)]
    stretches = [
        (title, passages[begin:stop])
        for (begin, title), stop in zip(begins, ends, strict=True)
        if begin < stop
    ]
    titles = title_all(talk, [stretch for _, stretch in stretches])
    return tuple(
        Topic(title or made, stretch[0].start, stretch[-1].end, tuple(stretch))
        for (title, stretch), made in zip(stretches, titles, strict=True)
    )


def _shifts(talk: Talk) -> list[int]:
    """Places of passages that begin a topic, the first one left out."""
    passages = talk.reading.passages
    minutes = talk.reading.video.duration / 60
    wanted = max(_FEWEST, min(_MOST, round(sqrt(minutes) * 1.5 + 0.5))) - 1
    apart = max(2, len(passages) // (3 * (wanted + 1)))
    depths = _depths(talk)
    chosen: list[int] = []
    for place in sorted(depths, key=lambda place: (-depths[place], place)):
        far = all(abs(place - other) >= apart for other in (0, len(passages), *chosen))
        if far and len(chosen) < wanted:
            chosen.append(place)
    return _divide_long(sorted(chosen), depths, apart, len(passages))


def _divide_long(chosen: list[int], depths: dict[int, float], apart: int, count: int) -> list[int]:
    """Divides every stretch that is much longer than the mean, each at its deepest dip."""
    longest = max(2 * apart + 1, int(_TOO_LONG * count / (len(chosen) + 1)))
    done: list[int] = []
    open_stretches = list(pairwise([0, *chosen, count]))
    while open_stretches:
        begin, stop = open_stretches.pop()
        if stop - begin > longest:
            inside = range(begin + apart, stop - apart)
            deepest = max(inside, key=lambda place: (depths[place], -place))
            open_stretches += [(begin, deepest), (deepest, stop)]
        elif begin:
            done.append(begin)
    return sorted(done)


def _depths(talk: Talk) -> dict[int, float]:
    """How far the likeness of what is said before and after dips at each passage (TextTiling)."""
    passages = talk.reading.passages
    likeness = list(_cohesion(talk, passages))
    depths: dict[int, float] = {}
    for place in range(1, len(passages)):
        here = likeness[place]
        before = max(likeness[max(1, place - 2 * _WINDOW) : place + 1])
        after = max(likeness[place : place + 2 * _WINDOW])
        depths[place] = (before - here) + (after - here)
        if passages[place].start - passages[place - 1].end > _PAUSE:
            depths[place] += _PAUSE_BONUS
        if any(talk.cues.turns.match(sentence.text) for sentence in passages[place].sentences[:2]):
            depths[place] += _TURN_BONUS
    return depths


def _cohesion(talk: Talk, passages: Sequence[Passage]) -> Iterator[float]:
    """Cosine between the words of the passages before and from each place on."""
    bags = [talk.weighed_terms(passage) for passage in passages]
    left: dict[str, float] = {}
    right: dict[str, float] = {}
    for bag in bags[:_WINDOW]:
        _move(bag, into=right)
    for place, bag in enumerate(bags):
        dot = sum(weight * right[term] for term, weight in left.items() if term in right)
        yield dot / (_norm(left) * _norm(right) or 1.0)
        _move(bag, into=left, out_of=right)
        if place >= _WINDOW - 1:
            _move(bags[place - _WINDOW + 1], out_of=left)
        if place + _WINDOW < len(bags):
            _move(bags[place + _WINDOW], into=right)


def _move(
    bag: Mapping[str, float],
    *,
    into: dict[str, float] | None = None,
    out_of: dict[str, float] | None = None,
) -> None:
    for term, weight in bag.items():
        if into is not None:
            into[term] = into.get(term, 0.0) + weight
        if out_of is not None:
            rest = out_of[term] - weight
            # What rounding leaves of a word that has gone is nothing.
            if rest > _NOTHING:
                out_of[term] = rest
            else:
                del out_of[term]


def _norm(bag: Mapping[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in bag.values()))
