"""Discord's client, as we set it up: what it hears is handed on, nothing is kept in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from vidthread.adapter import House
from youtube_analysis.logging import get_logger

from .controls import ActionButton
from .interactions import Interactions
from .messages import Messages
from .slash_commands import add_commands, sync_if_changed

_log = get_logger(__name__)
_GUILDS_READY = 0.5
# Without these there is no session: what goes wrong with them is no event to be dropped.
_HANDSHAKE = frozenset({"READY", "RESUMED"})
# We never speak; what that would need is not missed.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def intents(*, reads_messages: bool) -> discord.Intents:
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = reads_messages
    return wanted


class DiscordClient(discord.AutoShardedClient):
    """It logs in and connects once; `became_ready` is called whenever all shards are."""

    def __init__(
        self,
        house: House,
        interactions: Interactions,
        messages: Messages,
        became_ready: Callable[[], None],
        *,
        reads_messages: bool,
    ) -> None:
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
        )
        self.interactions = interactions
        self._house = house
        self._messages = messages
        self._became_ready = became_ready
        self._tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        add_commands(self._tree, interactions, house.store.threads)
        self.add_dynamic_items(ActionButton)
        _drop_what_cannot_be_parsed(self)

    async def setup_hook(self) -> None:
        await _point_gateway(self)

    async def on_ready(self) -> None:
        """Commands are synced behind the start: an endpoint that is away delays nobody."""
        self._became_ready()
        marks, application = self._house.store.marks, self.application_id or 0
        self._house.factory.supervisor.once(
            "sync commands", sync_if_changed(self._tree, marks, application)
        )

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


# --- what discord.py has no public way for ---


def point_client(api: str) -> None:
    """At another address than Discord's own."""
    Route.BASE = api


async def _point_gateway(client: discord.Client) -> None:
    """Where its session is lost, or it has a count of shards, the client would dial an address
    that it brings along."""
    _, address, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = type(DiscordWebSocket.DEFAULT_GATEWAY)(address)


def _drop_what_cannot_be_parsed(client: discord.Client) -> None:
    """An exception in one of its parsers would close the client, for every server and for good."""
    parsers = client._connection.parsers  # noqa: SLF001 - see above

    def guarded(event: str, parse: Callable[[Any], object]) -> Callable[[Any], None]:
        def parsed(told: Any) -> None:
            try:
                parse(told)
            except Exception:  # noqa: BLE001 - the edge of what others send us
                _log.exception("event not parsed, dropped", name=event)

        return parsed

    for event in parsers.keys() - _HANDSHAKE:
        parsers[event] = guarded(event, parsers[event])
