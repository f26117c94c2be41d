"""The doors for code without an event loop: a link goes in, a dict comes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from .background import end_background_loops, run_blocking
from .config import Settings
from .errors import Interrupted, InvalidLink, InvalidRequest, Unexpected, VideoAnalysisError
from .logging import get_logger
from .metrics import Metrics, Samples, performance_stats
from .models.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    CaptionsFile,
    TaskFailure,
    TaskOutput,
)
from .models.style import Length, Style
from .passages.transcript import Transcript
from .service_factory import ServiceFactory, get_service_factory, service_factories
from .services.content import ContentService
from .upstream import RateWindow
from .workflow import Event, Finished

_log = get_logger(__name__)
Outcome = tuple[dict[str, Any] | None, str | None]


def run_analysis_v2(
    youtube_url: str | CaptionsFile,
    use_cache: bool = True,
    analysis_types: Iterable[str] | None = None,
    *,
    language: str | None = None,
    length: str = "normal",
    instruction: str = "",
    model: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Outcome:
    """Analyzes a video and waits for it: (results, None), or (None or what there is, a sentence).

    `analysis_types` are display names such as "Action Plan", or one of them; None makes all six.
    `length` is short, normal or long; `instruction` says in at most 500 characters what is wanted
    besides, such as "for engineers, five bullets"; `model` is a name from MODELS.
    `results` is JSON-serialisable; its `task_outputs` hold the types that succeeded, and where
    one did, the error is None and `error_message` tells of the others. `on_event` hears of
    progress, in another thread. `use_cache=False` reads and analyzes anew.

    Works in scripts, in threads and inside a running loop, where it blocks the calling thread and
    all that runs on that loop: there, better await the workflow. All calls share one background
    loop with its connections and caches. Ctrl-C cancels the run.
    """

    def run() -> Outcome:
        style = _style(length, instruction)
        request = _request(youtube_url, analysis_types, language, style, model, use_cache=use_cache)
        return run_blocking(lambda: _analyze(request, on_event))

    return _outcome(run)


def run_analysis(
    youtube_url: str | CaptionsFile,
    analysis_types: Iterable[str] | None = None,
    *,
    language: str | None = None,
    length: str = "normal",
    instruction: str = "",
    model: str | None = None,
) -> Outcome:
    """Sends the same requests and prompts as `run_analysis_v2`, one after another, each over a new
    connection and without a cache: for callers of the first version, and for comparison."""

    def run() -> Outcome:
        style = _style(length, instruction)
        request = _request(youtube_url, analysis_types, language, style, model, use_cache=False)
        return run_blocking(lambda: _analyze_in_sequence(request))

    return _outcome(run)


async def analyze_in_sequence(
    request: AnalysisRequest, settings: Settings | None = None
) -> AnalysisResult:
    """Takes each step after the one before. Raises VideoAnalysisError where the video cannot be
    read; a section that fails is told in the result."""
    began = time.perf_counter()
    outputs: list[TaskOutput] = []
    failures: list[TaskFailure] = []
    async with _sequential.factory(settings or Settings.from_env()) as factory:
        reading = await factory.get_video_analysis_workflow().read(request)
        for kind in dict.fromkeys(request.types):
            try:
                outputs.append(await _section(factory, reading, request, kind))
            except VideoAnalysisError as error:
                failures.append(TaskFailure.of(kind, error))
    return AnalysisResult(
        reading.video,
        tuple(outputs),
        tuple(failures),
        seconds=time.perf_counter() - began,
        created_at=datetime.now(UTC),
    )


def get_performance_stats() -> dict[str, Any]:
    """Counters of the cache, the connections and the language model, summed over all loops and
    over the runs of `run_analysis` since the last cleanup.

    All keys are there before anything was done, with zeros.
    """
    factories = service_factories.values()
    return performance_stats(
        [_sequential.samples(), *(factory.metrics.samples() for factory in factories)]
    )


async def cleanup_analysis_resources() -> None:
    """Closes connections, caches and the background loop. May be called twice; what is called
    afterwards works again. Calls under way return (None, a sentence that says so)."""
    await end_background_loops()
    await service_factories.close()
    _sequential.forget()


def _outcome(run: Callable[[], Outcome]) -> Outcome:
    """Whatever goes wrong is a sentence."""
    try:
        return run()
    except VideoAnalysisError as error:
        return None, error.message
    except Exception as error:  # noqa: BLE001 - the outermost edge of the library
        if not threading.main_thread().is_alive():
            return None, Interrupted().message  # it failed because Python is ending
        _log.exception("analysis failed", error=repr(error))
        return None, Unexpected().message


def _request(
    youtube_url: str | CaptionsFile,
    analysis_types: Iterable[str] | None,
    language: str | None,
    style: Style,
    model: str | None,
    *,
    use_cache: bool,
) -> AnalysisRequest:
    """Raises InvalidRequest for whatever is not what the doors take."""
    if not isinstance(youtube_url, str | CaptionsFile):
        raise InvalidLink(reason="no_link")
    if not isinstance(language, str | None):
        raise InvalidRequest("Name the language by its code, such as “en” or “pt-BR”.")
    if not isinstance(model, str | None):
        raise InvalidRequest("Name the model as MODELS does.")
    types = _types(analysis_types)
    return AnalysisRequest(
        youtube_url, types, language, use_cache=use_cache, style=style, model=model
    )


def _style(length: str, instruction: str) -> Style:
    """Raises InvalidRequest."""
    if not isinstance(instruction, str):
        raise InvalidRequest("Write the instruction as text.")
    return Style(Length.named(str(length)), instruction)


def _types(asked: object) -> tuple[AnalysisType, ...]:
    if asked is None:
        return tuple(AnalysisType)
    several = [asked] if isinstance(asked, str) or not isinstance(asked, Iterable) else asked
    types = tuple(AnalysisType.named(str(name)) for name in several)
    if not types:
        raise InvalidRequest(f"Name an analysis type. Choose from: {', '.join(AnalysisType)}.")
    return types


async def _analyze(request: AnalysisRequest, on_event: Callable[[Event], None] | None) -> Outcome:
    factory = get_service_factory()
    async with factory.get_video_analysis_workflow().open(request) as events:
        async for event in events:
            if on_event:
                on_event(event)
            if isinstance(event, Finished):
                return _told(event.result)
    raise RuntimeError("a run ended without a result")


async def _analyze_in_sequence(request: AnalysisRequest) -> Outcome:
    return _told(await analyze_in_sequence(request))


def _told(result: AnalysisResult) -> Outcome:
    results = ContentService().results(result)
    return results, None if result.outputs else results["error_message"]


async def _section(
    factory: ServiceFactory, reading: Transcript, request: AnalysisRequest, kind: AnalysisType
) -> TaskOutput:
    parts = factory.get_analysis_service().analyze(
        reading,
        kind,
        language=request.written_in,
        style=request.style,
        model=request.model,
        use_cache=False,
    )
    output: TaskOutput | None = None
    async with aclosing(parts):
        async for part in parts:
            if isinstance(part, TaskOutput):
                output = part
    if output is None:
        raise RuntimeError("an analysis ended without its section")
    return output


class _Sequential:
    """What the factories have in common that `run_analysis` makes, one for each run."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Runs that ended count no more."""
        self._metrics = Metrics()
        # By RATE_PER_MINUTE, which may change between two runs.
        self._windows: dict[int, RateWindow] = {}

    def factory(self, settings: Settings) -> ServiceFactory:
        most = settings.rate_per_minute
        window = self._windows.setdefault(most, RateWindow(most))
        return ServiceFactory(settings, reuse=False, metrics=self._metrics, window=window)

    def samples(self) -> Samples:
        """What was counted: the state of a factory is over with its run."""
        every, counts = self._metrics.samples(), ("_total", "requests_recent")
        return {key: every[key] for key in every if key[0].endswith(counts)}


_sequential = _Sequential()
