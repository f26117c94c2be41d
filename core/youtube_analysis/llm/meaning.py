"""Meaning: the vectors of talks and questions, made behind the answers and kept beside the talks.

A failure here never fails an answer: ranking falls back to words alone.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from youtube_analysis.concurrency import Supervisor
from youtube_analysis.errors import ModelBroke, ModelError, ModelSilent
from youtube_analysis.logging import get_logger
from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.vectors import Vectors, unit
from youtube_analysis.upstream import CircuitBreaker

from .embedding import Embedder
from .health import ServerHealth
from .vector_cache import VectorCache, VectorStore

_log = get_logger(__name__)

# How long a question waits for its vector.
_PATIENCE = 2.0
# How long an embedder that failed is not asked again.
_REST = 15.0
# Even while answers run all the time, talks get their vectors, if slowly.
_LONGEST_PAUSE = 30.0
# A question that comes meanwhile waits for the batch under way.
_BATCHES, _LONGEST_BATCH = (2, 4, 8, 16), 0.5
_MOST_WAITING = 64


@dataclass(slots=True)
class _Job:
    reading: Reading
    done: asyncio.Future[Vectors | None]
    urgent: bool = False


class Meaning:
    """Belongs to one event loop. Without an embedder it answers None and costs nothing.

    One talk at a time, each passage once, a few at a time, and with a pause while answers run.
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
        self.kept = VectorCache(embedder.name if embedder else "", store)
        self._embedder = embedder
        self._tasks = supervisor or Supervisor()
        self._patience = patience
        breaker = CircuitBreaker((ModelError,), most=1, rest=rest)
        self._health = ServerHealth("ranking by words alone", breaker)
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._worker: asyncio.Task[None] | None = None
        self._answers = 0
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()
        self._pace = 0

    @property
    def model(self) -> str | None:
        """The embedder's name; None where ranking knows words alone."""
        return self._embedder.name if self._embedder else None

    async def load(self) -> None:
        """Makes ready what the first question would wait for; that question meets any error."""
        if self._embedder:
            with suppress(ModelError):
                await self._embedder.load()

    async def vectors(self, reading: Reading) -> Vectors | None:
        """Those that are kept, one a passage; nothing is embedded, and no server asked. They are
        as long as the vector of the last question: ask for that one first."""
        if self._embedder is None or not reading.passages:
            return None
        return await self.kept.get(reading)

    async def wait(self, reading: Reading) -> Vectors | None:
        """Embeds what is not kept, before other talks and without a pause. None where that
        fails."""
        known = await self.vectors(reading)
        if known or self._embedder is None or not reading.passages:
            return known
        job = self._begun(reading)
        job.urgent = True
        self._jobs.move_to_end(reading.fingerprint, last=False)
        self._settle()
        await asyncio.wait([job.done])
        return job.done.result()

    async def question(self, text: str) -> list[float] | None:
        """Its vector of length 1. None where the embedder fails, has failed a moment ago, or takes
        longer than two seconds."""
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

    def schedule(self, reading: Reading) -> None:
        """Embeds the talk behind everything else, unless its vectors are kept."""
        if self._embedder and reading.passages:
            self._begun(reading)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around an answer: meanwhile nothing is embedded but questions, and what is waited for."""
        self._answers += 1
        self._settle()
        try:
            yield
        finally:
            self._answers -= 1
            self._settle()

    async def check(self) -> int:
        """Numbers in a vector, of a text that is embedded for it; 0 without an embedder. Raises
        ModelError."""
        if self._embedder is None:
            return 0
        (row,) = await self._embedder.embed(["What is it about?"], query=True)
        return len(row)

    async def close(self) -> None:
        """What is under way is given up. Everything answers None from now on; may be called
        twice."""
        embedder, self._embedder = self._embedder, None
        if self._worker:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        if embedder:
            await embedder.close()

    async def _asked(self, embedder: Embedder, texts: Sequence[str]) -> list[list[float]]:
        try:
            async with asyncio.timeout(self._patience):
                rows = await embedder.embed(texts, query=True)
        except TimeoutError as error:
            raise ModelSilent from error
        if not all(map(any, rows)):
            raise ModelBroke("a vector of zeros")
        self.kept.dim = len(rows[0])
        return [list(unit(row)) for row in rows]

    def _begun(self, reading: Reading) -> _Job:
        job = self._jobs.get(reading.fingerprint)
        if job is None:
            job = _Job(reading, asyncio.get_running_loop().create_future())
            self._jobs[reading.fingerprint] = job
            self._drop_oldest()
        if self._worker is None or self._worker.done():
            self._worker = self._tasks.once("embed talks", self._work())
        return job

    def _drop_oldest(self) -> None:
        """Of those that nobody waits for: they come again with the next question."""
        waiting = [name for name, job in list(self._jobs.items())[1:] if not job.urgent]
        if len(self._jobs) > _MOST_WAITING and waiting:
            self._finish(self._jobs.pop(waiting[0]), None)

    async def _work(self) -> None:
        try:
            while self._jobs and self._embedder:
                name, job = next(iter(self._jobs.items()))
                try:
                    made = await self._made(self._embedder, job)
                except ModelError as error:
                    made, video = None, job.reading.video.info.video_id
                    _log.info("talk not embedded", video=video, why=error.code)
                self._jobs.pop(name, None)
                self._finish(job, made)
        finally:  # whatever ends this, nobody waits for ever
            while self._jobs:
                self._finish(self._jobs.popitem()[1], None)

    def _finish(self, job: _Job, made: Vectors | None) -> None:
        if not job.done.done():
            job.done.set_result(made)
        self._settle()

    async def _made(self, embedder: Embedder, job: _Job) -> Vectors:
        reading = job.reading
        stored = await self.kept.stored(reading)
        made = stored or self.kept.in_memory(reading) or await self._embedded(embedder, reading)
        if stored:
            self.kept.remember(reading, stored)
        else:
            await self.kept.put(reading, made)
        return made

    async def _embedded(self, embedder: Embedder, reading: Reading) -> Vectors:
        packed: list[bytes] = []
        dim = at = 0
        while at < len(reading.passages):
            await self._pause()
            texts = [p.text for p in reading.passages[at : at + _BATCHES[self._pace]]]
            began = asyncio.get_running_loop().time()
            with self._health.attempt():
                part = Vectors.of(await embedder.embed(texts, query=False))
                if part.dim != dim and at:
                    raise ModelBroke("vectors of different lengths")
            self._set_pace(asyncio.get_running_loop().time() - began)
            packed.append(part.packed)
            dim, at = part.dim, at + len(texts)
        self.kept.dim = dim
        return Vectors(dim, b"".join(packed))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_LONGEST_PAUSE):
                await self._may_go_on.wait()
        except TimeoutError:
            return

    def _set_pace(self, seconds: float) -> None:
        if seconds > _LONGEST_BATCH:
            self._pace = max(0, self._pace - 1)
        elif seconds < _LONGEST_BATCH / 2:
            self._pace = min(len(_BATCHES) - 1, self._pace + 1)

    def _settle(self) -> None:
        if self._answers and not any(job.urgent for job in self._jobs.values()):
            self._may_go_on.clear()
        else:
            self._may_go_on.set()
