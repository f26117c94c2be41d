"""The connection to Discord, from the token to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

import aiohttp
import discord
from discord.http import Route

from vidthread.adapter import House
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger

from .gateway import Gateway

_log = get_logger(__name__)
Result = TypeVar("Result")
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError, discord.GatewayNotFound)
_PORTAL = "the developer portal, under Bot"


class CannotConnect(VideoAnalysisError):
    code = "cannot_connect"


class Connection:
    """`open` returns when all shards are ready, however long Discord is away before that."""

    def __init__(
        self,
        house: House,
        token: str,
        pace: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._house = house
        self._token = token
        self._pace = pace
        self._sleep = sleep
        self._gateway: Gateway | None = None
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Raises CannotConnect where the token or the intents are wrong."""
        Route.BASE = self._house.settings.discord_api_url
        self._gateway = gateway = await self._insist(self._logged_in)
        await self._house.assistant.resume(gateway.transport)
        gateway.listening.set()
        self._running = asyncio.create_task(self._run(gateway), name="discord gateway")
        self._running.add_done_callback(self._ended)
        ready = asyncio.create_task(gateway.wait_until_ready(), name="discord ready")
        try:
            await asyncio.wait({ready, self._running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._running.done():
            await self._running

    async def close(self) -> None:
        if self._gateway:
            await self._gateway.close()
        if self._running:
            await asyncio.wait([self._running])

    async def _logged_in(self) -> Gateway:
        reads = await self._reads_messages()
        gateway = Gateway(self._house, self._pace, reads_messages=reads)
        async with AsyncExitStack() as where_it_fails:
            where_it_fails.push_async_callback(gateway.close)
            await gateway.login(self._token)
            where_it_fails.pop_all()
        return gateway

    async def _reads_messages(self) -> bool:
        """As it is set, or as the application may."""
        wanted = self._house.settings.discord_message_content
        if wanted != "auto":
            return wanted == "on"
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
            await client.login(self._token)
            flags = client.application_flags
            return flags.gateway_message_content or flags.gateway_message_content_limited

    async def _run(self, gateway: Gateway) -> None:
        await self._insist(gateway.connect)

    def _ended(self, running: asyncio.Task[None]) -> None:
        """Whoever watches us learns that we hear nothing any more."""
        self._house.server.ready = False
        if not running.cancelled() and (error := running.exception()):
            told = error.message if isinstance(error, CannotConnect) else repr(error)
            _log.error("discord gateway ended", cause=told)

    async def _insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        wait = _FIRST_WAIT
        while True:
            try:
                return await work()
            except discord.LoginFailure as error:
                raise CannotConnect(
                    f"Discord does not accept DISCORD_TOKEN. Copy it anew from {_PORTAL}."
                ) from error
            except discord.PrivilegedIntentsRequired as error:
                raise CannotConnect(
                    f"The Message Content Intent is off. Turn it on in {_PORTAL}, or set "
                    "DISCORD_MESSAGE_CONTENT=off."
                ) from error
            except discord.ConnectionClosed as error:
                raise CannotConnect(f"Discord closed the gateway for good: {error}.") from error
            except (*_UNREACHABLE, discord.HTTPException) as error:
                _log.warning("discord not reachable, trying again", cause=repr(error), wait=wait)
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
