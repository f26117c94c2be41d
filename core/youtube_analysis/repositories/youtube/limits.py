"""When YouTube may be asked: how many at once and a minute, fairly, and not during an outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from youtube_analysis.config import Settings
from youtube_analysis.errors import YouTubeBlocked, YouTubeBusy, YouTubeUnreachable
from youtube_analysis.metrics import Metrics
from youtube_analysis.upstream import CircuitBreaker, FairQueue

# Of one video: the page, what its player is told, the captions.
REQUESTS = 3
# Servers count a start when it arrives; the half second is for those that travel faster.
WINDOW = 60.5

Sleep = Callable[[float], Awaitable[None]]
OnWait = Callable[[int], None]


class RateWindow:
    """At most `most` starts in any WINDOW seconds: a sliding log, since a leaky bucket would let
    nearly twice as many through. Several sessions may share one, and ask it from any thread."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._interval = int(WINDOW * 1000)
        self._bucket = InMemoryBucket([Rate(most, self._interval)])

    def take(self) -> float:
        """0 where a request starts now, else the seconds until one may."""
        item = RateItem("request", self._now())
        self._bucket.leak(item.timestamp)
        # Between the two looks at the clock, the oldest start may leave the window.
        return 0.0 if self._bucket.put(item) else max(self.until_room(1), 0.001)

    def recent(self) -> int:
        """How many starts are in the window."""
        self._bucket.leak(self._now())
        return self._bucket.count()

    def until_room(self, starts: int) -> float:
        """Seconds until so many requests may start; more than ever fit need an empty window."""
        last = self._bucket.peek(self._most - min(starts, self._most))
        if last is None:
            return 0.0
        return max(0, last.timestamp + self._interval + 1 - self._now()) / 1000

    def _now(self) -> int:
        return int(self._clock() * 1000)


@dataclass(eq=False, slots=True)
class VideoPermit:
    """One video's right to be asked for; `started` of the REQUESTS kept for it were used."""

    started: int = 0


class YouTubeLimits:
    """A permit for each video, a start for each of its requests. Belongs to the loop on which it is
    used.

    Permits are given fairly between tenants, to as many videos as may ask at once and only while
    the window has room for all that they need: nobody is stopped halfway while another could
    finish.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        *,
        window: RateWindow | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        # Nothing may queue inside the connection pool, where waiting would count as connecting.
        self.at_once = min(
            settings.rate_concurrent, settings.http_max_per_host, settings.http_max_connections
        )
        self._metrics = metrics or Metrics()
        self._window = window or RateWindow(settings.rate_per_minute, clock)
        self._clock = clock
        self._sleep = sleep
        self._queue = FairQueue(self.at_once, "youtube", self._metrics, until_room=self._until_room)
        self._breaker = CircuitBreaker(
            "no answer of YouTube",
            dict.fromkeys((YouTubeBlocked, YouTubeBusy, YouTubeUnreachable), 5),
            on_refusal=self._metrics.upstream_refused.labels("youtube").inc,
        )
        down = self._metrics.upstream_down.labels("youtube")
        down.set_function(lambda: self._breaker.is_open)
        self._permits: set[VideoPermit] = set()
        self._slots = asyncio.Semaphore(self.at_once)
        self._next = asyncio.Lock()
        self._metrics.requests_recent.set_function(self._window.recent)

    @asynccontextmanager
    async def permit(self, on_wait: OnWait | None = None) -> AsyncIterator[VideoPermit]:
        """Waits for the right to read one video, with all its tries. `on_wait` is told the place
        in the queue (1: this is next). Raises the last YouTubeError during an outage."""
        with self._queue.slot() as slot:
            async for position in slot.positions():
                if on_wait:
                    on_wait(position)
            permit = VideoPermit()
            self._permits.add(permit)
            try:
                with self._breaker.attempt():
                    yield permit
            finally:
                self._permits.remove(permit)

    @asynccontextmanager
    async def request(self, permit: VideoPermit | None = None) -> AsyncIterator[None]:
        """Waits for the right to start one request, which is what the context holds."""
        came = self._clock()
        waited = self._slots.locked() or self._next.locked()
        async with self._slots:
            async with self._next:
                while wait := self._window.take():
                    waited = True
                    await self._sleep(wait)
            if permit:
                permit.started = min(permit.started + 1, REQUESTS)
            self._metrics.requests.inc()
            self._metrics.requests_queued.inc(waited)
            self._metrics.limiter_wait.observe(self._clock() - came)
            yield

    def _until_room(self) -> float:
        started = sum(permit.started for permit in self._permits)
        return self._window.until_room(REQUESTS * (self._queue.served + 1) - started)
