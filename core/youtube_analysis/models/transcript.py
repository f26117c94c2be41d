"""What was said and when: captions as timed segments, and how much of the video they cover."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

# A minute without a caption is told; shorter silences are music, pauses, slides.
GAP_SECONDS = 60.0


class Source(StrEnum):
    YOUTUBE = "youtube"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Segment:
    """One caption as shown: `text` may hold line breaks; times are seconds from the start."""

    text: str
    start: float
    duration: float

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    start: float


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """The track that was read. `language` is its BCP 47 code, empty where nobody knows it.

    `translated_from` is the code of the track that YouTube translated by machine, if it did.
    """

    language: str
    name: str
    generated: bool = False
    translated_from: str | None = None

    def describe(self) -> str:
        kind = "auto-generated" if self.generated else "captions by people"
        if self.translated_from:
            kind = f"machine-translated from {self.translated_from}"
        # YouTube's own names say so too.
        name = self.name.removesuffix(" (auto-generated)")
        return f"{name or self.language or 'unknown language'} ({kind})"


@dataclass(frozen=True, slots=True)
class Gap:
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the running time has captions: `read` of `total` seconds, and where none are.

    `timed` is False for a text without any times; its seconds are then estimates.
    """

    read: float
    total: float
    gaps: tuple[Gap, ...] = ()
    timed: bool = True


def measure_coverage(
    segments: tuple[Segment, ...], duration: float | None, *, timed: bool = True
) -> Coverage:
    """`segments` are in order of start; `duration` is the video's, None where it is not known."""
    if not segments:
        return Coverage(0.0, duration or 0.0, timed=timed)
    last = max(segment.end for segment in segments)
    total = max(duration or 0.0, last)
    reached, gaps = 0.0, []
    for segment in (*segments, Segment("", total, 0.0)):
        if segment.start - reached >= GAP_SECONDS:
            gaps.append(Gap(reached, segment.start))
        reached = max(reached, segment.end)
    silent = sum(gap.end - gap.start for gap in gaps)
    return Coverage(total - silent, total, tuple(gaps), timed)


def in_order(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Sorted by start; already sorted input comes back as it is."""
    if all(a.start <= b.start for a, b in pairwise(segments)):
        return segments
    return tuple(sorted(segments, key=lambda segment: segment.start))
