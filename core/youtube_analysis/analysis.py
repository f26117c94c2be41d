"""The sequential path of old, kept for who calls it and to be compared with.

It sends the same requests and the same prompts through the same services as `run_analysis_v2`,
one after another, each over a new connection, and remembers nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC, datetime

from .analysis_v2 import Outcome, analysis_request, outcome_of
from .background import run_blocking
from .config import Settings
from .errors import VideoAnalysisError
from .models.analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    CaptionsFile,
    TaskFailure,
    TaskOutput,
)
from .passages.transcript import Transcript
from .performance_stats import sequential
from .service_factory import ServiceFactory
from .services.content import ContentService


def run_analysis(
    youtube_url: str | CaptionsFile,
    analysis_types: Iterable[str] | None = None,
    *,
    language: str | None = None,
) -> Outcome:
    """As `run_analysis_v2`, one step after another and without a cache."""

    def run() -> Outcome:
        request = analysis_request(youtube_url, analysis_types, language, use_cache=False)
        return run_blocking(lambda: _outcome(request))

    return outcome_of(run)


async def analyze_in_sequence(
    request: AnalysisRequest, settings: Settings | None = None
) -> AnalysisResult:
    """Every step after the one before. Raises VideoAnalysisError where the video cannot be
    read; a section that fails is told in the result."""
    began = time.perf_counter()
    outputs: list[TaskOutput] = []
    failures: list[TaskFailure] = []
    async with sequential.factory(settings) as factory:
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


async def _outcome(request: AnalysisRequest) -> Outcome:
    result = await analyze_in_sequence(request)
    results = ContentService().results(result)
    return results, None if result.outputs else results["error_message"]


async def _section(
    factory: ServiceFactory, reading: Transcript, request: AnalysisRequest, kind: AnalysisType
) -> TaskOutput:
    parts = factory.get_analysis_service().analyze(
        reading, kind, language=request.language, use_cache=False
    )
    output: TaskOutput | None = None
    async with aclosing(parts):
        async for part in parts:
            if isinstance(part, TaskOutput):
                output = part
    if output is None:
        raise RuntimeError("an analysis ended without its section")
    return output
