"""What Vidthread needs, checked one by one, with what to do where something is missing."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Iterator, Mapping

from youtube_analysis.errors import InvalidSettings, VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisType
from youtube_analysis.service_factory import ServiceFactory

from .adapter import Check
from .config import BotSettings, read_settings
from .sample import sample_talk
from .store import Store

_MORE = "OPENAI_EMBEDDING_MODEL or the extra vidthread[semantic] adds meaning"
_EMBEDDINGS = "OPENAI_EMBEDDING_MODEL at OPENAI_EMBEDDING_BASE_URL"


async def examine(environ: Mapping[str, str]) -> AsyncIterator[Check]:
    yield Check("python", detail=platform.python_version())
    try:
        settings, bot = read_settings(environ)
    except InvalidSettings as error:
        yield Check("settings", f"{error.message} Mend them in the environment or in .env.")
        return
    yield Check("settings", detail="valid")
    async with ServiceFactory(settings) as factory:
        yield await _database(factory)
        yield await _model(factory)
        yield await _ranking(factory)
        yield await _youtube(factory)
    for checks in _platforms(bot):
        async for check in checks:
            yield check


def _platforms(bot: BotSettings) -> Iterator[AsyncIterator[Check]]:
    """Those whose settings are there; each is imported where it is wanted."""
    if bot.discord_token:
        from .discord.checks import examine_discord  # noqa: PLC0415

        yield examine_discord(bot, bot.discord_token)
    if bot.slack_bot_token or bot.slack_app_token or bot.slack_signing_secret:
        from .slack.connection import examine_slack  # noqa: PLC0415

        yield examine_slack(bot)


async def _database(factory: ServiceFactory) -> Check:
    """Opens it, as `run` would do."""
    try:
        await Store(factory.get_database()).open()
    except VideoAnalysisError as error:
        return Check("database", error.message)
    return Check("database", detail="open, its tables are up to date")


async def _model(factory: ServiceFactory) -> Check:
    """Reads the talk that comes with Vidthread, and has the model's server tested."""
    request = AnalysisRequest(sample_talk(), (AnalysisType.SUMMARY,), use_cache=False)
    try:
        reading = await factory.get_video_analysis_workflow().read(request)
        model = factory.get_language_model()
        told = await model.check()
    except VideoAnalysisError as error:
        return Check("model", error.message)
    passages = len(reading.passages)
    return Check("model", detail=f"{model.name}: {told}; the sample talk has {passages} passages")


async def _ranking(factory: ServiceFactory) -> Check:
    """Embeds a text where a server does that; a model on this machine is left where it is."""
    settings, meaning = factory.settings, factory.get_meaning()
    if meaning.model is None:
        more = "SEMANTIC is off" if settings.semantic == "off" else _MORE
        return Check("ranking", detail=f"by words alone; {more}")
    if not settings.openai_embedding_model:
        return Check("ranking", detail=f"by words and meaning: {meaning.model} on this machine")
    try:
        length = await meaning.check()
    except VideoAnalysisError as error:
        return Check("ranking", f"{_EMBEDDINGS}: {error.message} Until then words alone rank.")
    return Check(
        "ranking", detail=f"by words and meaning: {meaning.model}, {length} numbers a text"
    )


async def _youtube(factory: ServiceFactory) -> Check:
    url = factory.settings.youtube_url
    try:
        await factory.get_youtube_repository().check()
    except VideoAnalysisError as error:
        return Check("youtube", f"{url}: {error.message}")
    return Check("youtube", detail=f"{url} answers")
