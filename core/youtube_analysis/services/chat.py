"""ChatService: one question about a video, answered from what is said in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from youtube_analysis.llm.checked import Checked, CheckedModel
from youtube_analysis.llm.port import Prompt
from youtube_analysis.models.chat import Answer, ChatMessage
from youtube_analysis.models.progress import Queued
from youtube_analysis.passages.reading import Reading


class ChatService:
    """Keeps nothing: what was said before comes with the question as `turns`, oldest first."""

    def __init__(self, model: CheckedModel) -> None:
        self._model = model

    async def ask(
        self,
        reading: Reading,
        question: str,
        *,
        turns: tuple[ChatMessage, ...] = (),
        language: str | None = None,
    ) -> AsyncGenerator[Queued | str | Answer]:
        """Text as it comes, its citations already checked and timed; the finished answer last.

        The finished text may differ from what came: what nothing backs is marked there.
        Raises ModelError.
        """
        prompt = Prompt(reading, question=question, turns=turns, language=language)
        async with aclosing(self._model.stream(prompt)) as parts:
            async for part in parts:
                yield _answer(question, part) if isinstance(part, Checked) else part


def _answer(question: str, checked: Checked) -> Answer:
    return Answer(
        question=question,
        text=checked.text,
        answered=checked.answered,
        engine=checked.completion.engine,
        citations=checked.citations,
        usage=checked.completion.usage,
    )
