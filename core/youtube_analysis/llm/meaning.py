"""Meaning: the vectors of talks and questions, made behind the answers and kept beside the talks.

A failure here never fails an answer: ranking falls back to words alone.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from youtube_analysis.concurrency import Supervisor
from youtube_analysis.errors import DatabaseError, ModelBroke, ModelError, ModelSilent
from youtube_analysis.logging import get_logger
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.vectors import Vectors, unit
from youtube_analysis.upstream import CircuitBreaker

from .embedding import Embedder

_log = get_logger(__name__)

# How long a question waits for its vector.
_PATIENCE = 2.0
# How long an embedder that failed is not asked again.
_REST = 15.0
# Even while answers run all the time, talks get their vectors, if slowly.
_LONGEST_PAUSE = 30.0
# Passages that are embedded at once: a question that comes meanwhile waits for them.
_BATCH = 8
# Talks: those that nobody waits for come again with the next question.
_MOST_WAITING = 64
# Talks whose vectors stay in memory; an hour takes 100 kB.
_IN_MEMORY = 16


class VectorStore(Protocol):
    """May raise DatabaseError."""

    async def get(self, fingerprint: str, model: str) -> Vectors | None:
        """Returns what `put` kept for this talk and model."""

    async def put(self, fingerprint: str, model: str, vectors: Vectors) -> None:
        """Keeps them as long as the talk is kept."""


class Meaning:
    """Belongs to one event loop. Without an embedder it answers None and costs nothing.

    One talk at a time, each passage once, a few at a time, and with a pause while answers run.
    Vectors are kept in memory and in the store, which may be away.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        store: VectorStore | None = None,
        supervisor: Supervisor | None = None,
        *,
        patience: float = _PATIENCE,
        rest: float = _REST,
    ) -> None:
        self.model = embedder.name if embedder else None
        """The embedder's name; None where ranking knows words alone."""
        self.store = store
        """May be replaced while nothing is under way."""
        self._embedder = embedder
        self._memory: OrderedDict[str, Vectors] = OrderedDict()
        # How long vectors are now; None until one was seen. Others count as none.
        self._dim: int | None = None
        self._supervisor = supervisor or Supervisor()
        self._patience = patience
        self._health = CircuitBreaker("ranking by words alone", {ModelError: 1}, rest=rest)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._answers = 0
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    async def load(self) -> None:
        """Makes ready what the first question would wait for; that question meets any error."""
        if self._embedder:
            with suppress(ModelError):
                await self._embedder.load()

    async def vectors(self, reading: Transcript) -> Vectors | None:
        """Returns the kept ones, one a passage; embeds nothing and asks no server. They are as long
        as the vector of the last question: ask for that one first."""
        if self._embedder is None or not reading.passages:
            return None
        known = self._remembered(reading) or await self._stored(reading)
        if known:
            self._remember(reading, known)
        return known

    async def wait(self, reading: Transcript) -> Vectors | None:
        """Embeds what is not kept. None where that fails."""
        known = await self.vectors(reading)
        if known is None and (task := self.schedule(reading)):
            await asyncio.wait([task])
            known = await self.vectors(reading)
        return known

    async def question(self, text: str) -> list[float] | None:
        """Returns its vector of length 1. None where the embedder fails, has failed a moment ago,
        or takes longer than two seconds."""
        rows = await self.questions([text])
        return rows[0] if rows else None

    async def questions(self, texts: Sequence[str]) -> list[list[float]]:
        """As `question`, of several texts at once: one vector each, or none at all."""
        if self._embedder is None or not texts:
            return []
        try:
            with self._health.attempt():
                return await self._asked(self._embedder, texts)
        except ModelError:
            return []

    def schedule(self, reading: Transcript) -> asyncio.Task[None] | None:
        """Embeds the talk behind everything else, unless its vectors are kept."""
        if self._embedder is None or not reading.passages:
            return None
        task = self._tasks.get(reading.fingerprint)
        if task is None and len(self._tasks) < _MOST_WAITING:
            task = self._supervisor.once("embed talks", self._embed(self._embedder, reading))
            task.add_done_callback(lambda _: self._tasks.pop(reading.fingerprint))
            self._tasks[reading.fingerprint] = task
        return task

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around an answer: meanwhile nothing is embedded but questions."""
        self._answers += 1
        self._is_quiet.clear()
        try:
            yield
        finally:
            self._answers -= 1
            if not self._answers:
                self._is_quiet.set()

    async def check(self) -> int:
        """Numbers in a vector, of a text that is embedded for it; 0 without an embedder. Raises
        ModelError."""
        if self._embedder is None:
            return 0
        (row,) = await self._embedder.embed(["What is it about?"], query=True)
        return len(row)

    async def close(self) -> None:
        """Gives up what is under way. Everything answers None from now on; may be called twice."""
        embedder, self._embedder = self._embedder, None
        if tasks := list(self._tasks.values()):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if embedder:
            await embedder.close()

    async def _asked(self, embedder: Embedder, texts: Sequence[str]) -> list[list[float]]:
        try:
            async with asyncio.timeout(self._patience):
                rows = await embedder.embed(texts, query=True)
        except TimeoutError as error:
            raise ModelSilent from error
        if not all(map(any, rows)):
            raise ModelBroke(what="a vector of zeros")
        self._dim = len(rows[0])
        return [list(unit(row)) for row in rows]

    async def _embed(self, embedder: Embedder, reading: Transcript) -> None:
        async with self._one_at_a_time:
            if stored := await self._stored(reading):
                self._remember(reading, stored)
                return
            try:
                made = self._remembered(reading) or await self._embedded(embedder, reading)
            except ModelError as error:
                video = reading.video.info.video_id
                _log.info("talk not embedded", video=video, why=error.code)
                return
            self._remember(reading, made)
            await self._keep(embedder.name, reading, made)

    async def _embedded(self, embedder: Embedder, reading: Transcript) -> Vectors:
        packed: list[bytes] = []
        dim = 0
        for at in range(0, len(reading.passages), _BATCH):
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_PAUSE):
                    await self._is_quiet.wait()
            texts = [passage.text for passage in reading.passages[at : at + _BATCH]]
            with self._health.attempt():
                part = Vectors.of(await embedder.embed(texts, query=False))
                if part.dim != dim and at:
                    raise ModelBroke(what="vectors of different lengths")
            packed.append(part.packed)
            dim = part.dim
        self._dim = dim
        return Vectors(dim, b"".join(packed))

    async def _stored(self, reading: Transcript) -> Vectors | None:
        """None too where the store is away."""
        if self.store is None or self.model is None:
            return None
        try:
            stored = await self.store.get(reading.fingerprint, self.model)
        except DatabaseError as error:
            _log.warning("vectors not read", error=error.code, reason=error.message)
            return None
        return self._fitting(stored, reading)

    async def _keep(self, model: str, reading: Transcript, vectors: Vectors) -> None:
        if self.store is None:
            return
        try:
            await self.store.put(reading.fingerprint, model, vectors)
        except DatabaseError as error:
            _log.warning("vectors not kept", error=error.code, reason=error.message)

    def _remembered(self, reading: Transcript) -> Vectors | None:
        return self._fitting(self._memory.get(reading.fingerprint), reading)

    def _remember(self, reading: Transcript, vectors: Vectors) -> None:
        """In the place of what was used least recently."""
        self._memory[reading.fingerprint] = vectors
        self._memory.move_to_end(reading.fingerprint)
        if len(self._memory) > _IN_MEMORY:
            self._memory.popitem(last=False)

    def _fitting(self, vectors: Vectors | None, reading: Transcript) -> Vectors | None:
        if vectors is None or len(vectors) != len(reading.passages):
            return None
        return vectors if self._dim in {None, vectors.dim} else None
