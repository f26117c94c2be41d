"""OfflineModel: the language model that needs no network and no key."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Self

from youtube_analysis.concurrency import offload
from youtube_analysis.llm.memo import lane_of
from youtube_analysis.llm.port import Completion, Composed, Prompt
from youtube_analysis.passages.vectors import Vectors

if TYPE_CHECKING:
    from youtube_analysis.llm.meaning import Meaning

    from .sections import Sections

NAME = "offline"
# To be raised whenever the same talk may give other sentences.
VERSION = "4"
# Talks whose index is kept for the next question; one of an hour holds about 10 MB.
_KEPT_TALKS = 8

_Meant = tuple[Vectors, Sequence[float]]


class OfflineModel:
    """Deterministic: the same reading, question and vectors give the same text, byte for byte.

    Works in one thread of its own: the event loop never waits for it, and since Python runs
    one thread at a time, more threads would only make the loop stutter.
    """

    name = NAME
    version = VERSION
    translates = False
    window = sys.maxsize

    def __init__(self, meaning: Meaning | None = None) -> None:
        self._meaning = meaning
        self._kept: OrderedDict[str, Sections] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> str:
        """It needs nothing and nobody."""
        return "offline"

    async def close(self) -> None:
        """It holds nothing open."""

    def prepare(self) -> None:
        """Nothing is needed."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Composed | Completion]:
        meant = await self._meant(prompt)
        lane = lane_of(prompt.reading)
        composed, completion = await offload(self._compose, prompt, meant, lane=lane)
        yield composed
        yield completion

    async def _meant(self, prompt: Prompt) -> _Meant | None:
        """The vectors of the talk and of the question, where both are there."""
        if self._meaning is None or prompt.task or not prompt.question:
            return None
        question = await self._meaning.question(prompt.question)
        vectors = await self._meaning.vectors(prompt.reading) if question else None
        return (vectors, question) if vectors and question else None

    def _compose(self, prompt: Prompt, meant: _Meant | None) -> tuple[Composed, Completion]:
        from youtube_analysis.passages.ranking import Semantic  # noqa: PLC0415 - as below

        from .answers import find_answer  # noqa: PLC0415 - as below
        from .sections import Sections  # noqa: PLC0415 - as below
        from .talk import Talk  # noqa: PLC0415 - imported in this thread

        key = prompt.reading.fingerprint
        sections = self._kept.pop(key, None) or Sections(Talk(prompt.reading))
        self._kept[key] = sections
        if len(self._kept) > _KEPT_TALKS:
            self._kept.popitem(last=False)
        if prompt.task:
            told = sections.compose(prompt.task)
        else:
            semantic = Semantic(sections.talk.ranking, *meant) if meant else None
            told = find_answer(sections.talk, sections, prompt.question, semantic)
        return Composed(told.text, told.citations), Completion(
            NAME,
            classification=told.classification,
            answered=told.answered,
            lead=told.lead,
            note=told.note,
        )
