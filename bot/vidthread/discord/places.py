"""Where something happens on Discord, and what we may do there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import discord

from vidthread.sentences import say, say_list
from vidthread.thread_key import ThreadKey

PLATFORM = "discord"
_NEEDED = (
    "view_channel", "send_messages", "send_messages_in_threads", "create_public_threads",
    "create_private_threads", "embed_links", "attach_files", "read_message_history",
)  # fmt: skip
_FOR_THREAD = ("create_public_threads", "send_messages_in_threads")
_PARENTS = {discord.ChannelType.text, discord.ChannelType.news}


@dataclass(frozen=True, slots=True)
class DiscordPlace:
    """`key.thread` is empty in a channel in which a thread can be opened, or at least wanted. In a
    `foreign` one we are no member, and a person brought us along."""

    key: ThreadKey
    kind: discord.ChannelType
    foreign: bool = False

    @property
    def is_channel(self) -> bool:
        return not self.key.thread

    @property
    def is_direct(self) -> bool:
        return self.kind is discord.ChannelType.private


def invite_link(application: int) -> str:
    """Adds the bot to a server, with the permissions that it needs."""
    return discord.utils.oauth_url(application, permissions=needed())


def place_of(channel: Any) -> DiscordPlace | None:
    """None where the client does not know what a channel is, as with archived threads."""
    kind = getattr(channel, "type", None)
    if kind is discord.ChannelType.private:
        identity = str(channel.id)
        return DiscordPlace(ThreadKey(PLATFORM, f"dm-{identity}", identity, identity), kind)
    guild = getattr(channel, "guild", None)
    if kind is None or guild is None:
        return None
    key = ThreadKey(PLATFORM, str(guild.id), str(channel.id))
    if isinstance(channel, discord.Thread):
        # What is talked about in a private thread is nobody else's: not even that there is one.
        parent = channel.id if channel.is_private() else channel.parent_id
        key = ThreadKey(PLATFORM, str(guild.id), str(parent), str(channel.id))
    return DiscordPlace(key, kind)


_FOREIGN = "user-"


def place_for(interaction: discord.Interaction[Any]) -> DiscordPlace | None:
    """Where somebody began something; what is done in a foreign place is that person's own."""
    outside = interaction.guild_id and not interaction.is_guild_integration()
    if not (outside or interaction.context.private_channel) or not interaction.channel_id:
        return place_of(interaction.channel)
    channel, person = str(interaction.channel_id), f"{_FOREIGN}{interaction.user.id}"
    key = ThreadKey(PLATFORM, person, channel, channel)
    return DiscordPlace(key, discord.ChannelType.private, foreign=True)


def is_foreign(key: ThreadKey) -> bool:
    return key.workspace.startswith(_FOREIGN)


def lacking(place: DiscordPlace, granted: discord.Permissions, *, private: bool) -> str:
    """What keeps us from answering in a place at all, as a sentence; empty where nothing does."""
    if place.is_direct or (place.is_channel and not private and can_open(place.kind, granted)):
        return ""
    if private and place.kind is not discord.ChannelType.text:
        return say("refused.private_place")
    names: tuple[str, ...] = ("view_channel", "send_messages_in_threads", "read_message_history")
    if private:
        names = ("create_private_threads", "send_messages_in_threads")
    elif place.is_channel:
        names = ("view_channel", "send_messages")
    return _sentence(missing(granted, names))


def can_open(kind: discord.ChannelType, granted: discord.Permissions) -> bool:
    return kind in _PARENTS and not missing(granted, _FOR_THREAD)


def lacking_for_thread(place: DiscordPlace, granted: discord.Permissions) -> str:
    """Where there could be threads, why we open none and answer in the channel."""
    lacks = missing(granted, _FOR_THREAD) if place.kind in _PARENTS else ()
    return say("here.permission", permissions=_listed(lacks)) if lacks else ""


def missing(granted: discord.Permissions, names: Iterable[str] = _NEEDED) -> tuple[str, ...]:
    """By their names in Discord."""
    return tuple(say(f"permission.{name}") for name in names if not getattr(granted, name))


def needed() -> discord.Permissions:
    """What we are invited with."""
    return discord.Permissions(**dict.fromkeys(_NEEDED, True))


def granted_in(channel: object) -> discord.Permissions | None:
    """None where the client knows too little to tell."""
    room = channel.parent if isinstance(channel, discord.Thread) else channel
    if not isinstance(room, discord.abc.GuildChannel) or room.guild.me is None:
        return None
    return room.permissions_for(room.guild.me)


def no_files(channel: object) -> str:
    """Why no file can be sent to a place, as a sentence; empty where one can."""
    granted = granted_in(channel)
    return _sentence(missing(granted, ["attach_files"]), "refused.files") if granted else ""


def _sentence(names: tuple[str, ...], sentence: str = "refused.permission") -> str:
    return say(sentence, permissions=_listed(names)) if names else ""


def _listed(names: tuple[str, ...]) -> str:
    return say_list([f"**{name}**" for name in names])
