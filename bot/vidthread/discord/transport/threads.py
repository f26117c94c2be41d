"""Threads are opened, found and left on Discord."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import discord

from vidthread.discord.refusals import (
    TOO_MANY_THREADS,
    UNKNOWN_CHANNEL,
    WRONG_CHANNEL,
    Refused,
    ThreadExists,
)
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
    SurfaceUnreachable,
    ThreadGone,
)
from vidthread.thread_key import ThreadKey
from youtube_analysis.logging import get_logger
from youtube_analysis.models.link import parse_link

from .events import first_link, link_in_payload
from .naming import Names, name_before
from .places import can_open, granted_in, lacking, lacking_for_thread, no_files, place_of
from .wire import JSON, Wire

_log = get_logger(__name__)
_PUBLIC_THREADS, _PRIVATE_THREADS = frozenset({10, 11}), frozenset({12})
_NO_KIND = "There are no threads in this kind of channel, so I answer here."
_FULL = "There can be no more threads in this server for now, so I answer here."
_NOT_NOW = "Discord lets no more threads be opened here for the moment, so I answer here."
_MESSAGE_GONE = "The message with the link is gone, so I answer here."
_NOT_ALLOWED = "Discord does not let me open a thread here, so I answer here."
_NO_PRIVATE = "Discord does not let me open a private thread here. Ask me in a direct message."


class DiscordTransport:
    platform = PLATFORM

    def __init__(self, client: discord.AutoShardedClient, wire: Wire, pace: float) -> None:
        self._client = client
        self._wire = wire
        self._traffic = Traffic(pace)
        self._names = Names(client, wire)

    def surface_for(self, key: ThreadKey) -> Surface:
        return DiscordSurface(key, self._wire, self._traffic, self._names.give, self._no_files)

    def serves(self, key: ThreadKey) -> bool:
        """Whether the server is one of our shards'; direct messages are the first shard's."""
        shards, count = self._client.shard_ids, self._client.shard_count
        server = int(key.workspace) if key.workspace.isdigit() else 0
        return not shards or (server >> 22) % (count or 1) in shards

    async def open(self, incoming: Incoming) -> Surface:
        if incoming.private:
            return self.surface_for(await self._open_private(incoming))
        channel = self._client.get_channel(int(incoming.key.channel))
        granted = granted_in(channel)
        if granted and not can_open(channel.type, granted):  # type: ignore[union-attr] # has one
            return await self._answer_in_channel(incoming)
        starter = incoming.message or await self._starter(incoming)
        try:
            await self._wire.start_thread(incoming.key.channel, starter, name_before(incoming))
        except ThreadExists:
            _log.info("thread was there", thread=starter)
            if self._names.is_unnamed(await self._wire.channel(starter)):
                self._names.expect(starter)
        except SurfaceUnreachable:
            raise
        except SurfaceError as refusal:
            _log.warning("no thread, answering in the channel", cause=str(refusal))
            return await self._answer_in_channel(incoming, _why_not(refusal), starter)
        else:
            self._names.expect(starter)
        return self.surface_for(replace(incoming.key, thread=starter))

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        """Raises ThreadGone where that thread is not there any more."""
        try:
            await self._wire.channel(thread.thread)
        except Refused as refusal:
            if refusal.code == UNKNOWN_CHANNEL:
                raise
        video = parse_link(first_link([incoming.text])).video_id
        anew = Button(action("retry", f"anew-{video}"), "Analyze anew")
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

    async def close(self) -> None:
        await self._names.close()

    def _no_files(self, key: ThreadKey) -> str:
        known = self._client.get_channel(int(key.thread))
        return no_files(known or self._client.get_channel(int(key.channel)))

    async def _starter(self, incoming: Incoming) -> str:
        """The message that the thread will hang under: the answer to the command, or where its
        token is dead, one of the channel. Raises CannotOpen."""
        body = render_beginning(incoming.text or incoming.attachments[0].name)
        if incoming.ticket:
            try:
                return str((await self._wire.edit_original(incoming.ticket, body))["id"])
            except (ThreadGone, PageGone) as gone:
                _log.info("interaction is over", cause=str(gone))
        if before := await self._opened_before(incoming, _PUBLIC_THREADS):
            return before
        try:
            return await self._post(incoming.key.channel, body, incoming, "starts")
        except ThreadGone as refusal:
            raise CannotOpen(_told_by_discord(refusal)) from refusal

    async def _opened_before(self, incoming: Incoming, kinds: frozenset[int]) -> str:
        """The thread that was opened for this very event before a crash, else an empty text."""
        asked_at = int(re.sub(r"\D", "", incoming.event) or 0)
        for thread in await self._wire.active_threads(incoming.key.workspace):
            here = str(thread.get("parent_id")) == incoming.key.channel
            named = thread.get("type") in kinds and thread.get("name") == name_before(incoming)
            if here and named and self._names.is_unnamed(thread) and int(thread["id"]) > asked_at:
                return str(thread["id"])
        return ""

    async def _open_private(self, incoming: Incoming) -> ThreadKey:
        """Raises CannotOpen."""
        key, name = incoming.key, name_before(incoming)
        try:
            thread = await self._opened_before(incoming, _PRIVATE_THREADS)
            thread = thread or str((await self._wire.start_private_thread(key.channel, name))["id"])
            await self._wire.add_member(thread, incoming.author)
        except (Refused, RateLimited) as refusal:
            raise CannotOpen(_NO_PRIVATE) from refusal
        self._names.expect(thread)
        if incoming.ticket:
            told = "It is in a thread that only you and I see:"
            await self._edit_original(incoming.ticket, render_sentence(told, thread=thread))
        return replace(key, channel=thread, thread=thread)

    async def _answer_in_channel(
        self, incoming: Incoming, why: str = "", starter: str = ""
    ) -> Surface:
        """`why` there is no thread, as far as Discord said so; `starter` was to carry it. Raises
        CannotOpen where not even that is allowed."""
        channel = self._client.get_channel(int(incoming.key.channel))
        place, granted = place_of(channel), granted_in(channel)
        if granted and place:
            if sentence := lacking(place, granted, private=False):
                raise CannotOpen(sentence)
            why = lacking_for_thread(place, granted) or why
        surface = self.surface_for(replace(incoming.key, thread=incoming.key.channel))
        if starter and not incoming.message:
            await surface.edit(starter, render_sentence(why or _NO_KIND))
        elif incoming.ticket or why:
            await self._tell(incoming, render_sentence(why or _NO_KIND))
        return surface

    async def _tell(self, incoming: Incoming, body: JSON) -> None:
        """Whoever asked: by the interaction, else by a reply to the message, else directly."""
        if incoming.ticket and await self._edit_original(incoming.ticket, body):
            return
        told = dict(body)
        if incoming.message:
            told["message_reference"] = {
                "message_id": incoming.message, "fail_if_not_exists": False,
            }  # fmt: skip
        try:
            await self._post(incoming.key.thread or incoming.key.channel, told, incoming)
        except ThreadGone:
            await self._tell_directly(incoming, body)

    async def _tell_directly(self, incoming: Incoming, body: JSON) -> None:
        try:
            direct = await self._wire.direct_channel(incoming.author)
            await self._post(direct, body, incoming)
        except ThreadGone as gone:
            _log.info("nobody could be told", cause=str(gone))

    async def _edit_original(self, ticket: str, body: JSON) -> bool:
        """False where its token is dead."""
        try:
            await self._wire.edit_original(ticket, body)
        except (ThreadGone, PageGone) as gone:
            _log.info("interaction is over", cause=str(gone))
            return False
        return True

    async def _post(self, channel: str, body: JSON, incoming: Incoming, what: str = "told") -> str:
        named = f"{incoming.event} {channel} {what}"
        digest = hashlib.blake2b(named.encode(), digest_size=12)
        nonce = {"nonce": digest.hexdigest(), "enforce_nonce": True}
        return str((await self._wire.post(channel, body | nonce))["id"])


def _why_not(refusal: SurfaceError) -> str:
    """In words of ours."""
    match refusal:
        case Refused(code=code) if code == TOO_MANY_THREADS:
            return _FULL
        case Refused(code=code) if code == WRONG_CHANNEL:
            return _NO_KIND
        case RateLimited():
            return _NOT_NOW
        case PageGone():
            return _MESSAGE_GONE
    return _NOT_ALLOWED


def _told_by_discord(refusal: ThreadGone) -> str:
    return f"Discord does not let me write in that channel ({refusal})."
