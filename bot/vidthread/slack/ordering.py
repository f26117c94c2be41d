"""Events of one thread, heard in the order in which they happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count

from vidthread.thread_key import ThreadKey

# With several connections, what happened first may arrive a moment later.
HOLD = 0.03
# An acknowledgement is due after three seconds, in order or not.
_LONGEST = 1.0
_Place = tuple[str, int]


@dataclass(slots=True)
class _Line:
    waiting: list[_Place] = field(default_factory=list)
    busy: int = 0
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)


class Lines:
    def __init__(
        self, hold: float = HOLD, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._hold = hold
        self._sleep = sleep
        self._lines: dict[ThreadKey, _Line] = {}
        self._arrivals = count()

    @asynccontextmanager
    async def turn(self, key: ThreadKey, at: str) -> AsyncIterator[None]:
        """`at` is the moment at which it happened, as Slack writes it."""
        line = self._lines.setdefault(key, _Line())
        place = (at, next(self._arrivals))
        heappush(line.waiting, place)
        try:
            await self._sleep(self._hold)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST), line.moved:
                    await line.moved.wait_for(lambda: not line.busy and line.waiting[0] == place)
        finally:
            self._leave(line, place)
        line.busy += 1
        try:
            yield
        finally:
            line.busy -= 1
            async with line.moved:
                line.moved.notify_all()
            if not (line.waiting or line.busy) and self._lines.get(key) is line:
                del self._lines[key]

    def _leave(self, line: _Line, place: _Place) -> None:
        if line.waiting[0] == place:
            heappop(line.waiting)
        else:
            line.waiting.remove(place)
            heapify(line.waiting)
