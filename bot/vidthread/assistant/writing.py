"""Replies that are written while people watch: analyses, and answers to questions."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from structlog.contextvars import bind_contextvars

from vidthread.commands import Analyze, Make
from vidthread.presenter import Presenter, View
from vidthread.replies import STOPPED, AnalysisState, AnswerState, failure, retry
from vidthread.store import Store
from vidthread.surface import Actions, Block, Notice, Reply
from youtube_analysis.errors import (
    DatabaseError,
    InvalidRequest,
    ModelError,
    VideoAnalysisError,
)
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisType, CaptionsFile
from youtube_analysis.models.chat import Answer, ChatMessage, ChatSession, MessageRole
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.workflow import Finished, VideoRead

from .turns import Stopped, Turn

_log = get_logger(__name__)
DEFAULT_TYPES = (AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS)


class NoVideo(InvalidRequest):
    code = "no_video"

    def __init__(self) -> None:
        super().__init__(
            "There is no video in this thread yet. Send a link to one on YouTube, or drop a "
            "captions file (.srt, .vtt, .txt …)."
        )


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
        return (Notice(error.message),)
    _log.warning("turn failed", error=error.code, cause=repr(error.__cause__))
    return failure(error.message, turn.reference, again=turn.reply if error.retryable else "")


class Writing:
    """Each public method makes one reply, and shows it while it grows; its last state is
    returned."""

    def __init__(self, factory: ServiceFactory, store: Store, presenter: Presenter) -> None:
        self._factory = factory
        self._store = store
        self._sessions = factory.get_session_repository()
        self._insist = presenter.insist

    async def analyze(self, turn: Turn, view: View, wanted: Analyze) -> Reply:
        """Reads a video that this thread is about from now on: the one of a link, of the file that
        came along, or what the thread is about already."""
        session = await self._sessions.open(turn.key.session)
        types = wanted.types or turn.settings.types or DEFAULT_TYPES
        language = wanted.language or session.language or turn.settings.language
        reading = None
        if files := turn.incoming.attachments:
            source: str | CaptionsFile = CaptionsFile(files[0].name, files[0].content)
        elif wanted.link:
            source = wanted.link
        else:
            known = await current_reading(self._factory, session)
            source = _link(session, known)
            reading = None if _is_read_by_link(session) else known
        request = AnalysisRequest(source, types, language, use_cache=not wanted.anew)
        return await self._write(turn, view, request, reading)

    async def make(self, turn: Turn, view: View, wanted: Make) -> Reply:
        """More analyses of the video that the thread is about."""
        session = await self._sessions.open(turn.key.session)
        reading = await current_reading(self._factory, session)
        language = wanted.language or session.language or turn.settings.language
        link = _link(session, reading)
        request = AnalysisRequest(link, wanted.types, language, use_cache=not wanted.anew)
        # The kept reading, unless other captions are needed for the language to write in.
        translates = self._factory.get_video_analysis_workflow().translates
        fits = translates or language in {None, reading.language}
        usable = fits or not _is_read_by_link(session)
        return await self._write(turn, view, request, reading if usable else None)

    async def answer(self, turn: Turn, view: View, question: str) -> Reply:
        """Answers from the whole talk and the thread's words about it."""
        session = await self._sessions.open(turn.key.session)
        reading = await current_reading(self._factory, session)
        turns = _turns_about(session, reading)
        state = AnswerState(turn.reply, turn.incoming.message, reading)
        view.show(state.reply())

        async def work() -> None:
            nonlocal state
            bind_contextvars(video=reading.video.info.video_id)
            language = session.language or turn.settings.language
            chat = self._factory.get_chat_service()
            asked = chat.ask(reading, question, turns=turns, language=language)
            async with aclosing(asked) as parts:
                async for part in parts:
                    if isinstance(part, Answer):
                        state = state.fold(await self._verified_first(turn, reading, part))
                    else:
                        state = state.fold(part)
                        view.show(state.reply())

        ended = await self._outcome(turn, work())
        final = state.reply() if ended is None else state.ended(*ended)
        message = _message_of(turn, reading)
        asked = message(MessageRole.USER, question)
        messages = [asked]
        if made := state.answer:
            messages.append(message(MessageRole.ASSISTANT, made.text, answer=made))
            if not turn.surface.limits.prints:
                turn.afterwards = partial(self._verified_later, turn, state, asked)
        await self._record(turn, messages)
        return final

    # --- analyses ---

    async def _write(
        self, turn: Turn, view: View, request: AnalysisRequest, reading: Transcript | None
    ) -> Reply:
        opens = not turn.incoming.key.thread
        state = AnalysisState(turn.reply, turn.incoming.message, request.types, opens=opens)
        view.show(state.reply())

        async def work() -> None:
            nonlocal state
            workflow = self._factory.get_video_analysis_workflow()
            async with workflow.open(request, reading=reading) as events:
                async for event in events:
                    state = state.fold(event)
                    if isinstance(event, VideoRead) and event.reading is not reading:
                        await self._remember_video(turn, request, event.reading)
                    if not isinstance(event, Finished):
                        view.show(state.reply())

        ended = await self._outcome(turn, work())
        if state.reading and state.outputs:
            await self._record(turn, _analyzed(turn, request, state, state.reading))
        if state.reading:
            self._factory.get_meaning().schedule(state.reading)
        return state.reply() if ended is None else state.ended(*ended)

    async def _remember_video(
        self, turn: Turn, request: AnalysisRequest, reading: Transcript
    ) -> None:
        """The thread knows its video before anything is written about it, so that what is asked
        meanwhile, or after a crash, has something to be answered from."""
        link = request.link if isinstance(request.link, str) else ""
        key, video = turn.key.session, reading.video
        await self._insist(lambda: self._sessions.add_video(key, video, reading.fingerprint, link))
        await turn.surface.entitle(reading.video.info.title)

    # --- answers ---

    async def _verified_first(self, turn: Turn, reading: Transcript, answer: Answer) -> Answer:
        """The answer as it is shown: where it cannot change afterwards, a verifier comes first."""
        if not turn.surface.limits.prints:
            return answer
        try:
            return await self._factory.get_chat_service().verify(reading, answer) or answer
        except ModelError:
            return answer  # the verdict of the rules stays

    async def _verified_later(
        self, turn: Turn, state: AnswerState, asked: ChatMessage
    ) -> Reply | None:
        """The reply with a verifier's verdicts, kept as well; None where they change nothing, or
        where it was forgotten meanwhile."""
        if state.answer is None:
            return None
        verified = await self._factory.get_chat_service().verify(state.reading, state.answer)
        if verified is None:
            return None
        message = _message_of(turn, state.reading)
        answer = message(MessageRole.ASSISTANT, verified.text, answer=verified)
        kept = await self._sessions.record(
            turn.key.session, turn.reply, [asked, answer], amends=True
        )
        return state.fold(verified).reply() if kept else None

    # --- both ---

    async def _outcome(
        self, turn: Turn, work: Coroutine[Any, Any, None]
    ) -> tuple[Block, ...] | None:
        """Does the work. What stands below what there is, where it did not come to its end."""
        try:
            await turn.stoppable(work)
        except Stopped:
            return (Notice(STOPPED), Actions((retry(turn.reply),)))
        except VideoAnalysisError as error:
            return explained(turn, error)
        return None

    async def _record(self, turn: Turn, messages: Sequence[ChatMessage]) -> None:
        key, reply, author = turn.key, turn.reply, turn.incoming.author
        await self._insist(lambda: self._sessions.record(key.session, reply, messages))
        await self._insist(lambda: self._store.threads.remember_author(key, reply, author))


