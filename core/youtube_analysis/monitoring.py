"""Counters of what really happened, for statistics and metrics."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BOUNDS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0),
)
# How often the event loop is asked whether it is late, in seconds.
_LAG_EVERY = 0.1


@dataclass(slots=True)
class Histogram:
    """How many durations fell below each of BOUNDS and not below the one before, and their sum;
    the last count is of those beyond all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The bound below which at least this share lies; 0 where nothing was observed."""
        wanted, seen = share * self.count, 0
        for bound, number in zip((*BOUNDS, float("inf")), self.counts, strict=True):
            seen += number
            if number and seen >= wanted:
                return bound
        return 0.0


def merged(histograms: Iterable[Histogram]) -> Histogram:
    total = Histogram()
    for one in histograms:
        total.counts = [a + b for a, b in zip(total.counts, one.counts, strict=True)]
        total.seconds += one.seconds
    return total


class Timings(dict[str, Histogram]):
    """How long each stage of the work took, by its name."""

    def observe(self, stage: str, seconds: float) -> None:
        self.setdefault(stage, Histogram()).observe(seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Only what succeeds counts: a failure at once would look like speed."""
        began = time.perf_counter()
        yield
        self.observe(stage, time.perf_counter() - began)


@dataclass(slots=True)
class LoopLag:
    """How late an event loop runs what is due."""

    observed: Histogram = field(default_factory=Histogram)

    async def watch(self) -> None:
        """Without an end."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY
            await asyncio.sleep(_LAG_EVERY)
            self.observed.observe(max(0.0, loop.time() - due))


@dataclass(slots=True)
class ConnectionCounters:
    """Since the session was made: connections made and used again, requests that had to wait.

    `waits` is how long each waited for the limiter, `answers` how long its answer took then.
    """

    created: int = 0
    reused: int = 0
    queued: int = 0
    requests: int = 0
    waits: Histogram = field(default_factory=Histogram)
    answers: Histogram = field(default_factory=Histogram)


@dataclass(slots=True)
class ModelCounters:
    """Since the model was made: requests that it was sent, and tokens as it counted them.

    `cost` is in the currency of the prices that were set, zero without them.
    """

    requests: int = 0
    failures: int = 0
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cost: float = 0.0

    def __add__(self, other: ModelCounters) -> ModelCounters:
        return ModelCounters(
            self.requests + other.requests,
            self.failures + other.failures,
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class UpstreamFigures:
    """One upstream as it is now: who is `served` and who `waiting`, how long those served had
    waited, how many were `refused` because it is down, and whether it still is."""

    name: str
    served: int
    waiting: int
    waits: Histogram
    refused: int
    is_down: bool


@dataclass(slots=True)
class RecentStarts:
    """How many requests started within the last `window` seconds."""

    window: float
    clock: Callable[[], float]
    # When each leaves the window: a wait until the very number that is compared always ends.
    _leaving: deque[float] = field(default_factory=deque)

    def add(self) -> None:
        self._leaving.append(self.clock() + self.window)

    def __len__(self) -> int:
        now = self.clock()
        while self._leaving and self._leaving[0] <= now:
            self._leaving.popleft()
        return len(self._leaving)

    def count(self) -> int:
        """The same from any thread: it changes nothing."""
        now = self.clock()
        return sum(leaving > now for leaving in self._leaving.copy())

    def until_oldest_leaves(self) -> float:
        """Seconds until the oldest start is out of the window; 0 where there is none."""
        return self.until_left(1)

    def until_left(self, number: int) -> float:
        """Seconds until so many starts are out of the window; infinity where fewer are in it."""
        if number <= 0 or (number == 1 and not len(self)):
            return 0.0
        if len(self) < number:
            return float("inf")
        return max(0.0, self._leaving[number - 1] - self.clock())
