"""What an adapter is given, what it is, what its platform is found to lack, and what all of them
need to stay connected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from youtube_analysis.checking.literal import literal
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.service_factory import ServiceFactory

from .assistant import Assistant
from .config import BotSettings
from .sentences import say
from .store import Store
from .surface import RateLimited
from .web import WebServer

_log = get_logger(__name__)
Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class House:
    """Opened before the adapters, closed after them. `links` are for whoever starts it to open:
    `playground` and `invite`, once connected."""

    settings: BotSettings
    factory: ServiceFactory
    store: Store
    assistant: Assistant
    server: WebServer
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mounted:
    """An adapter whose routes are served. `connect` opens its connections and takes up what is
    unfinished before it hears anything new; it raises VideoAnalysisError where it never can.
    `lost` waits for as long as it is connected or may be again, and raises VideoAnalysisError where
    it never will be."""

    platform: str
    connect: Callable[[], Coroutine[Any, Any, None]]
    lost: Callable[[], Awaitable[None]] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Check:
    """`problem` says what is wrong and what to do, None where all is well."""

    name: str
    problem: str | None = None
    detail: str = ""


Adapter = Callable[[House], AbstractAsyncContextManager[Mounted]]
"""Mounts its routes, and hears nothing before it is connected or after its context ended."""


class CannotConnect(VideoAnalysisError):
    """A platform does not take us, or not any more."""

    code = "cannot_connect"


class FileWithheld(InvalidRequest):
    """A platform does not give us a file that somebody shared."""

    code = "file_withheld"

    def __init__(self, platform: str, name: str) -> None:
        withheld = f"error.file_withheld.{platform}"
        super().__init__(say(withheld, file=literal(name)))


async def until_reached(
    ask: Callable[[], Awaitable[Result]],
    away: tuple[type[Exception], ...],
    sleep: Sleep = asyncio.sleep,
) -> Result:
    """Asks a platform until it answers, however long it is `away`."""
    wait = _FIRST_WAIT
    while True:
        try:
            return await ask()
        except away as error:
            _log.warning("platform not reachable, trying again", cause=repr(error), wait=wait)
            asked = error.retry_after if isinstance(error, RateLimited) else 0.0
        await sleep(max(wait, asked))
        wait = min(2 * wait, _LONGEST_WAIT)


async def keep_connected(
    session: Callable[[], Awaitable[None]],
    longest_wait: float,
    sleep: Sleep = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Begins another session whenever one ends, after a wait that doubles; one that lasted begins
    with a short wait again. Raises CannotConnect where the platform wants us no more."""
    wait = _FIRST_WAIT
    while True:
        began = clock()
        try:
            await session()
            _log.warning("connection ended, opening another", wait=wait)
        except CannotConnect:
            raise
        except Exception:  # noqa: BLE001 - said below
            # The edge of the adapters: what nobody foresaw ends one connection, not the bot.
            _log.exception("connection failed, opening another", wait=wait)
        if clock() - began > longest_wait:
            wait = _FIRST_WAIT
        await sleep(wait)
        wait = min(2 * wait, longest_wait)


async def until_set(event: asyncio.Event, running: asyncio.Task[None] | None) -> None:
    """Waits for the event. Raises what ends the `running` connection before."""
    waiting = asyncio.create_task(event.wait())
    both: set[asyncio.Task[Any]] = {waiting, running} if running else {waiting}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if running and running.done():
        await running
