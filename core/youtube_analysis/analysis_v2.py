"""The door for code without an event loop: a link goes in, a dict comes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from .background import ending_background_loop, run_blocking
from .errors import Interrupted, InvalidLink, InvalidRequest, Unexpected, VideoAnalysisError
from .logging import get_logger
from .models.analysis import AnalysisRequest, AnalysisType, CaptionsFile
from .performance_stats import performance_stats, sequential
from .service_factory import get_service_factory, service_factories
from .workflow import Event, Finished

_log = get_logger(__name__)
Outcome = tuple[dict[str, Any] | None, str | None]


def run_analysis_v2(
    youtube_url: str | CaptionsFile,
    use_cache: bool = True,
    analysis_types: Iterable[str] | None = None,
    *,
    language: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Outcome:
    """Analyzes a video and waits for it: (results, None), or (None or what there is, a sentence).

    `analysis_types` are display names such as "Action Plan", or one of them; None makes all six.
    `results` is JSON-serialisable; its `task_outputs` hold the types that succeeded, and where
    one did, the error is None and `error_message` tells of the others. `on_event` hears of
    progress, in another thread. `use_cache=False` reads and analyzes anew.

    Works in scripts, in threads and inside a running loop, where it blocks the calling thread and
    all that runs on that loop: there, better await the workflow. All calls share one background
    loop with its connections and caches. Ctrl-C cancels the run.
    """

    def run() -> Outcome:
        request = analysis_request(youtube_url, analysis_types, language, use_cache=use_cache)
        return run_blocking(lambda: _analyze(request, on_event))

    return outcome_of(run)


def get_performance_stats() -> dict[str, Any]:
    """Counters of the cache, the connections and the language model, summed over all loops and
    over the runs of `run_analysis` since the last cleanup.

    All keys are there before anything was done, with zeros.
    """
    return performance_stats(service_factories().values())


async def cleanup_analysis_resources() -> None:
    """Closes connections, caches and the background loop. May be called twice; what is called
    afterwards works again. Calls under way return (None, a sentence that says so)."""
    async with ending_background_loop():
        # Each on its own loop: one that stands still does so when it runs again.
        await service_factories().close()
    sequential.forget()


def outcome_of(run: Callable[[], Outcome]) -> Outcome:
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


def analysis_request(
    youtube_url: str | CaptionsFile,
    analysis_types: Iterable[str] | None,
    language: str | None,
    *,
    use_cache: bool,
) -> AnalysisRequest:
    """Raises InvalidRequest for whatever is not what the doors take."""
    if not isinstance(youtube_url, str | CaptionsFile):
        raise InvalidLink(reason="no_link")
    if not isinstance(language, str | None):
        raise InvalidRequest("Name the language by its code, such as “en” or “pt-BR”.")
    return AnalysisRequest(youtube_url, _types(analysis_types), language, use_cache=use_cache)


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
                results = factory.get_content_service().results(event.result)
                return results, None if event.result.outputs else results["error_message"]
    raise RuntimeError("a run ended without a result")
