"""OfflineModel: the language model that needs no network and no key."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from youtube_analysis.checking.judging import said
from youtube_analysis.concurrency import offload
from youtube_analysis.llm.meaning import Meaning
from youtube_analysis.llm.port import Completion, Prompt
from youtube_analysis.models.notices import Notice, NoticeCode
from youtube_analysis.passages.ranking import Semantic
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.shared_runs import TalkMemo, lane_of

from .answers import find_answer
from .sections import NAME, Sections
from .talk import Talk

# To be raised whenever the same talk may give other sentences.
VERSION = "4"
# Talks whose index is kept for the next question; one of an hour holds about 10 MB.
_KEPT_TALKS = 8

_Meant = tuple[Vectors, Sequence[float]]


class OfflineModel:
    """Deterministic: the same reading, question and vectors give the same text, byte for byte."""

    name = NAME
    version = VERSION
    translates = False
    window = sys.maxsize

    def __init__(self, meaning: Meaning | None = None) -> None:
        self._meaning = meaning
        self._sections = TalkMemo(lambda reading: Sections(Talk(reading)), most=_KEPT_TALKS)

    async def check(self) -> str:
        """It needs nothing and nobody."""
        return "offline"

    async def close(self) -> None:
        """It holds nothing open."""

    def prepare(self) -> None:
        """Nothing is needed."""

    async def sections(self, reading: Transcript) -> Sections:
        return await self._sections.get(reading)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Completion]:
        sections, meant = await self.sections(prompt.reading), await self._meant(prompt)
        yield await offload(_completed, prompt, sections, meant, lane=lane_of(prompt.reading))

    async def _meant(self, prompt: Prompt) -> _Meant | None:
        """The vectors of the talk and of the question, where both are there."""
        if self._meaning is None or prompt.task or not prompt.question:
            return None
        question = await self._meaning.question(prompt.question)
        vectors = await self._meaning.vectors(prompt.reading) if question else None
        return (vectors, question) if vectors and question else None


def _completed(prompt: Prompt, sections: Sections, meant: _Meant | None) -> Completion:
    style = prompt.style
    if prompt.task:
        made = sections.compose(prompt.task, style.length)
        if style.instruction:
            made = replace(made, note=Notice(NoticeCode.INSTRUCTION_IGNORED))
    else:
        semantic = Semantic(sections.talk.ranking, *meant) if meant else None
        made = find_answer(sections, prompt.question, semantic, style.length)
    return replace(made, claims=said(made.text, made.citations))
