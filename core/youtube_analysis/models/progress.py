"""Where work stands that has not begun yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queued:
    """Waits for an upstream that is busy; 1 is next."""

    position: int
