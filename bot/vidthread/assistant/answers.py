"""A question about the video of a thread, answered from the whole talk and the thread's words."""

from __future__ import annotations

from contextlib import aclosing

from structlog.contextvars import bind_contextvars

from vidthread.presenter import View
from vidthread.replies import STOPPED, AnswerView, retry
from vidthread.surface import Actions, Notice, Reply
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.chat import Answer, ChatMessage, MessageRole
from youtube_analysis.service_factory import ServiceFactory

from .failures import tell
from .talks import current_reading, said, session_of, turns_about
from .turn import Stopped, Turn


async def answer(factory: ServiceFactory, turn: Turn, view: View, question: str) -> Reply:
    """The final reply; shows it while it grows."""
    session = await session_of(factory, turn.key)
    reading = await current_reading(factory, session)
    turns = turns_about(session, reading)
    state = AnswerView(turn.reply, turn.incoming.message)
    view.show(state.reply())

    async def work() -> None:
        nonlocal state
        bind_contextvars(video=reading.video.info.video_id)
        chat = factory.get_chat_service()
        language = session.language or turn.settings.language
        asked = chat.ask(reading, question, turns=turns, language=language)
        async with aclosing(asked) as parts:
            async for part in parts:
                state = state.fold(part)
                if not isinstance(part, Answer):
                    view.show(state.reply())

    messages = [said(turn.reply, turn.incoming.author, question, reading)]
    try:
        await turn.stoppable(work())
        final = state.reply()
    except Stopped:
        final = state.ended(Notice(STOPPED), Actions((retry(turn.reply),)))
    except VideoAnalysisError as error:
        final = state.ended(*tell(turn, error))
    if state.answer:
        messages.append(
            ChatMessage(
                MessageRole.ASSISTANT,
                state.answer.text,
                reply=turn.reply,
                fingerprint=reading.fingerprint,
                answer=state.answer,
            )
        )
    await factory.get_session_repository().record(turn.key, turn.reply, messages)
    return final
