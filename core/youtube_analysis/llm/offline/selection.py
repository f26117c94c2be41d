"""Choosing lines: the best ones, from the whole talk, none saying what another says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .talk import Line

# Two lines that share this much of the shorter one's terms say the same.
_ALIKE = 0.5
# How much likeness to what is already chosen costs.
_NOVELTY = 0.7
_FAR_BEHIND, _FEW = 0.3, 24


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


def spread(lines: Sequence[Line], count: int, *, besides: Sequence[Line] = ()) -> list[Line]:
    """Like `choose`, but at first one line of each topic, the topics with the best lines first."""
    good = worthwhile(lines)
    firsts: list[Line] = []
    for topic in sorted({line.topic for line in good}):
        here = (line for line in good if line.topic == topic)
        firsts += choose(here, 1, besides=(*besides, *firsts))
    chosen = choose(firsts, count, besides=besides)
    rest = (line for line in good if line not in chosen)
    chosen += choose(rest, count - len(chosen), besides=(*besides, *chosen))
    return sorted(chosen, key=lambda line: line.place)


def likeness(one: Line, other: Line) -> float:
    """Share of the shorter line's terms that stand in the other, 0…1."""
    same = one.place == other.place
    return same or len(one.terms & other.terms) / max(1, min(len(one.terms), len(other.terms)))


def worthwhile(lines: Sequence[Line]) -> list[Line]:
    """The better half, none far behind the best: a weak stretch of the talk is passed over rather
    than quoted. Of a clip of few lines, all that are not far behind."""
    scores = sorted(line.score for line in lines)
    middle = scores[len(scores) // 2] if len(scores) > _FEW else 0.0
    bar = max(middle, _FAR_BEHIND * max(scores, default=0.0))
    return [line for line in lines if line.score >= bar]


def _marginal(line: Line, chosen: Sequence[Line]) -> float:
    alike = max((likeness(line, other) for other in chosen), default=0.0)
    return line.score * (1 - _NOVELTY * alike)
