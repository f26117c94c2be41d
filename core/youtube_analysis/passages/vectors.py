"""Meaning as numbers: one vector a passage, small enough to keep beside the talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from operator import mul

_LARGEST = 127  # of a signed byte


@dataclass(frozen=True)
class Vectors:
    """Directions only: lengths are dropped. `packed` holds `dim` signed bytes a passage, each
    vector scaled so that its largest component is ±127; the first belongs to passage 1."""

    dim: int
    packed: bytes

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> Vectors:
        """One row a passage, in order. Raises ValueError where rows differ in length."""
        dim = len(rows[0]) if rows else 0
        if any(len(row) != dim for row in rows):
            raise ValueError("vectors of different lengths")
        return cls(dim, b"".join(map(_quantised, rows)))

    def __len__(self) -> int:
        return len(self.packed) // self.dim if self.dim else 0

    def row(self, place: int) -> memoryview:
        """The signed bytes of a passage; `place` counts from 0."""
        return memoryview(self.packed).cast("b")[place * self.dim : (place + 1) * self.dim]

    def dot(self, place: int, query: Sequence[float]) -> float:
        """The cosine of the angle between a passage (`place` from 0) and a query of length 1;
        0 where the passage has no direction. Raises ValueError on a query of another length."""
        if len(query) != self.dim:
            raise ValueError(f"a query of {len(query)} numbers beside vectors of {self.dim}")
        length = self._lengths[place]
        return sum(map(mul, self.row(place), query)) / length if length else 0.0

    def length(self, shares: tuple[tuple[int, float], ...]) -> float:
        """Of the sum of passages' directions, each (by its place) times its share: the less,
        the more they differ. Computed once."""
        if shares not in self._sums:
            scales = [share / (self._lengths[place] or 1.0) for place, share in shares]
            columns = zip(*(self.row(place) for place, _ in shares), strict=True)
            squares = (sum(map(mul, scales, column)) ** 2 for column in columns)
            self._sums[shares] = sqrt(sum(squares))
        return self._sums[shares]

    @cached_property
    def _sums(self) -> dict[tuple[tuple[int, float], ...], float]:
        return {}

    @cached_property
    def _lengths(self) -> tuple[float, ...]:
        rows = map(self.row, range(len(self)))
        return tuple(sqrt(sum(number * number for number in row)) for row in rows)


def unit(vector: Sequence[float]) -> tuple[float, ...]:
    """The same direction with length 1; a vector of zeros stays one."""
    length = sqrt(sum(number * number for number in vector)) or 1.0
    return tuple(number / length for number in vector)


def _quantised(row: Sequence[float]) -> bytes:
    largest = max(map(abs, row), default=0.0) or 1.0
    return bytes(round(number * _LARGEST / largest) & 0xFF for number in row)
