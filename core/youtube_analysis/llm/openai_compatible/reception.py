"""How long a server is waited for, and what is known of it from the times before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress

from youtube_analysis.breaker import CircuitBreaker
from youtube_analysis.concurrency import spawn
from youtube_analysis.errors import ModelError, ModelSilent, ModelUnreachable

ATTEMPTS = 3
# How long a server that was silent is waited for, in seconds; one that works begins within these.
PROBE = 2.0
# An answer whose end was told is whole: what may still come is how many tokens it took.
AFTER_END = 1.0


# What a server sends ahead of who listens.
_MOST_AHEAD = 256
# To wait for less costs more than it spares, in seconds.
_SHORTEST = 0.01


class Reception:
    """One answer as it arrives. Who stops waiting for the next chunks need not hang up: the wait
    can be taken up again. `aclose` hangs up."""

    def __init__(self, chunks: AsyncGenerator[object]) -> None:
        self._chunks = chunks
        self._arrived: list[object] = []
        self._waiter: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._receiving = spawn(self._receive(), "receive an answer")
        self._receiving.add_done_callback(lambda _: self._wake())

    async def next(self, seconds: float) -> list[object]:
        """All chunks that have arrived, which is how a busy loop catches up; none at the end.
        Raises ModelSilent if the next one takes longer."""
        if not self._arrived and not self._receiving.done():
            await self._news(max(0.0, seconds))
        arrived, self._arrived = self._arrived, []
        self._room.set()
        if not arrived:
            if not self._receiving.done():
                raise ModelSilent
            self._receiving.result()
        return arrived

    async def gather(self, seconds: float, turns: asyncio.Semaphore) -> None:
        """Leaves what arrives to the connection meanwhile, so that it is read in one go. Those
        whose time is over together read a few at a time, and the loop goes round in between."""
        if seconds < _SHORTEST or self._receiving.done():
            return
        self._room.clear()
        await asyncio.sleep(seconds)
        async with turns:
            self._room.set()
            await asyncio.sleep(0)  # for who reads it

    async def aclose(self) -> None:
        self._receiving.cancel()
        await asyncio.wait([self._receiving])
        await self._chunks.aclose()

    async def _news(self, seconds: float) -> None:
        """As asyncio.timeout would, at a tenth of its cost: this is waited for with every chunk."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    async def _receive(self) -> None:
        async for chunk in self._chunks:
            self._arrived.append(chunk)
            self._wake()
            if len(self._arrived) >= _MOST_AHEAD:
                self._room.clear()
            if not self._room.is_set():
                await self._room.wait()


class Availability:
    """Of one server, `idle` being the longest silence within an answer.

    While it is known to be down it is tried once. While it was silent at last, silence is borne
    for `probe` seconds only. But one answer that was given up is listened to for as long as
    before: should it speak after all, the server is slow, not silent, and has its time again.
    """

    def __init__(self, idle: float, probe: float, breaker: CircuitBreaker) -> None:
        self._idle = idle
        self._probe = probe
        self._breaker = breaker
        self._failure: ModelError | None = None  # the one that lasts
        self._listening: asyncio.Task[None] | None = None

    @property
    def attempts(self) -> int:
        return 1 if self._failure else ATTEMPTS

    @property
    def patience(self) -> float:
        """The longest silence that is borne now, in seconds."""
        silent = isinstance(self._failure, ModelSilent | ModelUnreachable)
        return min(self._idle, self._probe) if silent else self._idle

    def answered(self) -> None:
        self._failure = None
        self._breaker.close()

    def failed(self, error: ModelError) -> None:
        self._failure = error if error.retryable else None

    @asynccontextmanager
    async def receive(
        self, chunks: AsyncGenerator[object], deadline: float
    ) -> AsyncGenerator[Reception]:
        """`deadline`: when all of the answer must be there, on the loop's clock."""
        async with AsyncExitStack() as stack:
            reception = await stack.enter_async_context(aclosing(Reception(chunks)))
            try:
                yield reception
            except ModelSilent:
                if self._listening is None or self._listening.done():
                    stack.pop_all()
                    listening = self._listen_on(reception, deadline)
                    self._listening = spawn(listening, "listen to a silent model")
                raise

    async def _listen_on(self, reception: Reception, deadline: float) -> None:
        remaining = deadline - asyncio.get_running_loop().time()
        async with aclosing(reception):
            with suppress(ModelError):
                if await reception.next(min(self._idle, remaining)):
                    self.answered()
