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
from .sentences import say, say_error
from .store import Store


async def examine(environ: Mapping[str, str]) -> AsyncIterator[Check]:
    yield Check("python", detail=platform.python_version())
    try:
        settings, bot = read_settings(environ)
    except InvalidSettings as error:
        yield Check("settings", say("doctor.wrong_settings", problems=say_error(error)))
        return
    yield Check("settings", detail=say("doctor.settings"))
    async with ServiceFactory(settings) as factory:
        yield await _database(factory)
        async for check in _models(factory):
            yield check
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
        return Check("database", say_error(error))
    return Check("database", detail=say("doctor.database"))


async def _models(factory: ServiceFactory) -> AsyncIterator[Check]:
    """Reads the talk that comes with Vidthread, and has the server of each model tested."""
    request = AnalysisRequest(sample_talk(), (AnalysisType.SUMMARY,), use_cache=False)
    try:
        reading = await factory.get_video_analysis_workflow().read(request)
    except VideoAnalysisError as error:
        yield Check("model", say_error(error))
        return
    passages = len(reading.passages)
    for number, model in enumerate(factory.get_language_models()):
        called = f"model {model.name}" if number else "model"
        try:
            told = await model.check()
        except VideoAnalysisError as error:
            yield Check(called, say_error(error))
            continue
        if told == model.name:  # offline, which needs nothing
            yield Check(called, detail=say("doctor.no_model", passages=passages))
            continue
        told = say("doctor.model", name=model.name, told=told, passages=passages)
        yield Check(called, detail=told)


async def _ranking(factory: ServiceFactory) -> Check:
    """Embeds a text where a server does that; a model on this machine is left where it is."""
    settings, meaning = factory.settings, factory.get_meaning()
    if meaning.model is None:
        off = settings.semantic == "off"
        return Check("ranking", detail=say("doctor.semantic_off" if off else "doctor.by_words"))
    if not settings.openai_embedding_model:
        return Check("ranking", detail=say("doctor.local_meaning", name=meaning.model))
    try:
        length = await meaning.check()
    except VideoAnalysisError as error:
        return Check("ranking", say("doctor.no_meaning", cause=say_error(error)))
    return Check("ranking", detail=say("doctor.meaning", name=meaning.model, length=length))


async def _youtube(factory: ServiceFactory) -> Check:
    url = factory.settings.youtube_url
    try:
        await factory.get_youtube_repository().check()
    except VideoAnalysisError as error:
        return Check("youtube", f"{url}: {say_error(error)}")
    return Check("youtube", detail=say("doctor.youtube", address=url))
