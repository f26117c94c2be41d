"""Discord as one of the adapters: its connection, from the token to the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import aiohttp
import discord

from vidthread.adapter import Adapter, House, Mounted
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger

from .client import DiscordClient, point_client
from .interactions import Interactions
from .messages import Messages
from .rest import Rest
from .thread_surface import PACE, PLATFORM
from .transport import DiscordTransport

_log = get_logger(__name__)
Result = TypeVar("Result")
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
# Discord takes a bot's token away that begins more than a thousand sessions in a day.
_LONGEST_WAIT_TO_REBUILD = 600.0
_UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError, discord.GatewayNotFound)
_PORTAL = "the developer portal, under Bot"
_BAD_TOKEN, _SHARDING_REQUIRED = 4004, 4011


class CannotConnect(VideoAnalysisError):
    code = "cannot_connect"


def discord_adapter(token: str, *, pace: float = PACE) -> Adapter:
    """`pace` is the seconds between two edits of one message."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        connection = Connection(house, token, pace)
        try:
            yield Mounted(PLATFORM, connection.open, lost=connection.lost)
        finally:
            await connection.close()

    return opened


class Connection:
    """One gateway after the other: discord.py closes its client for good at whatever it does not
    foresee. What hears and answers outlives them, and sees the current one as `Rest.client`."""

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
        self._sleep = sleep
        self._rest = Rest()
        self._listening = asyncio.Event()
        self._transport = DiscordTransport(self._rest, pace)
        self._interactions = Interactions(house, self._transport, self._rest, self._listening)
        self._client: DiscordClient | None = None
        self._ready = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when all shards are ready, however long Discord is away before that. Raises
        CannotConnect where the token or the intents are wrong."""
        point_client(self._house.settings.discord_api_url)
        await self._insist(self._log_in)
        await self._house.assistant.resume(self._transport)
        self._listening.set()
        self._running = asyncio.create_task(self._keep_connected(), name="discord gateway")
        ready = asyncio.create_task(self._ready.wait(), name="discord ready")
        try:
            await asyncio.wait({ready, self._running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._running.done():
            await self._running

    async def lost(self) -> None:
        """Waits for as long as Discord has us. Raises CannotConnect when it does not any more."""
        if self._running:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._transport.close()
        if self._client:
            await self._client.close()

    async def _log_in(self) -> None:
        reads = await self._reads_messages()
        messages = Messages(self._house, self._transport, self._rest, self._listening, reads=reads)
        client = DiscordClient(
            self._house, self._interactions, messages, self._ready.set, reads_messages=reads
        )
        async with AsyncExitStack() as where_it_fails:
            where_it_fails.push_async_callback(client.close)
            await client.login(self._token)
            where_it_fails.pop_all()
        self._client = self._rest.client = client

    async def _reads_messages(self) -> bool:
        """As it is set, or as the application may."""
        wanted = self._house.settings.discord_message_content
        if wanted != "auto":
            return wanted == "on"
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
            await client.login(self._token)
            flags = client.application_flags
            return flags.gateway_message_content or flags.gateway_message_content_limited

    async def _keep_connected(self) -> None:
        """Raises CannotConnect where Discord wants us no more; any other end is a new beginning."""
        loop, wait = asyncio.get_running_loop(), _FIRST_WAIT
        while True:
            began = loop.time()
            await self._connect()
            if loop.time() - began > _LONGEST_WAIT_TO_REBUILD:
                wait = _FIRST_WAIT
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_TO_REBUILD)
            await self._insist(self._log_in)

    async def _connect(self) -> None:
        """Until the gateway ends, which is logged. Raises CannotConnect."""
        client = self._rest.client
        try:
            await client.connect()
            _log.warning("discord gateway ended, building another")
        except discord.PrivilegedIntentsRequired as error:
            if self._house.settings.discord_message_content == "on":
                raise _no_content() from error
            _log.warning("discord gateway ended, building another", cause=str(error))
        except discord.ConnectionClosed as error:
            if error.code == _BAD_TOKEN:
                raise _no_token() from error
            if error.code != _SHARDING_REQUIRED or self._house.settings.discord_shard_count:
                raise CannotConnect(f"Discord closed the gateway for good: {error}.") from error
            _log.warning("discord gateway ended, building another", cause=str(error))
        except Exception:  # noqa: BLE001 - said below
            # The edge of the adapter: what nobody foresaw ends one gateway, not the bot.
            _log.exception("discord gateway failed, building another")
        finally:
            await client.close()

    async def _insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        wait = _FIRST_WAIT
        while True:
            try:
                return await work()
            except discord.LoginFailure as error:
                raise _no_token() from error
            except (*_UNREACHABLE, discord.HTTPException) as error:
                _log.warning("discord not reachable, trying again", cause=repr(error), wait=wait)
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)


def _no_token() -> CannotConnect:
    return CannotConnect(f"Discord does not accept DISCORD_TOKEN. Copy it again from {_PORTAL}.")


def _no_content() -> CannotConnect:
    return CannotConnect(
        f"The Message Content Intent is off. Turn it on in {_PORTAL}, or set "
        "DISCORD_MESSAGE_CONTENT=off."
    )
