"""Discord's client, as we set it up: what it hears is handed on, nothing is kept in it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket

from vidthread.adapter import House
from youtube_analysis.logging import get_logger

from .budget import Budget
from .buttons import ActionButton
from .commands import add_commands, sync_if_changed
from .interactions import Interactions
from .messages import Messages
from .threads import DiscordTransport
from .wire import Wire

_log = get_logger(__name__)
_GUILDS_READY = 0.5
# We never speak; what that would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def intents(*, reads_messages: bool) -> discord.Intents:
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = reads_messages
    return wanted


class Gateway(discord.AutoShardedClient):
    """Log in, take up what was unfinished, set `listening`, connect."""

    interactions: Interactions
    transport: DiscordTransport

    def __init__(self, house: House, pace: float, *, reads_messages: bool) -> None:
        settings = house.settings
        shards: dict[str, Any] = {}
        if settings.discord_shard_ids:
            shards["shard_ids"] = list(settings.discord_shard_ids)
        super().__init__(
            intents=intents(reads_messages=reads_messages),
            shard_count=settings.discord_shard_count,
            **shards,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=_GUILDS_READY,
            http_trace=Budget().trace(settings.discord_api_url),
        )
        self._house = house
        self._pace = pace
        self._reads_messages = reads_messages
        self.listening = asyncio.Event()
        self._tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        self._messages: Messages

    async def setup_hook(self) -> None:
        house, application = self._house, self.application_id or 0
        wire = Wire(self.http, application)
        self.transport = DiscordTransport(self, wire, self._pace)
        self.interactions = Interactions(house, self.transport, wire, self.listening)
        self._messages = Messages(
            house, self.transport, wire, self.listening, reads=self._reads_messages
        )
        add_commands(self._tree, self.interactions, house.store.threads)
        self.add_dynamic_items(ActionButton)
        await sync_if_changed(self._tree, house.store.marks, application)
        # Where its session is lost, or it has a count of shards, the client would dial an address
        # that it brings along.
        _, address, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = type(DiscordWebSocket.DEFAULT_GATEWAY)(address)

    async def on_message(self, message: discord.Message) -> None:
        await self._messages.hear(message, self)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Commands and buttons are the tree's and the items'."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.interactions.submit(interaction)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._messages.forget_thread(payload)

    async def on_error(self, event: str, /, *_: Any, **__: Any) -> None:
        """The outermost edge of events: what nobody foresaw ends no more than one of them."""
        _log.exception("event failed", name=event)

    async def close(self) -> None:
        if hasattr(self, "transport"):
            await self.transport.close()
        await super().close()
