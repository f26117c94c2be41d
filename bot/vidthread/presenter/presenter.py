"""What all views share: the outbox, time and chance, and how long somebody is asked again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Protocol, TypeVar

from vidthread.store import Outbox
from vidthread.surface import RateLimited, SurfaceUnreachable
from youtube_analysis.errors import DatabaseError
from youtube_analysis.logging import get_logger

_log = get_logger(__name__)
Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A database that comes back is noticed within seconds: asking it costs nobody anything.
_LONGEST_DATABASE_WAIT = 5.0
# So long nobody notices; who watches a reply that does not grow for longer is told why.
TOLD_AFTER = 20.0
# A platform that is gone for longer is asked again at the next start.
PATIENCE = 900.0
# A message that was not edited for so long does not grow any more.
_QUIET_AFTER = 30.0


class Waits(Protocol):
    """`context` is that of whoever is served."""

    context: Context

    def wait_for_database(self) -> None:
        """Tells whoever watches it why it does not grow."""


class Presenter:
    """`live` are the replies that are being shown."""

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
        self.live: set[Waits] = set()

    async def insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Does what is asked of a platform or the database, however often it takes. Raises what is
        final, and SurfaceUnreachable or DatabaseError when PATIENCE is at its end."""
        began, tries = self.clock(), 0
        while True:
            try:
                return await work()
            except RateLimited as limited:
                # Not all at once: a limit that many wait for would be reached again.
                await self.sleep(limited.retry_after * (1 + 0.5 * self.rng()))
                continue
            except SurfaceUnreachable:
                longest = _LONGEST_WAIT
                if self.clock() - began > PATIENCE:
                    raise
            except DatabaseError as error:
                longest = _LONGEST_DATABASE_WAIT
                if not error.retryable or self.clock() - began > PATIENCE:
                    raise
                self._tell(error, waited=self.clock() - began)
            await self.sleep(min(self._wait(tries), longest))
            tries += 1

    def _tell(self, error: DatabaseError, *, waited: float) -> None:
        _log.warning("waiting for the database", error=repr(error))
        for reply in self.live if waited >= TOLD_AFTER else ():
            reply.context.run(reply.wait_for_database)

    def _wait(self, tries: int) -> float:
        """Doubling, a quarter up or down by chance; seconds."""
        backoff: float = min(_FIRST_WAIT * 2.0**tries, _LONGEST_WAIT)
        return backoff * (0.75 + 0.5 * self.rng())


class SharedPace:
    """How often a message may be edited: all that grow at once share what a platform allows.
    `alone` is the pace of one that grows alone, in seconds."""

    def __init__(self, alone: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._alone = alone
        self._clock = clock
        self._edited: dict[str, float] = {}

    def note(self, message: str, *, grows: bool) -> None:
        if grows:
            self._edited[message] = self._clock()
        else:
            self._edited.pop(message, None)

    def seconds(self, per_second: float) -> float:
        """Between two edits of one message, where the platform allows so many edits a second."""
        since = self._clock() - _QUIET_AFTER
        self._edited = {place: at for place, at in self._edited.items() if at >= since}
        return max(self._alone, len(self._edited) / per_second)
