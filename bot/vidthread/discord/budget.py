"""What one bot may ask of Discord in a second: texts that grow give way to people who wait."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp

# Discord allows fifty in a second. Forty-five, a few at a time: of those that begin all at once,
# what a busy loop holds back arrives together with the next. discord.py knows of that limit only
# what a refusal tells: then all that wait go at once, and are refused once more.
_REQUESTS, _SECONDS = 5, 1 / 9
# Interactions and their webhooks are not counted among a bot's requests.
_NOT_COUNTED = ("/interactions/", "/webhooks/")


class RequestBudget:
    """A sliding log: at most `requests` begin in any `seconds`. Belongs to one event loop."""

    def __init__(
        self,
        requests: int = _REQUESTS,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._begun: deque[float] = deque(maxlen=requests)
        self._first: deque[asyncio.Future[None]] = deque()
        self._later: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def trace(self, api: str) -> aiohttp.TraceConfig:
        """Holds each request to this address until its turn, just before it is sent: so what waits
        for a limit of its own takes no turn, and what is sent again takes another."""
        trace = aiohttp.TraceConfig()
        host = urlsplit(api).hostname

        async def begins(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            request: aiohttp.TraceRequestStartParams,
        ) -> None:
            path = request.url.path
            if request.url.host == host and not any(part in path for part in _NOT_COUNTED):
                await self.turn(gives_way=request.method == "PATCH")

        trace.on_request_start.append(begins)
        return trace

    async def turn(self, *, gives_way: bool) -> None:
        """Edits and names give way: what they show is shown again, or is not waited for."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._later if gives_way else self._first).append(turn)
        self._admit()
        await turn  # one that is cancelled is passed over

    def _admit(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        while waiting := self._first or self._later:
            is_full = len(self._begun) == self._begun.maxlen
            if is_full and (due := self._begun[0] + self._seconds) > now:
                self._timer = asyncio.get_running_loop().call_later(due - now, self._admit)
                return
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun.append(now)
