"""What happens on the way to a result. Events are the only way that results travel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from youtube_analysis.models.analysis import AnalysisResult, AnalysisType, TaskFailure, TaskOutput
from youtube_analysis.models.progress import Queued
from youtube_analysis.passages.reading import Reading


class Stage(StrEnum):
    READING = "reading"
    ANALYZING = "analyzing"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps of a stage: answers of YouTube, or finished sections."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class VideoRead:
    """`reading.video` tells info and coverage; the reading serves for questions too."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class SectionDelta:
    type: AnalysisType
    text: str


@dataclass(frozen=True, slots=True)
class SectionDone:
    """Comes a second time where a verifier changed what was found in the video."""

    output: TaskOutput


@dataclass(frozen=True, slots=True)
class SectionFailed:
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class Finished:
    result: AnalysisResult


Event = Queued | Progress | VideoRead | SectionDelta | SectionDone | SectionFailed | Finished
