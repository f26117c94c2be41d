"""From a request to a finished analysis, as a stream of events."""

from .events import (
    Event,
    Finished,
    Progress,
    SectionDelta,
    SectionDone,
    SectionFailed,
    Stage,
    VideoRead,
)
from .video_analysis import VideoAnalysisWorkflow

__all__ = [
    "Event",
    "Finished",
    "Progress",
    "SectionDelta",
    "SectionDone",
    "SectionFailed",
    "Stage",
    "VideoAnalysisWorkflow",
    "VideoRead",
]
