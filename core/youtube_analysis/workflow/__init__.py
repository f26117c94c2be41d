"""From a request to a finished analysis, as a stream of events."""

from .video_analysis import (
    Event,
    Finished,
    Progress,
    SectionDelta,
    SectionDone,
    SectionFailed,
    Stage,
    VideoAnalysisWorkflow,
    VideoRead,
)

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
