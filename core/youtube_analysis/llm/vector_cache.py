"""Vectors of talks as they are kept: some in memory, all in a store that may be away."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from youtube_analysis.errors import DatabaseError
from youtube_analysis.logging import get_logger
from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.vectors import Vectors

_log = get_logger(__name__)
# Of an hour of talk, 100 kB.
_IN_MEMORY = 16


class VectorStore(Protocol):
    """May raise DatabaseError."""

    async def get(self, fingerprint: str, model: str) -> Vectors | None:
        """What `put` kept for this talk and model."""

    async def put(self, fingerprint: str, model: str, vectors: Vectors) -> None:
        """Keeps them as long as the talk is kept."""


class VectorCache:
    """Vectors of one model in two levels. Without a store, what is in memory is all."""

    def __init__(self, model: str, store: VectorStore | None) -> None:
        self.store = store
        """May be replaced while nothing is under way."""
        self.dim: int | None = None
        """How long vectors of the model are now; None until one was seen. Others count as none."""
        self._model = model
        self._memory: OrderedDict[str, Vectors] = OrderedDict()

    async def get(self, reading: Reading) -> Vectors | None:
        known = self.in_memory(reading) or await self.stored(reading)
        if known:
            self.remember(reading, known)
        return known

    def in_memory(self, reading: Reading) -> Vectors | None:
        return self._fitting(self._memory.get(reading.fingerprint), reading)

    async def stored(self, reading: Reading) -> Vectors | None:
        """None too where the store is away, which is told in the log."""
        if self.store is None:
            return None
        try:
            stored = await self.store.get(reading.fingerprint, self._model)
        except DatabaseError as error:
            _log.warning("vectors not read", error=error.code, reason=error.message)
            return None
        return self._fitting(stored, reading)

    async def put(self, reading: Reading, vectors: Vectors) -> None:
        self.remember(reading, vectors)
        if self.store is None:
            return
        try:
            await self.store.put(reading.fingerprint, self._model, vectors)
        except DatabaseError as error:
            _log.warning("vectors not kept", error=error.code, reason=error.message)

    def remember(self, reading: Reading, vectors: Vectors) -> None:
        """In memory, in the place of what was used least recently."""
        self._memory[reading.fingerprint] = vectors
        self._memory.move_to_end(reading.fingerprint)
        if len(self._memory) > _IN_MEMORY:
            self._memory.popitem(last=False)

    def _fitting(self, vectors: Vectors | None, reading: Reading) -> Vectors | None:
        if vectors is None or len(vectors) != len(reading.passages):
            return None
        return vectors if self.dim in {None, vectors.dim} else None
