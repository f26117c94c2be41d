"""What one bot may ask of Discord in a second: texts that grow give way to people who wait."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp

# Discord allows fifty in a second; what is sent evenly may arrive less evenly.
REQUESTS, SECONDS = 45, 1.0
# Interactions and their webhooks are not counted among a bot's requests.
_NOT_COUNTED = ("/interactions/", "/webhooks/")


class Budget:
    """At most `requests` begin in any `seconds`. Belongs to the loop on which it is used."""

    def __init__(
        self,
        requests: int = REQUESTS,
        seconds: float = SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._seconds = seconds
        self._clock = clock
        self._begun: deque[float] = deque()
        self._first: deque[asyncio.Future[None]] = deque()
        self._later: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def trace(self, api: str) -> aiohttp.TraceConfig:
        """Holds each request to this address until its turn, as a client of HTTP sends it: what
        waits for limits of its own before takes no turn, and what is sent again takes another."""
        trace = aiohttp.TraceConfig()
        host = urlsplit(api).hostname

        async def begins(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            request: aiohttp.TraceRequestStartParams,
        ) -> None:
            if request.url.host == host and _counts(request.url.path):
                await self.turn(gives_way=request.method == "PATCH")

        trace.on_request_start.append(begins)
        return trace

    async def turn(self, *, gives_way: bool = False) -> None:
        """Edits and names give way: what they show is shown again, or is not waited for."""
        waiting = self._later if gives_way else self._first
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(mine)
        self._admit()
        try:
            await mine
        except asyncio.CancelledError:
            if mine in waiting:
                waiting.remove(mine)
            raise

    def _admit(self) -> None:
        now = self._clock()
        while self._begun and self._begun[0] <= now - self._seconds:
            self._begun.popleft()
        while len(self._begun) < self._requests and (waiting := self._first or self._later):
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun.append(now)
        if self._timer is None and (self._first or self._later):
            wait = self._begun[0] + self._seconds - now
            self._timer = asyncio.get_running_loop().call_later(wait, self._admit_again)

    def _admit_again(self) -> None:
        self._timer = None
        self._admit()


def _counts(path: str) -> bool:
    return not any(part in path for part in _NOT_COUNTED)
