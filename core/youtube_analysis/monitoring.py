"""Counters of what really happened, for statistics and metrics."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class ConnectionCounters:
    """Since the session was made: connections made and used again, requests that had to wait."""

    created: int = 0
    reused: int = 0
    queued: int = 0
    requests: int = 0


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
        return max(0.0, self._leaving[0] - self.clock()) if len(self) else 0.0
