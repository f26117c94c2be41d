"""AnalysisService: one video and one type make one section."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from youtube_analysis.grounding.passages import Reading
from youtube_analysis.llm.checked import Checked, stream_checked
from youtube_analysis.llm.port import LanguageModel, Prompt
from youtube_analysis.models.analysis import AnalysisType, TaskOutput
from youtube_analysis.repositories.cache import CacheRepository, Namespace


class AnalysisService:
    def __init__(
        self,
        model: LanguageModel,
        cache: CacheRepository,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._model = model
        self._cache = cache
        self._clock = clock

    async def analyze(
        self,
        reading: Reading,
        kind: AnalysisType,
        *,
        language: str | None = None,
        use_cache: bool = True,
    ) -> AsyncIterator[str | TaskOutput]:
        """Text as it comes, its citations already checked and timed; the finished section last.

        `use_cache=False` makes the section anew and keeps it.
        """
        key = self._key(reading, kind, language)
        if use_cache and (known := await self._cache.get(Namespace.ANALYSIS, key, TaskOutput)):
            yield known.text
            yield replace(known, cached=True)
            return
        began = self._clock()
        prompt = Prompt(reading, task=kind, language=language)
        async for part in stream_checked(self._model, prompt):
            if not isinstance(part, Checked):
                yield part
                continue
            output = TaskOutput(
                type=kind,
                text=part.text,
                engine=self._model.name,
                citations=part.citations,
                classification=part.completion.classification,
                usage=part.completion.usage,
                seconds=self._clock() - began,
            )
            await self._cache.put(Namespace.ANALYSIS, key, output)
            yield output

    def _key(self, reading: Reading, kind: AnalysisType, language: str | None) -> tuple[str, ...]:
        return (
            reading.video.info.video_id,
            reading.fingerprint,
            kind.task,
            language or "",
            self._model.name,
        )
