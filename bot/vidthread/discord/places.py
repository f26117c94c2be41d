"""Where something happens on Discord, and what we may do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from vidthread.thread_key import ThreadKey

from .thread_surface import PLATFORM

_NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "create_private_threads": "Create Private Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_IN_THREAD = ("view_channel", "send_messages_in_threads", "read_message_history")
_FOR_THREAD = ("create_public_threads", "send_messages_in_threads")
_PARENTS = {discord.ChannelType.text, discord.ChannelType.news}


@dataclass(frozen=True, slots=True)
class Place:
    """`key.thread` is empty in a channel in which a thread can be opened, or at least wanted."""

    key: ThreadKey
    kind: discord.ChannelType

    @property
    def is_channel(self) -> bool:
        return not self.key.thread

    @property
    def is_direct(self) -> bool:
        return self.kind is discord.ChannelType.private


def place_of(channel: Any) -> Place | None:
    """None where the client does not know what a channel is, as with archived threads."""
    kind = getattr(channel, "type", None)
    if kind is discord.ChannelType.private:
        identity = str(channel.id)
        return Place(ThreadKey(PLATFORM, f"dm-{identity}", identity, identity), kind)
    guild = getattr(channel, "guild", None)
    if kind is None or guild is None:
        return None
    if isinstance(channel, discord.Thread):
        return _thread_place(channel, kind)
    return Place(ThreadKey(PLATFORM, str(guild.id), str(channel.id)), kind)


def _thread_place(thread: discord.Thread, kind: discord.ChannelType) -> Place:
    # What is talked about in a private thread is nobody's else: not even that there is one.
    private = kind is discord.ChannelType.private_thread
    parent = thread.id if private else thread.parent_id
    return Place(ThreadKey(PLATFORM, str(thread.guild.id), str(parent), str(thread.id)), kind)


def lacking(place: Place, granted: discord.Permissions, *, private: bool) -> str:
    """What keeps us from answering in a place at all, as a sentence; empty where nothing does."""
    if place.is_direct:
        return ""
    if private:
        return _private_lacking(place, granted)
    if not place.is_channel:
        return _sentence(missing(granted, *_IN_THREAD))
    if can_open(place.kind, granted):
        return ""
    return _sentence(missing(granted, "view_channel", "send_messages"))


def can_open(kind: discord.ChannelType, granted: discord.Permissions) -> bool:
    return kind in _PARENTS and not missing(granted, *_FOR_THREAD)


def missing(granted: discord.Permissions, *names: str) -> tuple[str, ...]:
    """By their names in Discord."""
    return tuple(_NAMES[name] for name in names if not getattr(granted, name))


def needed() -> discord.Permissions:
    """What we are invited with."""
    return discord.Permissions(**dict.fromkeys(_NAMES, True))


def missing_of_all(granted: discord.Permissions) -> tuple[str, ...]:
    return missing(granted, *_NAMES)


def lacking_for_thread(place: Place, granted: discord.Permissions) -> str:
    """Where there could be threads, why we open none and answer in the channel."""
    lacks = missing(granted, *_FOR_THREAD) if place.kind in _PARENTS else ()
    named = " and ".join(f"**{name}**" for name in lacks)
    return f"I answer here: to open a thread I lack {named}." if lacks else ""


def granted_in(channel: object) -> discord.Permissions | None:
    """None where the client knows too little to tell."""
    room = channel.parent if isinstance(channel, discord.Thread) else channel
    if not isinstance(room, discord.abc.GuildChannel) or room.guild.me is None:
        return None
    return room.permissions_for(room.guild.me)


def no_files(channel: object) -> str:
    """Why no file can be sent to a place, as a sentence; empty where one can."""
    granted = granted_in(channel)
    return _sentence(missing(granted, "attach_files"), "send a file") if granted else ""


def _private_lacking(place: Place, granted: discord.Permissions) -> str:
    if place.kind is not discord.ChannelType.text:
        return "A private thread can only be opened from a text channel."
    return _sentence(missing(granted, "create_private_threads", "send_messages_in_threads"))


def _sentence(names: tuple[str, ...], what: str = "answer") -> str:
    if not names:
        return ""
    named = " and ".join(f"**{name}**" for name in names)
    return f"I cannot {what} here: I lack {named}. An admin can give it to me in this channel."
