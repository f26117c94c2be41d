"""What went wrong in a turn, for the person who asked and for the log."""

from __future__ import annotations

from vidthread.replies import failure
from vidthread.surface import Block, Notice
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger

from .turn import Turn

_log = get_logger(__name__)


def tell(turn: Turn, error: VideoAnalysisError) -> tuple[Block, ...]:
    """The error's sentence; where nobody but an admin can look further, with the reference that
    every line of the log carries meanwhile."""
    if isinstance(error, InvalidRequest):
        return (Notice(error.message),)
    _log.warning("turn failed", error=error.code, cause=repr(error.__cause__))
    again = turn.reply if error.retryable else ""
    return failure(error.message, turn.reference, again=again)
