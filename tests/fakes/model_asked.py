"""A client of language models together with the local server that it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fakes.model import LocalModel
from talks import talk_of
from youtube_analysis import AnalysisType, Settings
from youtube_analysis.llm.openai_compatible import OpenAICompatibleModel
from youtube_analysis.llm.port import Part, Prompt, Restarted, TextDelta
from youtube_analysis.passages.transcript import split_into_passages

READING = split_into_passages(
    talk_of(
        *[f"Sentence number {n} speaks of crane {n} in the harbour of Gdansk." for n in range(40)]
    )
)
NOON = datetime(2026, 8, 12, 12, tzinfo=UTC)
QUESTION = Prompt(READING, question="What lifts grain?")
SUMMARY = Prompt(READING, task=AnalysisType.SUMMARY)


@dataclass
class Asked:
    server: LocalModel
    model: OpenAICompatibleModel
    slept: list[float] = field(default_factory=list)
    shown: list[Part] = field(default_factory=list)  # of the answer asked for last

    async def parts(self, prompt: Prompt = QUESTION) -> list[Part]:
        self.shown = shown = list[Part]()
        async for part in self.model.stream(prompt):
            shown.append(part)
        return shown

    async def text(self, prompt: Prompt = QUESTION) -> str:
        await self.parts(prompt)
        return self.written()

    def written(self) -> str:
        """What the parts shown come to, restarts considered."""
        text = ""
        for part in self.shown:
            text = "" if isinstance(part, Restarted) else text
            text += part.text if isinstance(part, TextDelta) else ""
        return text


@asynccontextmanager
async def asked(
    server: LocalModel | None = None,
    *,
    rest: float = 5.0,
    reading: float = 5.0,
    now: Callable[[], float] = NOON.timestamp,
    **settings: Any,
) -> AsyncIterator[Asked]:
    """A model whose waits between tries take no time, whose chance is always one half, and for
    whom it is always NOON."""
    async with server or LocalModel() as running:
        made = Asked(running, OpenAICompatibleModel(Settings()))

        async def sleep(seconds: float) -> None:
            made.slept.append(seconds)

        chosen = replace(Settings(openai_base_url=running.url, openai_model="local"), **settings)
        made.model = OpenAICompatibleModel(
            chosen, sleep=sleep, rng=lambda: 0.5, now=now, rest=rest, reading=reading
        )
        try:
            yield made
        finally:
            await made.model.close()
