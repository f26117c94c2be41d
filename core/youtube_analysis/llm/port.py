"""The port that every language model implements."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from youtube_analysis.models.analysis import (
    AnalysisType,
    Citation,
    Claim,
    Classification,
    Queued,
    TokenUsage,
)
from youtube_analysis.models.chat import ChatMessage
from youtube_analysis.models.notices import Notice
from youtube_analysis.models.style import PLAIN, Style
from youtube_analysis.passages.transcript import Note, Transcript


@dataclass(frozen=True, slots=True)
class Extract:
    """What is shown of a talk that does not fit the window: `part`, the numbers of neighbouring
    passages, or `notes` of the whole, with the passages that a question may be about (`found`)."""

    part: range = range(0)
    notes: tuple[Note, ...] = ()
    found: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """Asks for one analysis (`task`), an answer to `question`, or at most so many `notes` as JSON.

    The model cites passages of `reading` as `[number]`. `turns` is what was said in the thread
    before, oldest first. `language` is the one to answer in, None for the video's own (or, of
    an answer, the question's), `style` how somebody wants the text. An `extract` is shown in the
    place of the whole.
    """

    reading: Transcript
    task: AnalysisType | None = None
    question: str = ""
    turns: tuple[ChatMessage, ...] = ()
    language: str | None = None
    style: Style = PLAIN
    extract: Extract | None = None
    notes: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next characters of the text, citations still as `[number]`."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The text begins anew: disregard what came so far."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Ends every stream: what made the text, and what came with it.

    `text`, `citations` (one for each `[number]` of it, in order) and `claims` are there where it is
    `checked`, be it that all it says is quoted. `classification` comes with Summary &
    Classification alone; `answered` is False where the video does not say what was asked. `lead`
    and `note` are put above and below the text.
    """

    engine: str
    usage: TokenUsage = TokenUsage()
    classification: Classification | None = None
    answered: bool = True
    lead: Notice | None = None
    note: Notice | None = None
    checked: bool = False
    text: str = ""
    citations: tuple[Citation, ...] = ()
    claims: tuple[Claim, ...] = ()


Part = Queued | TextDelta | Restarted | Completion


class Verifier(Protocol):
    async def verify(self, reading: Transcript, claims: Sequence[Claim]) -> Mapping[str, bool]:
        """By the text of a claim, whether the passages that it cites bear it out. A claim that
        was not judged is left out. Raises ModelError."""


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """Told to the reader."""

    @property
    def version(self) -> str:
        """Part of every cache key: changes whenever the same prompt may give another text."""

    @property
    def window(self) -> int:
        """The tokens that it takes in, answer included, as far as that is known. What is longer
        makes `stream` raise WindowTooSmall."""

    @property
    def translates(self) -> bool:
        """Whether it can answer in another language than the passages'."""

    def prepare(self) -> None:
        """Begins to make ready what the next stream needs; costs nothing if that is done."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """Parts as they come, and exactly one Completion at the end. Raises ModelError."""

    async def check(self) -> str:
        """What it was found to be able to do, in words. Raises ModelError where it could not
        answer now."""

    async def close(self) -> None:
        """Ends what it holds open; may be called twice."""
