"""VideoAnalysisWorkflow: reads a video, then makes every section that was asked for at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.grounding.passages import Reading
from youtube_analysis.grounding.words import base_language
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    CaptionsFile,
    TaskFailure,
    TaskOutput,
)
from youtube_analysis.models.link import parse_link
from youtube_analysis.models.video import VideoData
from youtube_analysis.services.analysis import AnalysisService
from youtube_analysis.services.transcript import TranscriptService

from .events import (
    Event,
    Finished,
    Progress,
    SectionDelta,
    SectionDone,
    SectionFailed,
    Stage,
    VideoRead,
)

_log = get_logger(__name__)
Emit = Callable[[Event], None]


class VideoAnalysisWorkflow:
    def __init__(
        self,
        transcripts: TranscriptService,
        analyses: AnalysisService,
        *,
        translates: bool,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._transcripts = transcripts
        self._analyses = analyses
        self._translates = translates
        self._clock = clock
        self._now = now

    def open(self, request: AnalysisRequest) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Starts the run; leaving the context ends it.

        Iterating raises what made the whole run fail (VideoAnalysisError); a section that fails
        is an event and never loses the others.
        """
        return self._open(request)

    @asynccontextmanager
    async def _open(self, request: AnalysisRequest) -> AsyncIterator[AsyncIterator[Event]]:
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        run = asyncio.create_task(self._run(request, events.put_nowait), name="analysis")
        run.add_done_callback(lambda _: events.put_nowait(None))
        try:
            yield _drain(events, run)
        finally:
            run.cancel()
            await asyncio.wait([run])
            if not run.cancelled():
                run.exception()  # seen here or by the reader; never "never retrieved"

    async def read(self, request: AnalysisRequest, emit: Emit = lambda _: None) -> Reading:
        """The video alone, for questions. Raises VideoAnalysisError."""
        return (await self._read(request, emit))[0]

    async def _run(self, request: AnalysisRequest, emit: Emit) -> None:
        began = self._clock()
        reading, known = await self._read(request, emit)
        emit(VideoRead(reading))
        outputs: dict[AnalysisType, TaskOutput] = {}
        failures: dict[AnalysisType, TaskFailure] = {}
        types = tuple(dict.fromkeys(request.types))
        emit(Progress(Stage.ANALYZING, 0, len(types)))

        async def section(kind: AnalysisType) -> None:
            try:
                outputs[kind] = await self._section(reading, kind, request, emit)
            except VideoAnalysisError as error:
                failures[kind] = TaskFailure(kind, error.code, error.message, error.retryable)
                emit(SectionFailed(failures[kind]))
                _log.warning("section failed", type=kind.task, error=error.code)
            emit(Progress(Stage.ANALYZING, len(outputs) + len(failures), len(types)))

        async with asyncio.TaskGroup() as sections:
            for kind in types:
                sections.create_task(section(kind))
        result = AnalysisResult(
            video=reading.video,
            outputs=tuple(outputs[kind] for kind in types if kind in outputs),
            failures=tuple(failures[kind] for kind in types if kind in failures),
            seconds=self._clock() - began,
            created_at=self._now(),
            cached=known and all(output.cached for output in outputs.values()),
        )
        emit(Finished(result))
        _log.info(
            "analysis finished",
            video=reading.video.info.video_id,
            sections=[kind.task for kind in outputs],
            seconds=round(result.seconds, 3),
            cached=result.cached,
        )

    async def _read(self, request: AnalysisRequest, emit: Emit) -> tuple[Reading, bool]:
        def step(done: int, total: int) -> None:
            emit(Progress(Stage.READING, done, total))

        if isinstance(request.link, CaptionsFile):
            video, known = await self._transcripts.read_file(request.link), True
            video = self._without_translation(video, request.language)
        else:
            video, known = await self._transcripts.read_link(
                parse_link(request.link).video_id,
                # A model that cannot translate needs captions in the language to answer in.
                language=None if self._translates else request.language,
                use_cache=request.use_cache,
                on_step=step,
            )
        return await self._transcripts.divide(video), known

    def _without_translation(self, video: VideoData, language: str | None) -> VideoData:
        """Handed-in captions are in one language: what was asked for and cannot be is named."""
        spoken = base_language(video.track.language)
        if self._translates or not language or spoken in {"", base_language(language)}:
            return video
        lacking = f"an analysis in “{language}”: offline it is in the language of the captions"
        return replace(video, missing=(*video.missing, lacking))

    async def _section(
        self, reading: Reading, kind: AnalysisType, request: AnalysisRequest, emit: Emit
    ) -> TaskOutput:
        parts = self._analyses.analyze(
            reading, kind, language=request.language, use_cache=request.use_cache
        )
        async for part in parts:
            if isinstance(part, TaskOutput):
                emit(SectionDone(part))
                return part
            emit(SectionDelta(kind, part))
        raise RuntimeError("an analysis ended without its section")


async def _drain(
    events: asyncio.Queue[Event | None], run: asyncio.Task[None]
) -> AsyncIterator[Event]:
    while (event := await events.get()) is not None:
        yield event
    await run
