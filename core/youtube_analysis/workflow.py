"""VideoAnalysisWorkflow: reads a video, then makes every section that was asked for at once.

Events are the only way that results travel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from structlog.contextvars import bind_contextvars

from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    CaptionsFile,
    Queued,
    TaskFailure,
    TaskOutput,
)
from youtube_analysis.models.notices import Missing, MissingCode, NoticeCode
from youtube_analysis.models.video import VideoData, parse_link
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import base_language
from youtube_analysis.services.analysis import AnalysisService
from youtube_analysis.services.transcript import TranscriptService
from youtube_analysis.shared_runs import SharedRuns

_log = get_logger(__name__)


class Stage(StrEnum):
    READING = "reading"
    ANALYZING = "analyzing"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps of a stage: answers of YouTube, or finished sections."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class VideoRead:
    """`reading.video` tells info and coverage; the reading serves for questions too."""

    reading: Transcript


@dataclass(frozen=True, slots=True)
class SectionDelta:
    type: AnalysisType
    text: str


@dataclass(frozen=True, slots=True)
class SectionDone:
    """Comes a second time where a verifier changed what was found in the video."""

    output: TaskOutput


@dataclass(frozen=True, slots=True)
class SectionFailed:
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class Finished:
    result: AnalysisResult


Event = Queued | Progress | VideoRead | SectionDelta | SectionDone | SectionFailed | Finished
Emit = Callable[[Event], None]
# The end of a read: the video, and whether it was known without asking anybody.
Read = tuple[Transcript, bool]


class VideoAnalysisWorkflow:
    def __init__(self, transcripts: TranscriptService, analyses: AnalysisService) -> None:
        self._transcripts = transcripts
        self._analyses = analyses
        self._reads: SharedRuns[Queued | Progress | Read] = SharedRuns()
        self._sections: SharedRuns[Queued | str | TaskOutput] = SharedRuns()

    @asynccontextmanager
    async def open(
        self, request: AnalysisRequest, *, reading: Transcript | None = None
    ) -> AsyncIterator[AsyncIterator[Event]]:
        """Starts the run; leaving the context ends it. With `reading`, nobody is asked for it.

        Iterating raises what made the whole run fail (VideoAnalysisError); a section that fails
        is an event and never loses the others.
        """
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        run = asyncio.create_task(self._run(request, reading, events.put_nowait), name="analysis")
        run.add_done_callback(lambda _: events.put_nowait(None))
        try:
            yield _drain(events, run)
        finally:
            run.cancel()
            await asyncio.wait([run])
            if not run.cancelled():
                run.exception()  # seen here or by the reader; never "never retrieved"

    async def read(self, request: AnalysisRequest) -> Transcript:
        """Reads the video alone, for questions. Raises VideoAnalysisError."""
        reading, _ = await self._read(request, lambda _: None)
        return reading

    @property
    def runs_under_way(self) -> int:
        """Reads and sections that somebody is waiting for."""
        return len(self._reads) + len(self._sections)

    async def close(self) -> None:
        """Ends what is under way; whoever waits for it is told so (Interrupted)."""
        await self._reads.close()
        await self._sections.close()

    async def _run(self, request: AnalysisRequest, known: Transcript | None, emit: Emit) -> None:
        began = time.perf_counter()
        self._analyses.prepare(request.model)
        reading, is_known = (known, True) if known else await self._read(request, emit)
        bind_contextvars(video=reading.video.info.video_id)  # of this run's own task
        emit(VideoRead(reading))
        outputs: dict[AnalysisType, TaskOutput] = {}
        failures: dict[AnalysisType, TaskFailure] = {}
        types = tuple(dict.fromkeys(request.types))
        emit(Progress(Stage.ANALYZING, 0, len(types)))

        async def section(kind: AnalysisType) -> None:
            try:
                outputs[kind] = await self._section(reading, kind, request, emit)
            except VideoAnalysisError as error:
                failures[kind] = TaskFailure.of(kind, error)
                emit(SectionFailed(failures[kind]))
                _log.warning("section failed", type=kind.task, error=error.code)
            emit(Progress(Stage.ANALYZING, len(outputs) + len(failures), len(types)))

        async with asyncio.TaskGroup() as sections:
            for kind in types:
                sections.create_task(section(kind))
        result = AnalysisResult(
            video=_as_read(reading.video, outputs.values()),
            outputs=tuple(outputs[kind] for kind in types if kind in outputs),
            failures=tuple(failures[kind] for kind in types if kind in failures),
            seconds=time.perf_counter() - began,
            created_at=datetime.now(UTC),
            cached=is_known and all(output.cached for output in outputs.values()),
        )
        emit(Finished(result))
        _log.info(
            "analysis finished",
            sections=[kind.task for kind in outputs],
            seconds=round(result.seconds, 3),
            cached=result.cached,
        )

    async def _read(self, request: AnalysisRequest, emit: Emit) -> Read:
        """Reads the video together with everybody who asks for it at this time."""
        link, use_cache = request.link, request.use_cache
        source = link if isinstance(link, CaptionsFile) else parse_link(link).video_id
        # A model that cannot translate needs captions in the language to answer in.
        by_language = not self._analyses.translates(request.model)
        language = None
        if by_language and not isinstance(source, CaptionsFile):
            language = request.language

        async def work(write: Callable[[Queued | Progress | Read], None]) -> None:
            bind_contextvars(video=source if isinstance(source, str) else source.name)
            if isinstance(source, CaptionsFile):
                write((await self._transcripts.read_file(source, use_cache=use_cache), True))
                return
            read = await self._transcripts.read_link(
                source,
                language=language,
                use_cache=use_cache,
                on_step=lambda done, total: write(Progress(Stage.READING, done, total)),
                on_wait=lambda position: write(Queued(position)),
            )
            write(read)

        async with aclosing(self._reads.follow((source, language, use_cache), work)) as entries:
            async for entry in entries:
                if isinstance(entry, tuple):
                    reading, is_known = entry
                    return self._with_missing(reading, request), is_known
                emit(entry)
        raise RuntimeError("a read ended without its video")

    def _with_missing(self, reading: Transcript, request: AnalysisRequest) -> Transcript:
        """Handed-in captions are in one language: what was asked for and cannot be is named."""
        video, language = reading.video, request.language
        spoken = base_language(video.track.language)
        handed_in = isinstance(request.link, CaptionsFile)
        possible = spoken in {"", *map(base_language, request.languages)}
        translates = self._analyses.translates(request.model)
        if not handed_in or not language or possible or translates:
            return reading
        missing = Missing(MissingCode.LANGUAGE, {"language": language})
        return replace(reading, video=replace(video, missing=(*video.missing, missing)))

    async def _section(
        self, reading: Transcript, kind: AnalysisType, request: AnalysisRequest, emit: Emit
    ) -> TaskOutput:
        """Makes a section together with everybody who asks for it at this time."""
        language, style, model = request.written_in, request.style, request.model
        key = self._analyses.key(reading, kind, language=language, style=style, model=model)
        output: TaskOutput | None = None

        async def work(write: Callable[[Queued | str | TaskOutput], None]) -> None:
            parts = self._analyses.analyze(
                reading,
                kind,
                language=language,
                style=style,
                model=model,
                use_cache=request.use_cache,
            )
            async with aclosing(parts):
                async for part in parts:
                    write(part)

        async with aclosing(self._sections.follow((key, request.use_cache), work)) as entries:
            async for entry in entries:
                match entry:
                    case TaskOutput():
                        emit(SectionDone(entry))
                        output = entry
                    case Queued():
                        emit(entry)
                    case str():
                        emit(SectionDelta(kind, entry))
        if output is None:
            raise RuntimeError("an analysis ended without its section")
        return output


def _as_read(video: VideoData, outputs: Iterable[TaskOutput]) -> VideoData:
    """Names, with what is missing, the parts of a long talk that the model could not read."""
    notes = [output.note for output in outputs if output.note]
    unread = [note.params["minutes"] for note in notes if note.code is NoticeCode.PARTS_UNREAD]
    told = (Missing(MissingCode.MINUTES, {"minutes": minutes}) for minutes in unread)
    missing = dict.fromkeys(told)
    return replace(video, missing=(*video.missing, *missing))


async def _drain(
    events: asyncio.Queue[Event | None], run: asyncio.Task[None]
) -> AsyncIterator[Event]:
    while (event := await events.get()) is not None:
        yield event
    await run
