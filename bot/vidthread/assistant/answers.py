"""A question about the video of a thread, answered from the whole talk and the thread's words."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

from structlog.contextvars import bind_contextvars

from vidthread.presenter import View
from vidthread.replies import STOPPED, AnswerView, retry
from vidthread.surface import Actions, Notice, Reply
from youtube_analysis.errors import ModelError, VideoAnalysisError
from youtube_analysis.models.chat import Answer, ChatMessage, MessageRole
from youtube_analysis.passages.reading import Reading
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.chat import ChatService

from .failures import tell
from .talks import current_reading, said, session_of, turns_about
from .turn import Stopped, Turn


async def answer(factory: ServiceFactory, turn: Turn, view: View, question: str) -> Reply:
    """The final reply; shows it while it grows."""
    session = await session_of(factory, turn.key)
    reading = await current_reading(factory, session)
    turns = turns_about(session, reading)
    state = AnswerView(turn.reply, turn.incoming.message, reading)
    view.show(state.reply())

    async def work() -> None:
        nonlocal state
        bind_contextvars(video=reading.video.info.video_id)
        chat = factory.get_chat_service()
        language = session.language or turn.settings.language
        asked = chat.ask(reading, question, turns=turns, language=language)
        async with aclosing(asked) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    state = state.fold(await _final(turn, chat, reading, part))
                else:
                    state = state.fold(part)
                    view.show(state.reply())

    question_asked = said(turn.reply, question, reading)
    try:
        await turn.stoppable(work())
        final = state.reply()
    except Stopped:
        final = state.ended(Notice(STOPPED), Actions((retry(turn.reply),)))
    except VideoAnalysisError as error:
        final = state.ended(*tell(turn, error))
    messages = [question_asked]
    if made := state.answer:
        messages.append(_message(turn, reading, made))
        if not turn.surface.limits.prints:
            turn.afterwards = partial(_amended, factory, turn, state, question_asked)
    await factory.get_session_repository().record(turn.key.session, turn.reply, messages)
    return final


async def _amended(
    factory: ServiceFactory, turn: Turn, state: AnswerView, asked: ChatMessage
) -> Reply | None:
    """The reply with a verifier's verdicts, kept as well; None where they change nothing, or where
    it was forgotten meanwhile."""
    if state.answer is None:
        return None
    verified = await factory.get_chat_service().verify(state.reading, state.answer)
    if verified is None:
        return None
    messages = [asked, _message(turn, state.reading, verified)]
    kept = await factory.get_session_repository().amend(turn.key.session, turn.reply, messages)
    return state.fold(verified).reply() if kept else None


async def _final(turn: Turn, chat: ChatService, reading: Reading, answer: Answer) -> Answer:
    """The answer as it is told: where it cannot change afterwards, a verifier comes first."""
    if not turn.surface.limits.prints:
        return answer
    try:
        return await chat.verify(reading, answer) or answer
    except ModelError:
        return answer  # the verdict of the rules stays


def _message(turn: Turn, reading: Reading, answer: Answer) -> ChatMessage:
    return ChatMessage(
        MessageRole.ASSISTANT,
        answer.text,
        reply=turn.reply,
        fingerprint=reading.fingerprint,
        answer=answer,
    )
