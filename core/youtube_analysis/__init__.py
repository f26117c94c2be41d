"""Front door of the core: reads a YouTube video or a captions file and analyzes it.

What it offers is imported when it is first asked for: who needs one room waits for no other.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .analysis_v2 import get_performance_stats, run_analysis, run_analysis_v2
    from .captions import parse_captions
    from .config import Settings
    from .errors import VideoAnalysisError
    from .models.analysis import (
        AnalysisRequest,
        AnalysisResult,
        AnalysisStatus,
        AnalysisType,
        CaptionsFile,
        Citation,
        Claim,
        Classification,
        ContentCategory,
        ContextTag,
        Notice,
        NoticeCode,
        Queued,
        Support,
        TaskFailure,
        TaskOutput,
        TokenUsage,
    )
    from .models.chat import Answer, ChatMessage, ChatSession, MessageRole
    from .models.video import (
        CaptionTrack,
        Chapter,
        Coverage,
        Segment,
        VideoData,
        VideoInfo,
        VideoLink,
        parse_link,
    )
    from .service_factory import ServiceFactory

_OFFERED = {
    "analysis_v2": "get_performance_stats run_analysis run_analysis_v2",
    "captions": "parse_captions",
    "config": "Settings",
    "errors": "VideoAnalysisError",
    "models.analysis": (
        "AnalysisRequest AnalysisResult AnalysisStatus AnalysisType CaptionsFile Citation "
        "Claim Classification ContentCategory ContextTag Notice NoticeCode Queued Support "
        "TaskFailure TaskOutput TokenUsage"
    ),
    "models.chat": "Answer ChatMessage ChatSession MessageRole",
    "models.video": (
        "CaptionTrack Chapter Coverage Segment VideoData VideoInfo VideoLink parse_link"
    ),
    "service_factory": "ServiceFactory",
}
_FOUND_IN = {name: room for room, names in _OFFERED.items() for name in names.split()}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _FOUND_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)


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
    "ChatSession",
    "Citation",
    "Claim",
    "Classification",
    "ContentCategory",
    "ContextTag",
    "Coverage",
    "MessageRole",
    "Notice",
    "NoticeCode",
    "Queued",
    "Segment",
    "ServiceFactory",
    "Settings",
    "Support",
    "TaskFailure",
    "TaskOutput",
    "TokenUsage",
    "VideoAnalysisError",
    "VideoData",
    "VideoInfo",
    "VideoLink",
    "get_performance_stats",
    "parse_captions",
    "parse_link",
    "run_analysis",
    "run_analysis_v2",
]
