"""ChatService: one question about a video, answered from what is said in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from youtube_analysis.grounding.passages import Reading
from youtube_analysis.llm.checked import Checked, stream_checked
from youtube_analysis.llm.port import LanguageModel, Prompt
from youtube_analysis.models.chat import Answer, ChatMessage


class ChatService:
    """Keeps nothing: what was said before comes with the question as `turns`, oldest first."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def ask(
        self,
        reading: Reading,
        question: str,
        *,
        turns: tuple[ChatMessage, ...] = (),
        language: str | None = None,
    ) -> AsyncIterator[str | Answer]:
        """Text as it comes, its citations already checked and timed; the finished answer last."""
        prompt = Prompt(reading, question=question, turns=turns, language=language)
        async for part in stream_checked(self._model, prompt):
            if not isinstance(part, Checked):
                yield part
                continue
            yield Answer(
                question=question,
                text=part.text,
                answered=part.completion.answered,
                engine=self._model.name,
                citations=part.citations,
                usage=part.completion.usage,
            )
