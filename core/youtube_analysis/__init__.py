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
        Queued,
        Support,
        TaskFailure,
        TaskOutput,
        TokenUsage,
    )
    from .models.chat import Answer, ChatMessage, ChatSession, MessageRole
    from .models.notices import Missing, Notice, NoticeCode
    from .models.style import Length, Style
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

# What takes longer to import stands further behind.
_ROOMS = (
    *("errors", "config", "models.video", "models.analysis", "models.notices", "models.chat"),
    *("models.style", "captions", "service_factory", "analysis_v2"),
)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name in __all__:
            for room in _ROOMS:
                found = vars(import_module(f"{__name__}.{room}"))
                if name in found:
                    return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "Length",
    "MessageRole",
    "Missing",
    "Notice",
    "NoticeCode",
    "Queued",
    "Segment",
    "ServiceFactory",
    "Settings",
    "Style",
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
