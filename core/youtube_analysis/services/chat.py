"""ChatService: one question about a video, answered from what is said in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from youtube_analysis.llm.checked import CheckedModel
from youtube_analysis.llm.meaning import Meaning
from youtube_analysis.llm.port import Completion, Prompt
from youtube_analysis.models.analysis import Queued
from youtube_analysis.models.chat import Answer, ChatMessage
from youtube_analysis.passages.transcript import Transcript


class ChatService:
    """Keeps nothing: what was said before comes with the question as `turns`, oldest first."""

    def __init__(self, model: CheckedModel, meaning: Meaning) -> None:
        self._model = model
        self._meaning = meaning

    async def ask(
        self,
        reading: Transcript,
        question: str,
        *,
        turns: tuple[ChatMessage, ...] = (),
        language: str | None = None,
    ) -> AsyncGenerator[Queued | str | Answer]:
        """Text as it comes, with passages cited as `[n]`; the finished answer last.

        The finished text may differ from what came: its claims are judged, and what was found
        nowhere is marked there. Raises ModelError.
        """
        prompt = Prompt(reading, question=question, turns=turns, language=language)
        with self._meaning.answering():
            async with aclosing(self._model.stream(prompt)) as parts:
                async for part in parts:
                    yield _answer(question, part) if isinstance(part, Completion) else part
        self._meaning.schedule(reading)  # for the next question

    async def verify(self, reading: Transcript, answer: Answer) -> Answer | None:
        """The answer with a verifier's word on claims that rules could not settle; None where it
        changes nothing. Raises ModelError."""
        return await self._model.verify(reading, answer)


def _answer(question: str, made: Completion) -> Answer:
    return Answer(
        question=question,
        text=made.text,
        answered=made.answered,
        engine=made.engine,
        citations=made.citations,
        claims=made.claims,
        lead=made.lead,
        note=made.note,
        usage=made.usage,
    )
