"""What is written about a video: AnalysisService makes sections, ChatService answers."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from youtube_analysis.errors import ModelError
from youtube_analysis.llm.checked import CheckedModel
from youtube_analysis.llm.meaning import Meaning
from youtube_analysis.llm.port import Completion, Prompt
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import AnalysisType, Queued, TaskOutput
from youtube_analysis.models.chat import Answer, ChatMessage
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.repositories.cache import CacheRepository, Namespace

_log = get_logger(__name__)


class AnalysisService:
    def __init__(self, model: CheckedModel, cache: CacheRepository) -> None:
        self._model = model
        self._cache = cache

    def prepare(self) -> None:
        """Begins what a section will need, while the video is still being read."""
        self._model.prepare()

    async def analyze(
        self,
        reading: Transcript,
        kind: AnalysisType,
        *,
        language: str | None = None,
        use_cache: bool = True,
    ) -> AsyncGenerator[Queued | str | TaskOutput]:
        """Text as it comes, with passages cited as `[n]`; the finished section last.

        The finished text may differ from what came: its claims are judged, and what was found
        nowhere is marked there. Where a verifier changes that, the section comes once more.
        `use_cache=False` makes the section anew and keeps it. What was cut, and what the offline
        model made in the place of another, is not kept, so that the next request tries again.
        Raises ModelError.
        """
        key = self.key(reading, kind, language)

        async def refresh() -> None:
            async with aclosing(self._made(reading, kind, language)) as parts:
                async for _ in parts:
                    pass  # the end keeps it

        if use_cache:
            known = await self._cache.get(Namespace.ANALYSIS, key, TaskOutput, refresh=refresh)
            if known:
                yield known.text
                yield replace(known, cached=True)
                return
        async with aclosing(self._made(reading, kind, language)) as parts:
            async for part in parts:
                yield part

    async def _made(
        self, reading: Transcript, kind: AnalysisType, language: str | None
    ) -> AsyncGenerator[Queued | str | TaskOutput]:
        began, key = time.perf_counter(), self.key(reading, kind, language)
        prompt = Prompt(reading, task=kind, language=language)
        async with aclosing(self._model.stream(prompt)) as parts:
            async for part in parts:
                if not isinstance(part, Completion):
                    yield part
                    continue
                output = _section(kind, part, time.perf_counter() - began)
                await self._keep(key, output)
                yield output
                if verified := await self._verified(reading, output):
                    await self._keep(key, verified)
                    yield verified

    async def _keep(self, key: tuple[str, ...], output: TaskOutput) -> None:
        incomplete = output.note and output.note.incomplete
        if output.engine == self._model.name and not incomplete:
            await self._cache.put(Namespace.ANALYSIS, key, output)

    async def _verified(self, reading: Transcript, output: TaskOutput) -> TaskOutput | None:
        """None where the verdict of the rules stays: nothing was unsure, or nobody could tell."""
        try:
            return await self._model.verify(reading, output)
        except ModelError as error:
            _log.info("not verified", type=output.type.task, error=error.code)
            return None

    def key(self, reading: Transcript, kind: AnalysisType, language: str | None) -> tuple[str, ...]:
        """Everything that a section depends on."""
        return (
            reading.video.info.video_id,
            reading.fingerprint,
            kind.task,
            language or "",
            self._model.name,
            self._model.version,
        )


class ChatService:
    """Keeps nothing: what was said before comes with the question as `turns`, oldest first."""

    def __init__(self, model: CheckedModel, meaning: Meaning) -> None:
        self._model = model
        self._meaning = meaning

    async def ask(
        self,
        reading: Transcript,
        question: str,
        *,
        turns: tuple[ChatMessage, ...] = (),
        language: str | None = None,
    ) -> AsyncGenerator[Queued | str | Answer]:
        """Text as it comes, with passages cited as `[n]`; the finished answer last.

        The finished text may differ from what came: its claims are judged, and what was found
        nowhere is marked there. Raises ModelError.
        """
        prompt = Prompt(reading, question=question, turns=turns, language=language)
        with self._meaning.answering():
            async with aclosing(self._model.stream(prompt)) as parts:
                async for part in parts:
                    yield _answer(question, part) if isinstance(part, Completion) else part
        self._meaning.schedule(reading)  # for the next question

    async def verify(self, reading: Transcript, answer: Answer) -> Answer | None:
        """The answer with a verifier's word on claims that rules could not settle; None where it
        changes nothing. Raises ModelError."""
        return await self._model.verify(reading, answer)


def _section(kind: AnalysisType, made: Completion, seconds: float) -> TaskOutput:
    return TaskOutput(
        type=kind,
        text=made.text,
        engine=made.engine,
        citations=made.citations,
        claims=made.claims,
        lead=made.lead,
        note=made.note,
        classification=made.classification,
        usage=made.usage,
        seconds=seconds,
    )


def _answer(question: str, made: Completion) -> Answer:
    return Answer(
        question=question,
        text=made.text,
        answered=made.answered,
        engine=made.engine,
        citations=made.citations,
        claims=made.claims,
        lead=made.lead,
        note=made.note,
        usage=made.usage,
    )
