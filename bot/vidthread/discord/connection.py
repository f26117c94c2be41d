"""Discord as one of the adapters: its client and its gateway, from the token to the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from vidthread.adapter import (
    Adapter,
    CannotConnect,
    House,
    Mounted,
    Sleep,
    keep_connected,
    until_reached,
    until_set,
)
from vidthread.presenter import SharedPace
from vidthread.sentences import say
from youtube_analysis.logging import get_logger

from .budget import RequestBudget
from .command_tree import CatalogTranslator, CommandTree, sync_if_changed
from .components import ActionButton, ActionMenu
from .interactions import Interactions
from .messages import MessageListener
from .places import PLATFORM, invite_link
from .rest import DiscordRest
from .slash_commands import add_commands
from .transport import DiscordTransport

_log = get_logger(__name__)
# Observed of Discord: five edits in five seconds of a channel.
PACE = 1.2
_GUILDS_READY = 0.5
# Discord takes a bot's token away that begins more than a thousand sessions in a day.
_LONGEST_WAIT_TO_REBUILD = 600.0
AWAY = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    discord.GatewayNotFound,
    discord.HTTPException,
)
_TOKEN_REFUSED, _SHARDING_REQUIRED = 4004, 4011
# Without these there is no session: what goes wrong with them is no event to be dropped.
_HANDSHAKE = frozenset({"READY", "RESUMED"})
# We never speak; what that would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def discord_adapter(token: str, *, pace: float = PACE) -> Adapter:
    """`pace` is the seconds between two edits of one message."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        connection = DiscordConnection(house, token, SharedPace(pace))
        try:
            yield Mounted(PLATFORM, connection.open, lost=connection.lost)
        finally:
            await connection.close()

    return opened


class DiscordConnection:
    """One gateway after the other: discord.py closes its client for good at whatever it does not
    foresee. What hears and answers outlives them, and sees the current one as `rest.client`."""

    def __init__(
        self, house: House, token: str, pace: SharedPace, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._house = house
        self._token = token
        self._sleep = sleep
        self._rest = DiscordRest()
        self._listening = asyncio.Event()
        self._transport = DiscordTransport(self._rest, pace)
        self._interactions = Interactions(house, self._transport, self._rest, self._listening)
        self._ready = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when all shards are ready, however long Discord is away before that. Raises
        CannotConnect where the token or the intents are wrong."""
        point_to(self._house.settings.discord_api_url)
        await until_reached(self._log_in, AWAY, self._sleep)
        link = invite_link(self._rest.client.application_id or 0)
        self._house.links["invite"] = link
        _log.info("to add the bot to a server, open its link", link=link)
        await self._house.assistant.resume(self._transport)
        self._listening.set()
        staying = keep_connected(self._session, _LONGEST_WAIT_TO_REBUILD, self._sleep)
        self._running = asyncio.create_task(staying, name="discord gateway")
        self._running.add_done_callback(lambda _: self._transport.lose())
        await until_set(self._ready, self._running)

    async def lost(self) -> None:
        """Waits for as long as Discord has us. Raises CannotConnect when it does not any more."""
        if self._running:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
        if self._rest.is_open:
            await self._rest.client.close()

    async def _log_in(self) -> None:
        try:
            reads = await self._reads_messages()
            messages = MessageListener(
                self._house, self._transport, self._rest, self._listening, reads=reads
            )
            client = DiscordClient(
                self._house, self._interactions, messages, self._ready.set, reads_messages=reads
            )
            try:
                await client.login(self._token)
            except BaseException:
                await client.close()
                raise
        except discord.LoginFailure as error:
            raise CannotConnect(say("discord.bad_token")) from error
        self._rest.client = client

    async def _reads_messages(self) -> bool:
        """As it is set, or as the application may."""
        wanted = self._house.settings.discord_message_content
        if wanted != "auto":
            return wanted == "on"
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
            await client.login(self._token)
            flags = client.application_flags
            return flags.gateway_message_content or flags.gateway_message_content_limited

    async def _session(self) -> None:
        """From the login to the end of the gateway. Raises CannotConnect."""
        if not self._rest.is_open:
            await until_reached(self._log_in, AWAY, self._sleep)
        settings = self._house.settings
        try:
            await self._rest.client.connect()
        except discord.PrivilegedIntentsRequired as error:
            if settings.discord_message_content == "on":
                raise CannotConnect(say("discord.no_content")) from error
            _log.warning("discord took an intent away")
        except discord.ConnectionClosed as error:
            if error.code == _TOKEN_REFUSED:
                raise CannotConnect(say("discord.bad_token")) from error
            if error.code != _SHARDING_REQUIRED or settings.discord_shard_count:
                raise CannotConnect(say("discord.closed", cause=str(error))) from error
            _log.warning("discord wants more shards")
        finally:
            await self._rest.client.close()


class DiscordClient(discord.AutoShardedClient):
    """It logs in and connects once; `became_ready` is called whenever all shards are."""

    def __init__(
        self,
        house: House,
        interactions: Interactions,
        messages: MessageListener,
        became_ready: Callable[[], None],
        *,
        reads_messages: bool,
    ) -> None:
        settings, shards = house.settings, dict[str, Any]()
        if settings.discord_shard_ids:
            shards["shard_ids"] = list(settings.discord_shard_ids)
        super().__init__(
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=reads_messages
            ),
            shard_count=settings.discord_shard_count,
            **shards,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=_GUILDS_READY,
            http_trace=RequestBudget().trace(settings.discord_api_url),
        )
        self.interactions = interactions
        self._house = house
        self._messages = messages
        self._became_ready = became_ready
        self._tree = CommandTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        models = house.factory.get_analysis_service().models
        add_commands(self._tree, interactions, house.store.threads, models)
        self.add_dynamic_items(ActionButton, ActionMenu)
        _drop_what_cannot_be_parsed(self)

    async def setup_hook(self) -> None:
        """Where its session is lost, or it has a count of shards, the client would dial an address
        that it brings along."""
        await self._tree.set_translator(CatalogTranslator())
        _, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = type(DiscordWebSocket.DEFAULT_GATEWAY)(address)

    async def on_ready(self) -> None:
        """Commands are synced behind the start: an endpoint that is away delays nobody."""
        self._became_ready()
        syncing = sync_if_changed(self._tree, self._house.store.marks, self.application_id or 0)
        self._house.factory.supervisor.once("sync commands", syncing)

    async def on_message(self, message: discord.Message) -> None:
        await self._messages.hear(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self._messages.hear_edited(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._messages.forget_messages(payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._messages.forget_messages(payload.channel_id, payload.message_ids)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Commands and buttons are the tree's and the items'."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.interactions.submit(interaction)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._messages.forget_thread(payload)

    async def on_error(self, event: str, /, *_: Any, **__: Any) -> None:
        """The outermost edge of events: what nobody foresaw ends no more than one of them."""
        _log.exception("event failed", name=event)


def point_to(api_url: str) -> None:
    """discord.py has no public way to another address than Discord's own."""
    Route.BASE = api_url


def _drop_what_cannot_be_parsed(client: discord.Client) -> None:
    """An exception in one of its parsers would close the client, for every server and for good."""
    parsers = client._connection.parsers  # noqa: SLF001 - see above

    def parsed(event: str, parse: Callable[[Any], object], told: Any) -> None:
        try:
            parse(told)
        except Exception:  # noqa: BLE001 - the edge of what others send us
            _log.exception("event not parsed, dropped", name=event)

    for event in parsers.keys() - _HANDSHAKE:
        parsers[event] = partial(parsed, event, parsers[event])
