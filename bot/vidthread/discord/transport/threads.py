"""Threads are opened, found and left on Discord."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace

import discord

from vidthread.discord.rendering import render_beginning, render_sentence
from vidthread.discord.surface import PLATFORM, DiscordSurface, Traffic
from vidthread.replies import action
from vidthread.surface import (
    Button,
    CannotOpen,
    Incoming,
    PageGone,
    RateLimited,
    Surface,
    SurfaceError,
    ThreadGone,
)
from youtube_analysis.logging import get_logger
from youtube_analysis.models.chat import ThreadKey
from youtube_analysis.models.link import parse_link

from .events import first_link, link_in_payload
from .places import can_open, lacking, missing_for_thread, place_of
from .wire import JSON, Refused, ThreadExists, Wire

_log = get_logger(__name__)
_UNNAMED = "Video "
_LONGEST_NAME = 100
_THREAD_FULL = "There can be no more threads in this server for now, so I answer here."
_PRIVATE_THREAD = 12


class DiscordTransport:
    platform = PLATFORM

    def __init__(self, client: discord.Client, wire: Wire, pace: float) -> None:
        self._client = client
        self._wire = wire
        self._traffic = Traffic(pace)
        self._unnamed: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def surface_for(self, key: ThreadKey) -> Surface:
        return DiscordSurface(key, self._wire, self._traffic, self._name)

    async def open(self, incoming: Incoming) -> Surface:
        if incoming.private:
            return self.surface_for(await self._open_private(incoming))
        channel = self._client.get_channel(int(incoming.key.channel))
        granted = _granted(channel)
        if granted and not can_open(channel.type, granted):  # type: ignore[union-attr] # has one
            return await self._answer_in_channel(incoming, granted, "")
        starter = incoming.message or await self._starter(incoming)
        try:
            await self._wire.start_thread(incoming.key.channel, starter, _unnamed(incoming))
        except ThreadExists:
            _log.info("thread was there", thread=starter)
        except (Refused, RateLimited) as refusal:
            _log.warning("no thread, answering in the channel", cause=str(refusal))
            return await self._answer_in_channel(incoming, granted, _THREAD_FULL)
        self._unnamed.add(starter)
        return self.surface_for(replace(incoming.key, thread=starter))

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        """Raises ThreadGone where that thread is not there any more."""
        await self._wire.channel(thread.thread)
        video = parse_link(first_link([incoming.text])).video_id
        anew = Button(action("anew", video), "Analyze anew")
        told = "This video has a thread already:"
        await self._tell(incoming, render_sentence(told, anew, thread=thread.thread))

    async def refuse(self, incoming: Incoming, sentence: str) -> None:
        await self._tell(incoming, render_sentence(sentence))

    async def complete(self, incoming: Incoming) -> Incoming:
        """Files are read before an event is heard."""
        return incoming

    async def earlier_link(self, key: ThreadKey) -> str:
        for told in await self._wire.history(key.thread):
            if link := link_in_payload(told):
                return link
        return ""

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """What stands on Discord is Discord's to delete."""

    @property
    def _me(self) -> str:
        return str(self._client.user.id) if self._client.user else ""

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _starter(self, incoming: Incoming) -> str:
        """The message that the thread will hang under: the answer to the command, or where its
        token is dead, one of the channel."""
        body = render_beginning(incoming.text or incoming.attachments[0].name)
        if incoming.ticket:
            try:
                return str((await self._wire.edit_original(incoming.ticket, body))["id"])
            except (ThreadGone, PageGone) as gone:
                _log.info("interaction is over", cause=str(gone))
        return await self._post(incoming.key.channel, body, incoming)

    async def _open_private(self, incoming: Incoming) -> ThreadKey:
        key, name = incoming.key, _unnamed(incoming)
        thread = await self._private_before(incoming, name)
        thread = thread or await self._wire.start_private_thread(key.channel, name)
        identity = str(thread["id"])
        await self._wire.add_member(identity, incoming.author)
        self._unnamed.add(identity)
        if incoming.ticket:
            told = "It is in a thread that only you and I see:"
            body = render_sentence(told, thread=identity)
            await self._wire.edit_original(incoming.ticket, body)
        return replace(key, channel=identity, thread=identity)

    async def _private_before(self, incoming: Incoming, name: str) -> JSON | None:
        """The one that was opened for this very event before a crash."""
        asked_at = int(re.sub(r"\D", "", incoming.event) or 0)
        for thread in await self._wire.active_threads(incoming.key.workspace):
            ours = str(thread.get("owner_id")) == self._me
            here = str(thread.get("parent_id")) == incoming.key.channel
            named = thread.get("type") == _PRIVATE_THREAD and thread.get("name") == name
            if ours and here and named and int(thread["id"]) > asked_at:
                return thread
        return None

    async def _answer_in_channel(
        self, incoming: Incoming, granted: discord.Permissions | None, why: str
    ) -> Surface:
        """Raises CannotOpen where not even that is allowed."""
        channel = self._client.get_channel(int(incoming.key.channel))
        place = place_of(channel)
        if granted and place and (sentence := lacking(place, granted, private=False)):
            raise CannotOpen(sentence)
        lacks = missing_for_thread(granted) if granted else ()
        if lacks:
            why = f"I answer here: to open a thread I lack **{'** and **'.join(lacks)}**."
        elif not why:
            why = "There are no threads in this kind of channel, so I answer here."
        if incoming.ticket:
            await self._tell(incoming, render_sentence(why))
        return self.surface_for(replace(incoming.key, thread=incoming.key.channel))

    async def _tell(self, incoming: Incoming, body: JSON) -> None:
        """Whoever asked: by the interaction, else by a reply to the message, else directly."""
        if incoming.ticket:
            try:
                await self._wire.edit_original(incoming.ticket, body)
            except (ThreadGone, PageGone) as gone:
                _log.info("interaction is over", cause=str(gone))
            else:
                return
        told = dict(body)
        if incoming.message:
            told["message_reference"] = {
                "message_id": incoming.message, "fail_if_not_exists": False,
            }  # fmt: skip
        try:
            await self._post(incoming.key.thread or incoming.key.channel, told, incoming)
        except ThreadGone:
            direct = await self._wire.direct_channel(incoming.author)
            await self._post(direct, body, incoming)

    async def _post(self, channel: str, body: JSON, incoming: Incoming) -> str:
        digest = hashlib.blake2b(f"{incoming.event} {channel}".encode(), digest_size=12)
        nonce = {"nonce": digest.hexdigest(), "enforce_nonce": True}
        return str((await self._wire.post(channel, body | nonce))["id"])

    def _name(self, key: ThreadKey, title: str) -> None:
        """Once, in the background: Discord allows two names in ten minutes."""
        if key.thread in self._unnamed or self._is_unnamed(key.thread):
            self._unnamed.discard(key.thread)
            task = asyncio.create_task(self._rename(key, title), name=f"name {key.thread}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_unnamed(self, thread: str) -> bool:
        known = self._client.get_channel(int(thread))
        if not isinstance(known, discord.Thread):
            return False
        return str(known.owner_id) == self._me and known.name.startswith(_UNNAMED)

    async def _rename(self, key: ThreadKey, title: str) -> None:
        name = " ".join(title.split())[:_LONGEST_NAME]
        if not name:
            return
        try:
            await self._wire.rename(key.thread, name)
        except SurfaceError as error:
            _log.info("thread not named", thread=key.thread, cause=str(error))


def _granted(channel: object) -> discord.Permissions | None:
    """None where the client knows too little to tell."""
    if not isinstance(channel, discord.abc.GuildChannel) or channel.guild.me is None:
        return None
    return channel.permissions_for(channel.guild.me)


def _unnamed(incoming: Incoming) -> str:
    """Until its title is known."""
    if incoming.attachments:
        return f"{_UNNAMED}{incoming.attachments[0].name}"[:_LONGEST_NAME]
    link = first_link([incoming.text])
    return f"{_UNNAMED}{parse_link(link).video_id}" if link else f"{_UNNAMED}thread"
