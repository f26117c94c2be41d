"""What all replies share that are written while people watch."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from vidthread.menus import CAPTIONS, retry
from vidthread.presenter import Presenter
from vidthread.replies import failure
from vidthread.sentences import say, say_error
from vidthread.store import Store
from vidthread.surface import Actions, Block, Notice
from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    DatabaseError,
    InvalidRequest,
    VideoAnalysisError,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeChanged,
)
from youtube_analysis.logging import get_logger
from youtube_analysis.models.chat import ChatMessage, ChatSession
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.service_factory import ServiceFactory

from .turn import Stopped, Turn

_log = get_logger(__name__)
# A captions file does what YouTube does not.
_MENDED_BY_CAPTIONS = (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeChanged,
)


class NoVideo(InvalidRequest):
    code = "no_video"

    def __init__(self) -> None:
        super().__init__(say("error.no_video"))


async def current_reading(factory: ServiceFactory, session: ChatSession) -> Transcript:
    """The video that a thread talks about: the one opened last. Raises NoVideo.

    It comes from what was kept when it was read, so that a thread goes on after a restart
    whatever YouTube says.
    """
    if not session.videos:
        raise NoVideo
    fingerprint = session.videos[-1].fingerprint
    stored = partial(factory.get_session_repository().video, fingerprint)
    reading = await factory.get_transcript_service().recall(fingerprint, stored)
    if reading is None:
        raise NoVideo
    return reading


def explained(turn: Turn, error: VideoAnalysisError) -> tuple[Block, ...]:
    """The error's sentence; where nobody but an admin can look further, with the reference that
    every line of the log carries meanwhile. Raises a database's error that will pass: the turn is
    served again then."""
    if isinstance(error, DatabaseError) and error.retryable:
        raise error
    if isinstance(error, InvalidRequest):
        return (Notice(say_error(error)),)
    _log.warning("turn failed", error=error.code, cause=repr(error.__cause__))
    buttons = (retry(turn.reply),) if error.retryable else ()
    if isinstance(error, _MENDED_BY_CAPTIONS):
        buttons = (*buttons, CAPTIONS)
    return failure(say_error(error), turn.reference, *buttons)


class Writing:
    """What makes one reply after the other: each is shown while it grows, its last state is
    returned."""

    def __init__(self, factory: ServiceFactory, store: Store, presenter: Presenter) -> None:
        self._factory = factory
        self._store = store
        self._sessions = factory.get_session_repository()
        self._insist = presenter.insist

    async def outcome(
        self, turn: Turn, work: Coroutine[Any, Any, None]
    ) -> tuple[Block, ...] | None:
        """Does the work. What stands below what there is, where it did not come to its end."""
        try:
            await turn.stoppable(work)
        except Stopped:
            return (Notice(say("notice.stopped")), Actions((retry(turn.reply),)))
        except VideoAnalysisError as error:
            return explained(turn, error)
        return None

    async def record(self, turn: Turn, messages: Sequence[ChatMessage]) -> None:
        key, reply, author = turn.key, turn.reply, turn.incoming.author
        await self._insist(lambda: self._sessions.record(key.session, reply, messages))
        await self._insist(lambda: self._store.threads.remember_author(key, reply, author))


def message_of(turn: Turn, reading: Transcript) -> partial[ChatMessage]:
    """Makes what the thread's log holds of a reply."""
    return partial(ChatMessage, reply=turn.reply, fingerprint=reading.fingerprint)
