"""Choosing lines: the best ones, spread over the whole talk, none saying what another says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .talk import Line

# Two lines that share this much of the shorter one's terms say the same.
_ALIKE = 0.5
# How much likeness to what is already chosen costs.
_NOVELTY = 0.7


def choose(lines: Iterable[Line], count: int, *, besides: Sequence[Line] = ()) -> list[Line]:
    """Up to `count` lines by maximal marginal relevance, in the order of the talk."""
    pool = sorted(lines, key=lambda line: (-line.score, line.place))[: 60 + 8 * count]
    chosen: list[Line] = []
    while pool and len(chosen) < count:
        best = max(pool, key=lambda line: (_marginal(line, (*besides, *chosen)), -line.place))
        pool.remove(best)
        if all(likeness(best, other) < _ALIKE for other in (*besides, *chosen)):
            chosen.append(best)
    return sorted(chosen, key=lambda line: line.place)


def spread(
    lines: Sequence[Line], count: int, length: float, *, besides: Sequence[Line] = ()
) -> list[Line]:
    """Like `choose`, with every part of the talk heard: one line from each of `count` stretches.

    `length` is the talk's in seconds. A stretch without a good line leaves its turn to the rest.
    """
    good = worthwhile(lines)
    chosen: list[Line] = []
    for stretch in range(count):
        begin, stop = length * stretch / count, length * (stretch + 1) / count
        here = [line for line in good if begin <= line.start < stop]
        chosen += choose(here, 1, besides=(*besides, *chosen))
    missing = count - len(chosen)
    if missing > 0:
        rest = [line for line in lines if line not in chosen]
        chosen += choose(rest, missing, besides=(*besides, *chosen))
    return sorted(chosen, key=lambda line: line.place)


def likeness(one: Line, other: Line) -> float:
    """Share of the shorter line's terms that stand in the other, 0…1."""
    if one.place == other.place:
        return 1.0
    return len(one.terms & other.terms) / max(1, min(len(one.terms), len(other.terms)))


def _marginal(line: Line, chosen: Sequence[Line]) -> float:
    alike = max((likeness(line, other) for other in chosen), default=0.0)
    return line.score * (1 - _NOVELTY * alike)


def worthwhile(lines: Sequence[Line]) -> list[Line]:
    """The better half: a weak stretch of the talk is passed over rather than quoted."""
    bar = _median([line.score for line in lines])
    return [line for line in lines if line.score >= bar]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
