"""What a model streams, past the gate: the only way in which its words leave this room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from youtube_analysis.grounding.citations import CitationGate
from youtube_analysis.models.analysis import Citation

from .port import Completion, LanguageModel, Prompt, TextDelta


@dataclass(frozen=True, slots=True)
class Checked:
    """The whole text as it was shown, and where it points."""

    text: str
    citations: tuple[Citation, ...]
    completion: Completion


async def stream_checked(model: LanguageModel, prompt: Prompt) -> AsyncIterator[str | Checked]:
    """Text as soon as it may be shown; last, once, what it came to."""
    gate = CitationGate(prompt.reading.video.info, prompt.reading.passages)
    completion = Completion()
    async for part in model.stream(prompt):
        match part:
            case TextDelta(text):
                if shown := gate.feed(text):
                    yield shown
            case Completion():
                completion = part
    if shown := gate.close():
        yield shown
    yield Checked(gate.text, gate.citations, completion)
