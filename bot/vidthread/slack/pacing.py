"""How often a method of Slack's may be called: by workspace, whoever calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from vidthread.surface import RateLimited

# Calls a minute, as Slack publishes them for a workspace; those not named here are not paced.
PER_MINUTE: Mapping[str, float] = {
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.appendStream": 100,
    "chat.update": 50,
    "chat.postMessage": 50,
    "chat.delete": 50,
}
# What is called at once and what follows at an even pace stay together below the limit.
_EVEN, _AT_ONCE = 0.85, 0.15


class Pacer:
    """Calls that must come wait for their turn; those that a later one makes needless are told
    when to come again."""

    def __init__(
        self,
        per_minute: Mapping[str, float] = PER_MINUTE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._sleep = sleep
        self._next: dict[tuple[str, str], float] = {}

    def interval(self, method: str) -> float:
        """Seconds between two calls at an even pace; 0 where there is no limit."""
        rate = self._per_minute.get(method)
        return 60 / (rate * _EVEN) if rate else 0.0

    def has_room(self, method: str, place: str = "") -> bool:
        return self._wait(method, place) <= 0

    async def turn(self, method: str, place: str = "", *, must: bool) -> None:
        """`place` has a limit of its own. Raises RateLimited for what need not come."""
        wait = self._wait(method, place)
        if wait > 0 and not must:
            raise RateLimited(wait)
        self.take(method, place)
        if wait > 0:
            await self._sleep(wait)

    def take(self, method: str, place: str = "") -> None:
        """Counts a call that comes now, or in its turn."""
        if interval := self.interval(method):
            taken = max(self._next.get((method, place), 0.0), self._now)
            self._next[method, place] = taken + interval

    def _wait(self, method: str, place: str) -> float:
        interval = self.interval(method)
        if not interval:
            return 0.0
        at_once = max(0.0, self._per_minute[method] * _AT_ONCE - 1) * interval
        return self._next.get((method, place), 0.0) - at_once - self._now

    @property
    def _now(self) -> float:
        return self._clock()
