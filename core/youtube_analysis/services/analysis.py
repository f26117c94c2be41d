"""What is written about a video: AnalysisService makes sections, ChatService answers."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from youtube_analysis.errors import ModelError
from youtube_analysis.llm.checked import CheckedModel
from youtube_analysis.llm.choice import ModelChoice
from youtube_analysis.llm.meaning import Meaning
from youtube_analysis.llm.port import Completion, Prompt
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import AnalysisType, Queued, TaskOutput
from youtube_analysis.models.chat import Answer, ChatMessage
from youtube_analysis.models.style import PLAIN, Style
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.repositories.cache import CacheRepository, Namespace

_log = get_logger(__name__)


class AnalysisService:
    def __init__(self, models: ModelChoice, cache: CacheRepository) -> None:
        self._models = models
        self._cache = cache

    @property
    def models(self) -> tuple[str, ...]:
        """The names that `model` may have, the default's first."""
        return self._models.names

    def translates(self, model: str | None = None) -> bool:
        """Whether a text can be in another language than the captions. Raises InvalidRequest where
        no such model is listed."""
        return self._models.named(model).translates

    def prepare(self, model: str | None = None) -> None:
        """Begins what a section will need, while the video is still being read. Raises
        InvalidRequest where no such model is listed."""
        self._models.named(model).prepare()

    async def analyze(
        self,
        reading: Transcript,
        kind: AnalysisType,
        *,
        language: str | None = None,
        style: Style = PLAIN,
        model: str | None = None,
        use_cache: bool = True,
    ) -> AsyncGenerator[Queued | str | TaskOutput]:
        """Text as it comes, with passages cited as `[n]`; the finished section last.

        The finished text may differ from what came: its claims are judged, and what was found
        nowhere is marked there. Where a verifier changes that, the section comes once more.
        `use_cache=False` makes the section anew and keeps it. What was cut, and what the offline
        model made in the place of another, is not kept, so that the next request tries again.
        Raises ModelError, and InvalidRequest where no such model is listed.
        """
        chosen = self._models.named(model)
        prompt = Prompt(reading, task=kind, language=language, style=style)

        async def refresh() -> None:
            async with aclosing(self._made(chosen, kind, prompt)) as parts:
                async for _ in parts:
                    pass  # the end keeps it

        if use_cache:
            key = _key(chosen, kind, prompt)
            known = await self._cache.get(Namespace.ANALYSIS, key, TaskOutput, refresh=refresh)
            if known:
                yield known.text
                yield replace(known, cached=True)
                return
        async with aclosing(self._made(chosen, kind, prompt)) as parts:
            async for part in parts:
                yield part

    async def _made(
        self, model: CheckedModel, kind: AnalysisType, prompt: Prompt
    ) -> AsyncGenerator[Queued | str | TaskOutput]:
        began = time.perf_counter()
        async with aclosing(model.stream(prompt)) as parts:
            async for part in parts:
                if not isinstance(part, Completion):
                    yield part
                    continue
                output = _section(kind, part, time.perf_counter() - began)
                await self._keep(model, prompt, output)
                yield output
                if verified := await _verified(model, prompt.reading, output):
                    await self._keep(model, prompt, verified)
                    yield verified

    async def _keep(self, model: CheckedModel, prompt: Prompt, output: TaskOutput) -> None:
        incomplete = output.note and output.note.incomplete
        if output.engine == model.name and not incomplete:
            await self._cache.put(Namespace.ANALYSIS, _key(model, output.type, prompt), output)

    def key(
        self,
        reading: Transcript,
        kind: AnalysisType,
        *,
        language: str | None = None,
        style: Style = PLAIN,
        model: str | None = None,
    ) -> tuple[str, ...]:
        """Everything that a section depends on. Raises InvalidRequest where no such model is
        listed."""
        prompt = Prompt(reading, language=language, style=style)
        return _key(self._models.named(model), kind, prompt)


class ChatService:
    """Keeps nothing: what was said before comes with the question as `turns`, oldest first."""

    def __init__(self, models: ModelChoice, meaning: Meaning) -> None:
        self._models = models
        self._meaning = meaning

    async def ask(
        self,
        reading: Transcript,
        question: str,
        *,
        turns: tuple[ChatMessage, ...] = (),
        language: str | None = None,
        style: Style = PLAIN,
        model: str | None = None,
    ) -> AsyncGenerator[Queued | str | Answer]:
        """Text as it comes, with passages cited as `[n]`; the finished answer last.

        The finished text may differ from what came: its claims are judged, and what was found
        nowhere is marked there. Raises ModelError, and InvalidRequest where no such model is
        listed.
        """
        chosen = self._models.named(model)
        prompt = Prompt(reading, question=question, turns=turns, language=language, style=style)
        with self._meaning.answering():
            async with aclosing(chosen.stream(prompt)) as parts:
                async for part in parts:
                    yield _answer(question, part) if isinstance(part, Completion) else part
        self._meaning.schedule(reading)  # for the next question

    async def verify(self, reading: Transcript, answer: Answer) -> Answer | None:
        """The answer with a word of the model that wrote it on claims that rules could not settle;
        None where that changes nothing. Raises ModelError."""
        model = self._models.that_made(answer.engine)
        return await model.verify(reading, answer) if model else None


def _key(model: CheckedModel, kind: AnalysisType, prompt: Prompt) -> tuple[str, ...]:
    reading, style = prompt.reading, prompt.style
    return (
        reading.video.info.video_id,
        reading.fingerprint,
        kind.task,
        prompt.language or "",
        style.length,
        style.instruction,
        model.name,
        model.version,
    )


async def _verified(
    model: CheckedModel, reading: Transcript, output: TaskOutput
) -> TaskOutput | None:
    """None where the verdict of the rules stays: nothing was unsure, or nobody could tell."""
    try:
        return await model.verify(reading, output)
    except ModelError as error:
        _log.info("not verified", type=output.type.task, error=error.code)
        return None


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
