"""Front door of the core: reads a YouTube video or a captions file and analyzes it."""

from .analysis import run_analysis
from .analysis_v2 import get_performance_stats, run_analysis_v2
from .config import Settings
from .errors import VideoAnalysisError
from .models.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisStatus,
    AnalysisType,
    CaptionsFile,
    Citation,
    Classification,
    ContentCategory,
    ContextTag,
    TaskFailure,
    TaskOutput,
    TokenUsage,
)
from .models.chat import Answer, ChatMessage, MessageRole
from .models.link import VideoLink, parse_link
from .models.progress import Queued
from .models.transcript import CaptionTrack, Chapter, Coverage, Segment
from .models.video import VideoData, VideoInfo
from .service_factory import ServiceFactory

__all__ = [
    "AnalysisRequest",
    "AnalysisResult",
    "AnalysisStatus",
    "AnalysisType",
    "Answer",
    "CaptionTrack",
    "CaptionsFile",
    "Chapter",
    "ChatMessage",
    "Citation",
    "Classification",
    "ContentCategory",
    "ContextTag",
    "Coverage",
    "MessageRole",
    "Queued",
    "Segment",
    "ServiceFactory",
    "Settings",
    "TaskFailure",
    "TaskOutput",
    "TokenUsage",
    "VideoAnalysisError",
    "VideoData",
    "VideoInfo",
    "VideoLink",
    "get_performance_stats",
    "parse_link",
    "run_analysis",
    "run_analysis_v2",
]
