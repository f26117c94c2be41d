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
class RecentStarts:
    """Moments at which requests started within the last `window` seconds."""

    window: float
    clock: Callable[[], float]
    _starts: deque[float] = field(default_factory=deque)

    def add(self) -> None:
        self._starts.append(self.clock())

    def __len__(self) -> int:
        now = self.clock()
        while self._starts and self._starts[0] <= now - self.window:
            self._starts.popleft()
        return len(self._starts)

    def until_oldest_leaves(self) -> float:
        """Seconds until the oldest start is out of the window; 0 where there is none."""
        return max(0.0, self._starts[0] + self.window - self.clock()) if len(self) else 0.0
