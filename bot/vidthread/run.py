"""The server from its start to its end: everything is opened in order and closed in reverse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from youtube_analysis.concurrency import favor_loop
from youtube_analysis.config import Settings
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import configure_logging, get_logger
from youtube_analysis.service_factory import ServiceFactory

from .adapter import Adapter, House, Mounted
from .assistant import Assistant
from .config import BotSettings, read_settings
from .metrics import metrics_route
from .presenter import Presenter
from .sample import SAMPLE
from .store import Store
from .web import WebServer

_log = get_logger(__name__)
_TAKEN_UP_EVERY = 300.0  # seconds
# Platforms deliver an event again for hours; nothing else asks for what was answered.
_KEPT = timedelta(days=7)
_DAY = timedelta(days=1)


async def serve(
    environ: Mapping[str, str], greet: Callable[[Mapping[str, str]], None]
) -> signal.Signals:
    """Serves until SIGINT or SIGTERM, and tells which it was. Once connected, it has whoever
    started it greeted with the links of the house. Raises VideoAnalysisError where it cannot
    start."""
    core, bot = read_settings(environ)
    secrets = (*core.secrets(), *bot.secrets())
    configure_logging(core.log_level or "INFO", core.log_format, secrets)
    ended = _signals()
    async with open_house(core, bot, adapters_for(bot), ended) as house:
        favor_loop()
        if house.server.ready:
            greet(house.links)
        ending = await ended
        house.server.ready = False
        _log.info("stopping", signal=ending.name)
        if ending is signal.SIGTERM:
            left = await house.assistant.drain(bot.drain_timeout)
            _log.info("drained", left=left)
    return ending


@asynccontextmanager
async def open_house(
    core: Settings,
    bot: BotSettings,
    adapters: Sequence[Adapter],
    ended: asyncio.Future[signal.Signals] | None = None,
) -> AsyncIterator[House]:
    """Everything, connected, unless it `ended` before. What is unfinished at the end is taken up
    at the next start."""
    async with AsyncExitStack() as opened:
        factory = await opened.enter_async_context(ServiceFactory(core))
        store = Store(factory.get_database())
        await store.open()
        server = WebServer(bot.web_host, bot.web_port)
        opened.push_async_callback(server.close)
        # Answers that a stop cut off, and the sample, must not delay the start.
        ready = asyncio.Event()
        presenter = Presenter(store.outbox)
        assistant = Assistant(factory, store, presenter, ready=ready, retain_days=bot.retain_days)
        opened.push_async_callback(assistant.close)
        opened.push_async_callback(factory.supervisor.close)
        server.mount([metrics_route(factory, assistant)], open_=True)
        factory.supervisor.keep("loop lag", factory.metrics.watch_loop)
        house = House(bot, factory, store, assistant, server)
        mounted = [await opened.enter_async_context(adapter(house)) for adapter in adapters]
        url = await server.start()
        if await _connect(mounted, ended):
            server.ready = True
            _log.info("ready", url=url, platforms=[adapter.platform for adapter in mounted])
            ready.set()
            _watch(house, mounted, ended)
        factory.supervisor.once("load what was left out", factory.load())
        factory.supervisor.keep("tidy", partial(_tidy, store, assistant))
        factory.supervisor.keep("take up what was left", partial(_take_up, assistant))
        yield house


def _watch(
    house: House, mounted: Sequence[Mounted], ended: asyncio.Future[signal.Signals] | None
) -> None:
    """A platform that is lost for good ends the process, unless another one is connected."""
    connected = {adapter.platform for adapter in mounted}

    async def stay(platform: str, lost: Callable[[], Awaitable[None]]) -> None:
        try:
            await lost()
        except VideoAnalysisError as error:
            _log.error("platform lost", platform=platform, cause=error.message)
            connected.discard(platform)
            if connected:
                return
            house.server.ready = False
            if ended and not ended.done():
                ended.set_exception(error)

    for adapter in mounted:
        if adapter.lost:
            house.factory.supervisor.once(
                f"watch {adapter.platform}", stay(adapter.platform, adapter.lost)
            )


async def _tidy(store: Store, assistant: Assistant) -> None:
    """Removes, every day, what was answered long ago, and forgets the threads that nobody uses."""
    while True:
        try:
            removed = await store.prune(datetime.now(UTC) - _KEPT, keep=(SAMPLE,))
            forgotten = await assistant.forget_unused()
            _log.info("tidied", events=removed, threads=forgotten)
        except DatabaseError as error:
            _log.warning("not tidied", error=repr(error))
        await asyncio.sleep(_DAY.total_seconds())


async def _take_up(assistant: Assistant) -> None:
    """Delivers what a platform missed while it was away."""
    while True:
        await asyncio.sleep(_TAKEN_UP_EVERY)
        await assistant.resume_all()


async def _connect(
    adapters: Sequence[Mounted], ended: asyncio.Future[signal.Signals] | None
) -> bool:
    """All at once; a platform that is away is waited for. False where the end came before. Raises
    what the first that cannot raises."""
    connecting = asyncio.ensure_future(_connect_all(adapters))
    waiting: set[asyncio.Future[Any]] = {connecting, ended} if ended else {connecting}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        connecting.cancel()
        await asyncio.wait([connecting])
        return False
    connecting.result()
    return True


async def _connect_all(adapters: Sequence[Mounted]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for adapter in adapters:
                group.create_task(adapter.connect())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def adapters_for(settings: BotSettings) -> Sequence[Adapter]:
    """Those whose settings are there; each is imported where it is wanted."""
    adapters: list[Adapter] = []
    if settings.discord_token:
        from .discord.connection import discord_adapter  # noqa: PLC0415

        adapters.append(discord_adapter(settings.discord_token))
    if settings.serves_playground:
        from .playground.adapter import open_playground  # noqa: PLC0415

        adapters.append(open_playground)
    if settings.slack_bot_token and (settings.slack_app_token or settings.slack_signing_secret):
        from .slack.connection import slack_adapter  # noqa: PLC0415

        adapters.append(slack_adapter())
    return adapters


def _signals() -> asyncio.Future[signal.Signals]:
    """The first one that asks for the end; the second one ends the process as it always does."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[signal.Signals] = loop.create_future()

    def end(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        if not ended.done():
            ended.set_result(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    return ended
