"""ChatService: one question about a video, answered from what is said in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from youtube_analysis.grounding.citations import CitationGate
from youtube_analysis.grounding.passages import Reading
from youtube_analysis.llm.port import Completion, LanguageModel, Prompt, TextDelta
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
        gate = CitationGate(reading.video.info, reading.passages)
        completion = Completion()
        prompt = Prompt(reading, question=question, turns=turns, language=language)
        async for part in self._model.stream(prompt):
            match part:
                case TextDelta(text):
                    if shown := gate.feed(text):
                        yield shown
                case Completion():
                    completion = part
        if shown := gate.close():
            yield shown
        yield Answer(
            question=question,
            text=gate.text,
            answered=completion.answered,
            engine=self._model.name,
            citations=gate.citations,
            usage=completion.usage,
        )