def _is_read_by_link(session: ChatSession) -> bool:
    """Captions that were handed in are never read again."""
    return bool(session.videos[-1].link)


def _link(session: ChatSession, reading: Transcript) -> str:
    """For captions that were handed in, only a name."""
    return session.videos[-1].link or reading.video.info.video_id


def _turns_about(session: ChatSession, reading: Transcript) -> tuple[ChatMessage, ...]:
    """What was said in the thread about this video, oldest first; refusals teach nothing."""
    return tuple(
        message
        for message in session.messages
        if message.fingerprint == reading.fingerprint and message.text
    )


def _analyzed(
    turn: Turn, request: AnalysisRequest, state: AnalysisState, reading: Transcript
) -> list[ChatMessage]:
    """What was asked for, and what was made of it."""
    named = ", ".join(kind.value for kind in request.types)
    if isinstance(request.link, CaptionsFile):
        named = f"{named}: {request.link.name}"
    message = _message_of(turn, reading)
    made = (message(MessageRole.ASSISTANT, output.text, section=output) for output in state.outputs)
    return [message(MessageRole.USER, turn.incoming.text or named), *made]


def _message_of(turn: Turn, reading: Transcript) -> partial[ChatMessage]:
    """Makes what the thread's log holds of a reply."""
    return partial(ChatMessage, reply=turn.reply, fingerprint=reading.fingerprint)
