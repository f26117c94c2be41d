"""What Vidthread needs, checked one by one, with what to do where something is missing."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from youtube_analysis.config import Settings
from youtube_analysis.errors import InvalidSettings, VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisType
from youtube_analysis.service_factory import ServiceFactory

from .playground.sample import sample_talk


@dataclass(frozen=True, slots=True)
class Check:
    """`problem` says what is wrong and what to do, None where all is well."""

    name: str
    problem: str | None = None
    told: str = ""


async def examine(environ: Mapping[str, str]) -> AsyncIterator[Check]:
    yield Check("python", told=platform.python_version())
    try:
        settings = Settings.from_env(environ)
    except InvalidSettings as error:
        yield Check("settings", f"{error.message} Mend them in the environment or in .env.")
        return
    yield Check("settings", told="valid")
    async with ServiceFactory(settings) as factory:
        yield await _model(factory)
        yield await _youtube(factory)


async def _model(factory: ServiceFactory) -> Check:
    """Analyzes the talk that comes with Vidthread: the whole way, without a network."""
    request = AnalysisRequest(sample_talk(), (AnalysisType.SUMMARY,), use_cache=False)
    workflow = factory.get_video_analysis_workflow()
    try:
        reading = await workflow.read(request)
    except VideoAnalysisError as error:
        return Check("model", error.message)
    return Check(
        "model",
        told=f"extractive (offline); the sample talk reads as {len(reading.passages)} passages",
    )


async def _youtube(factory: ServiceFactory) -> Check:
    url = factory.settings.youtube_url
    try:
        await factory.get_youtube_repository().check()
    except VideoAnalysisError as error:
        return Check("youtube", f"{url}: {error.message}")
    return Check("youtube", told=f"{url} answers")
