"""What all views share: the outbox, time and chance, and how long a platform is asked again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vidthread.store import Outbox
from vidthread.surface import RateLimited, Surface, SurfaceUnreachable

from .view import View

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A platform that is gone for longer is asked again at the next start.
PATIENCE = 900.0


class Presenter:
    def __init__(
        self,
        outbox: Outbox,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.outbox = outbox
        self.sleep = sleep
        self.clock = clock
        self.rng = rng

    def view(self, surface: Surface, reply: str) -> View:
        """The reply with this key, which may stand there already. Close it."""
        return View(self, surface, reply)

    async def insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Does what is asked of a platform, however often it takes. Raises what is final, and
        SurfaceUnreachable when PATIENCE is at its end."""
        began, tries = self.clock(), 0
        while True:
            try:
                return await work()
            except RateLimited as limited:
                await self.sleep(limited.retry_after)
            except SurfaceUnreachable:
                if self.clock() - began > PATIENCE:
                    raise
                await self.sleep(self.wait(tries))
                tries += 1

    def wait(self, tries: int) -> float:
        """Doubling, a quarter up or down by chance; seconds."""
        backoff: float = min(_FIRST_WAIT * 2.0**tries, _LONGEST_WAIT)
        return backoff * (0.75 + 0.5 * self.rng())
