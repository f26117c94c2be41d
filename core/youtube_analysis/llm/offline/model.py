"""OfflineModel: the language model that needs no network, no key and no luck."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from youtube_analysis.llm.port import Completion, Prompt, TextDelta
from youtube_analysis.passages.reading import Reading

if TYPE_CHECKING:
    from .sections import Sections
    from .talk import Talk

NAME = "offline"
# To be raised whenever the same talk may give other sentences.
VERSION = "1"
# Talks whose index is kept for the next question; one of an hour holds about 10 MB.
_KEPT_TALKS = 8


class OfflineModel:
    """Deterministic: the same reading and question give the same text, byte for byte.

    Works in one thread of its own: the event loop never waits for it, and since Python runs
    one thread at a time, more threads would only make the loop stutter.
    """

    name = NAME
    version = VERSION
    translates = False

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="offline")
        self._kept: OrderedDict[str, tuple[Talk, Sections]] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> None:
        """It needs nothing and nobody."""

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def prepare(self) -> None:
        """Nothing is needed."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[TextDelta | Completion]:
        loop = asyncio.get_running_loop()
        text, completion = await loop.run_in_executor(self._thread, self._compose, prompt)
        for line in text.splitlines(keepends=True):
            yield TextDelta(line)
        yield completion

    def _compose(self, prompt: Prompt) -> tuple[str, Completion]:
        from .answers import find_answer  # noqa: PLC0415 - imported in this thread

        talk, sections = self._read(prompt.reading)
        if prompt.task:
            text, classification = sections.compose(prompt.task)
            return text, Completion(NAME, classification=classification, verbatim=True)
        answer = find_answer(talk, sections, prompt.question)
        return answer.text, Completion(NAME, answered=answer.answered, verbatim=True)

    def _read(self, reading: Reading) -> tuple[Talk, Sections]:
        kept = self._kept.pop(reading.fingerprint, None)
        if kept is None:
            from .sections import Sections  # noqa: PLC0415 - as in _compose
            from .talk import Talk  # noqa: PLC0415

            talk = Talk(reading)
            kept = talk, Sections(talk)
        self._kept[reading.fingerprint] = kept
        if len(self._kept) > _KEPT_TALKS:
            self._kept.popitem(last=False)
        return kept
