"""ExtractiveModel: the language model that needs no network, no key and no luck."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from youtube_analysis.grounding.passages import Reading
from youtube_analysis.llm.port import Completion, Prompt, TextDelta

from .answers import find_answer
from .sections import Sections
from .talk import Talk

NAME = "extractive"
# Talks whose index is kept for the next question; one of an hour holds about 10 MB.
_KEPT_TALKS = 8


class ExtractiveModel:
    """Deterministic: the same reading and question give the same text, byte for byte.

    Works in one thread of its own: the event loop never waits for it, and since Python runs
    one thread at a time, more threads would only make the loop stutter.
    """

    name = NAME
    translates = False

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="extractive")
        self._kept: OrderedDict[int, tuple[Reading, Sections, Talk]] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def stream(self, prompt: Prompt) -> AsyncIterator[TextDelta | Completion]:
        loop = asyncio.get_running_loop()
        text, completion = await loop.run_in_executor(self._thread, self._compose, prompt)
        for line in text.splitlines(keepends=True):
            yield TextDelta(line)
        yield completion

    def _compose(self, prompt: Prompt) -> tuple[str, Completion]:
        talk, sections = self._read(prompt.reading)
        if prompt.task:
            text, classification = sections.compose(prompt.task)
            return text, Completion(classification=classification)
        answer = find_answer(talk, sections, prompt.question)
        return answer.text, Completion(answered=answer.answered)

    def _read(self, reading: Reading) -> tuple[Talk, Sections]:
        """The talk of a reading; the reading is kept with it, so its id cannot be given anew."""
        kept = self._kept.pop(id(reading), None)
        if kept is None:
            talk = Talk(reading)
            kept = (reading, Sections(talk), talk)
        self._kept[id(reading)] = kept
        if len(self._kept) > _KEPT_TALKS:
            self._kept.popitem(last=False)
        return kept[2], kept[1]
