"""The port that every language model implements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from youtube_analysis.grounding.passages import Reading
from youtube_analysis.models.analysis import AnalysisType, Classification, TokenUsage
from youtube_analysis.models.chat import ChatMessage


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is wanted of a model: one analysis (`task`), or an answer to `question`.

    The model cites passages of `reading` as `[number]`. `turns` is what was said in the thread
    before, oldest first. `language` is the one to answer in, None for the video's own.
    """

    reading: Reading
    task: AnalysisType | None = None
    question: str = ""
    turns: tuple[ChatMessage, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next characters of the text, citations still as `[number]`."""

    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Ends every stream. `classification` comes with Summary & Classification alone;
    `answered` is False where the video does not say what was asked."""

    usage: TokenUsage = TokenUsage()
    classification: Classification | None = None
    answered: bool = True


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """Told to the reader and part of every cache key."""

    @property
    def translates(self) -> bool:
        """Whether it can answer in another language than the passages'."""

    def stream(self, prompt: Prompt) -> AsyncIterator[TextDelta | Completion]:
        """Deltas, then exactly one Completion."""
