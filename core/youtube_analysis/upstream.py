"""In front of an upstream: a fair queue where it serves only so many at once, a window where it
serves only so many a minute, and a circuit breaker for when it is down."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Self

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from .errors import VideoAnalysisError
from .logging import get_logger
from .metrics import Metrics

_log = get_logger(__name__)
_tenant: ContextVar[str] = ContextVar("tenant", default="")
# Who waits in a crowd is told no more often than anybody could read, in seconds.
_CROWD, _PACE = 20, 0.2
# Servers count a start when it arrives; the half second is for those that travel faster.
WINDOW = 60.5


@contextmanager
def bound_tenant(name: str) -> Iterator[None]:
    """Whom the work that is begun here is done for: queues are fair between tenants."""
    token = _tenant.set(name)
    try:
        yield
    finally:
        _tenant.reset(token)


class FairQueue:
    """Next comes the request whose tenant has the fewest being served or ahead of it; then the one
    whose tenant was admitted longest ago; then the oldest. So fifty requests of one tenant do not
    hold up the single one of another.

    `until_room` gives the seconds until the upstream takes one more, 0 for now. Its figures are
    those of `upstream`. Belongs to the loop on which it is used.
    """

    def __init__(
        self,
        slots: int,
        upstream: str = "",
        metrics: Metrics | None = None,
        *,
        until_room: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.served = 0
        self.waiting = 0
        self._slots = slots
        self._until_room = until_room
        self._clock = clock
        self._numbers = count()
        self._served: Counter[str] = Counter()
        self._waiting: dict[str, deque[QueueSlot]] = {}
        # When each tenant that is here was let in last, in numbers of `_admissions`.
        self._latest: dict[str, int] = {}
        self._admissions = count(1)
        self._telling: asyncio.TimerHandle | None = None
        self._told = -_PACE
        self._admitting: asyncio.TimerHandle | None = None
        metrics = metrics or Metrics()
        self._wait_seconds = metrics.upstream_wait.labels(upstream)
        metrics.upstream_served.labels(upstream).set_function(lambda: self.served)
        metrics.upstream_waiting.labels(upstream).set_function(lambda: self.waiting)

    def slot(self) -> QueueSlot:
        """A place in the queue: enter it as a context, then wait for your turn."""
        return QueueSlot(self, _tenant.get(), next(self._numbers))

    def join(self, slot: QueueSlot) -> None:
        slot.since = self._clock()
        self._waiting.setdefault(slot.tenant, deque()).append(slot)
        self.waiting += 1
        self._admit()

    def leave(self, slot: QueueSlot, *, admitted: bool) -> None:
        if admitted:
            self.served -= 1
            self._served[slot.tenant] -= 1
        else:
            self._remove(slot)
        if not self._served[slot.tenant]:
            del self._served[slot.tenant]
        if not self._waiting:  # else whoever asks again at once would rank as never served
            self._latest.clear()
        self._admit()

    def _admit(self) -> None:
        """Lets in whoever may; called whenever there may be more room than before."""
        while self.served < self._slots and self._waiting:
            if wait := self._until_room():
                self._admit_later(wait)
                break
            slot = min((queue[0] for queue in self._waiting.values()), key=self._rank)
            self._remove(slot)
            self.served += 1
            self._served[slot.tenant] += 1
            self._latest[slot.tenant] = next(self._admissions)
            self._wait_seconds.observe(self._clock() - slot.since)
            slot.move(0)
        if self._waiting and self._telling is None:
            loop = asyncio.get_running_loop()
            due = self._told + _PACE if self.waiting > _CROWD else 0.0
            self._telling = loop.call_at(due, self._tell)

    def _rank(self, slot: QueueSlot, before: int = 0) -> tuple[int, int, int]:
        tenant = slot.tenant
        return self._served[tenant] + before, self._latest.get(tenant, 0), slot.number

    def _remove(self, slot: QueueSlot) -> None:
        queue = self._waiting[slot.tenant]
        queue.remove(slot)
        self.waiting -= 1
        if not queue:
            del self._waiting[slot.tenant]

    def _admit_later(self, wait: float) -> None:
        if self._admitting:
            self._admitting.cancel()
        self._admitting = asyncio.get_running_loop().call_later(wait, self._admit)

    def _tell(self) -> None:
        self._telling = None
        self._told = asyncio.get_running_loop().time()
        ranked = sorted(
            (self._rank(slot, before), slot)
            for queue in self._waiting.values()
            for before, slot in enumerate(queue)
        )
        for position, (_, slot) in enumerate(ranked, start=1):
            slot.move(position)


class QueueSlot:
    """`position` is 0 for who is served, 1 for who is next."""

    def __init__(self, queue: FairQueue, tenant: str, number: int) -> None:
        self.tenant = tenant
        self.number = number
        self.since = 0.0
        self.position = -1
        self._queue = queue
        self._moved = asyncio.Event()

    def __enter__(self) -> Self:
        self._queue.join(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.leave(self, admitted=self.position == 0)

    def move(self, position: int) -> None:
        if position != self.position:
            self.position = position
            self._moved.set()

    async def positions(self) -> AsyncGenerator[int]:
        """Where this stands in the queue, each time that it moves; ends when it is its turn."""
        while self.position:
            await self._moved.wait()
            self._moved.clear()
            if self.position:
                yield self.position


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


class CircuitBreaker:
    """After several failures of one kind in a row, whoever asks gets the last one at once.

    `most` tells by kind how many those are; any other answer tells that the upstream is there.
    An outage lasts for `rest` seconds. Then one may try: what it meets ends the outage, or begins
    another rest. Failures of requests that were under way together count once. However many
    requests fail alike, that is told in the log once, as `event`. `on_refusal` is called for each
    who is spared the wait.
    """

    def __init__(
        self,
        event: str,
        most: Mapping[type[VideoAnalysisError], float],
        *,
        rest: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        on_refusal: Callable[[], object] = lambda: None,
    ) -> None:
        self._event = event
        self._most = most
        self._rest = rest
        self._clock = clock
        self._failure: VideoAnalysisError | None = None  # the one that lasts
        self._in_a_row = 0
        self._counted = 0
        self._until = 0.0
        self._trying = False
        self._on_refusal = on_refusal

    @property
    def is_open(self) -> bool:
        return self._failure is not None and self._in_a_row >= self._most_of(self._failure)

    @property
    def attempts(self) -> int:
        """How often a request is worth trying: once while the last failure may last."""
        return 1 if self._failure and self._failure.retryable else 3

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one request with all its retries. Raises the last failure during an outage."""
        trying, counted = self._enter(), self._counted
        try:
            yield
        except VideoAnalysisError as error:
            self._judge(error, counted)
            raise
        else:
            self._failure = None
        finally:
            if trying:
                self._trying = False

    def _enter(self) -> bool:
        """Whether this is the one that tries during an outage."""
        if not self.is_open or self._failure is None:
            return False
        remaining = self._until - self._clock()
        if self._trying or remaining > 0:
            self._on_refusal()
            refusal = self._failure.copy()
            refusal.retry_after = max(1.0, remaining)
            raise refusal
        self._trying = True
        return True

    def _judge(self, error: VideoAnalysisError, counted: int) -> None:
        """`counted` is how many failures had been counted when the request began."""
        if not self._most_of(error):
            self._failure = None
            return
        same = self._failure is not None and self._failure.code == error.code
        log = _log.info if same else _log.warning
        log(self._event, error=error.code, reason=error.message)
        if counted == self._counted or not same:
            self._in_a_row = self._in_a_row + 1 if same else 1
            self._counted += 1
        self._failure = error
        self._until = self._clock() + self._rest

    def _most_of(self, error: VideoAnalysisError) -> float:
        return next((most for kind, most in self._most.items() if isinstance(error, kind)), 0)
