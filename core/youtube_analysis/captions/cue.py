"""What every format is read into before it is tidied."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """Raw text with its markup; seconds. `end` is None where the format names none."""

    text: str
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class Parsed:
    cues: list[Cue]
    format: str
    language: str | None = None
    timed: bool = True
