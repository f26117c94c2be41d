"""Answers to questions, written while people watch."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

from structlog.contextvars import bind_contextvars

from vidthread.presenter import View
from vidthread.replies import AnswerState
from vidthread.surface import Reply
from youtube_analysis.errors import ModelError
from youtube_analysis.models.chat import Answer, ChatMessage, ChatSession, MessageRole
from youtube_analysis.passages.transcript import Transcript

from .turn import Turn
from .writing import Writing, current_reading, message_of


class Answering(Writing):
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
            asked = chat.ask(
                reading,
                question,
                turns=turns,
                language=language,
                style=turn.style,
                model=turn.settings.model,
            )
            async with aclosing(asked) as parts:
                async for part in parts:
                    if isinstance(part, Answer):
                        state = state.fold(await self._verified_first(turn, reading, part))
                    else:
                        state = state.fold(part)
                        view.show(state.reply())

        ended = await self.outcome(turn, work())
        final = state.reply() if ended is None else state.ended(*ended)
        message = message_of(turn, reading)
        asked = message(MessageRole.USER, question)
        messages = [asked]
        if made := state.answer:
            messages.append(message(MessageRole.ASSISTANT, made.text, answer=made))
            if not turn.surface.limits.prints:
                turn.afterwards = partial(self._verified_later, turn, state, asked)
        await self.record(turn, messages)
        return final

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
        message = message_of(turn, state.reading)
        answer = message(MessageRole.ASSISTANT, verified.text, answer=verified)
        kept = await self._sessions.record(
            turn.key.session, turn.reply, [asked, answer], amends=True
        )
        return state.fold(verified).reply() if kept else None


def _turns_about(session: ChatSession, reading: Transcript) -> tuple[ChatMessage, ...]:
    """What was said in the thread about this video, oldest first; refusals teach nothing."""
    return tuple(
        message
        for message in session.messages
        if message.fingerprint == reading.fingerprint and message.text
    )
