"""Threads are opened, found and left on Discord."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import takewhile
from typing import Final

import discord

from vidthread.commands import Analyze, action
from vidthread.presenter import SharedPace
from vidthread.sentences import say
from vidthread.surface import (
    Block,
    Button,
    CannotOpen,
    Incoming,
    Page,
    PageGone,
    RateLimited,
    Surface,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from youtube_analysis.logging import get_logger
from youtube_analysis.models.video import parse_link

from .interaction_surface import InteractionSurface
from .layout import Layout, render, render_beginning, render_sentence
from .messages import link_in
from .places import (
    PLATFORM,
    can_open,
    granted_in,
    is_foreign,
    lacking,
    lacking_for_thread,
    place_of,
)
from .rest import (
    TOO_MANY_THREADS,
    UNKNOWN_CHANNEL,
    WRONG_CHANNEL,
    DiscordRest,
    PlaceRefused,
    ThreadExists,
)
from .thread_surface import DiscordSurface, thread_name

_log = get_logger(__name__)
_ARCHIVED_AFTER: Final = 4320  # minutes
# Threads may be refused for minutes. The client has a limit of its own for that, which refuses
# whatever is counted in minutes, also where nothing is used up yet.
_LONGEST_WAIT = 20.0
_TYPING_LASTS = 8.0  # of the ten seconds that Discord shows it


class DiscordTransport(Transport):
    platform = PLATFORM

    def __init__(self, rest: DiscordRest, pace: SharedPace) -> None:
        self._rest = rest
        self._pace = pace
        self._lost = False

    def lose(self) -> None:
        """Discord has us no more: what waits for it is left for the next start."""
        self._lost = True

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        if is_foreign(key):
            return InteractionSurface(key, self._rest, self._pace, ticket=ticket)
        return DiscordSurface(key, self._rest, self._pace)

    def serves(self, key: ThreadKey) -> bool:
        """Whether the server is one of our shards'; direct messages are the first shard's."""
        client = self._rest.client
        shards, count = client.shard_ids, client.shard_count
        server = int(key.workspace) if key.workspace.isdigit() else 0
        return not self._lost and (not shards or (server >> 22) % (count or 1) in shards)

    def problem(self, incoming: Incoming) -> str:
        channel = self._rest.client.get_channel(int(incoming.key.channel))
        place, granted = place_of(channel), granted_in(channel)
        if place and granted:
            return lacking(place, granted, private=incoming.private)
        return ""

    async def open(self, incoming: Incoming, title: str) -> Surface:
        name = thread_name(title)
        if incoming.private:
            return self.surface_for(await self._open_private(incoming, name))
        channel = self._rest.client.get_channel(int(incoming.key.channel))
        granted = granted_in(channel)
        if granted and not can_open(channel.type, granted):  # type: ignore[union-attr] # has one
            return await self._answer_in_channel(incoming)
        starter = incoming.message or await self._starter(incoming, name)
        try:
            await self._start_thread(incoming, name, starter)
        except ThreadExists:
            _log.info("thread was there", thread=starter)
        except SurfaceUnreachable:
            raise
        except SurfaceError as refusal:
            _log.warning("no thread, answering in the channel", cause=str(refusal))
            return await self._answer_in_channel(incoming, _why_not(refusal))
        return self.surface_for(replace(incoming.key, thread=starter))

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        """Raises ThreadGone where that thread is not there any more."""
        try:
            await self._rest.channel(thread.thread, fresh=True)
        except PlaceRefused as refusal:
            if refusal.code == UNKNOWN_CHANNEL:
                raise
        link = incoming.command.link if isinstance(incoming.command, Analyze) else ""
        video = parse_link(link).video_id
        anew = Button(action("retry", f"anew-{video}"), "button.anew")
        told = say("thread.existing")
        await self._tell(incoming, render_sentence(told, anew, thread=thread.thread))

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        await self._tell(incoming, render(Page("", 0, told, live=False)))

    @asynccontextmanager
    async def waiting(self, incoming: Incoming) -> AsyncIterator[None]:
        """The answer to a command says it by itself; elsewhere we are seen typing."""
        if incoming.ticket and not incoming.key.thread:
            yield
            return
        async with self._rest.typing(incoming.key.thread or incoming.key.channel):
            yield

    async def earlier_link(self, key: ThreadKey) -> str:
        if is_foreign(key):
            return ""
        history = await self._rest.history(key.thread)
        me = self._rest.client.user
        return next(filter(None, (link_in(message, me) for message in history)), "")

    async def spoken_since(self, key: ThreadKey, message: str) -> set[str]:
        history, me = await self._rest.history(key.thread), self._rest.client.user
        before = (one for one in history if one.id < int(message))
        return {str(one.author.id) for one in takewhile(lambda one: one.author != me, before)}

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """What stands on Discord is Discord's to delete."""

    async def _starter(self, incoming: Incoming, name: str) -> str:
        """The message that the thread will hang under: the answer to the command, or where its
        token is dead, one of the channel. Raises CannotOpen."""
        body = render_beginning(name)
        if incoming.ticket and (original := await self._edit_original(incoming.ticket, body)):
            return original
        if before := await self._opened_before(incoming, name):
            return before
        try:
            return await self._post(incoming.key.channel, body, incoming, "starts")
        except ThreadGone as refusal:
            raise CannotOpen(say("refused.channel", cause=str(refusal))) from refusal

    async def _opened_before(self, incoming: Incoming, name: str) -> str:
        """The thread that was opened for this very event before a crash, else an empty text."""

        async def active(client: discord.Client) -> list[discord.Thread]:
            identity = int(incoming.key.workspace)
            guild = client.get_guild(identity) or await client.fetch_guild(identity)
            return await guild.active_threads()

        asked_at = int(re.sub(r"\D", "", incoming.event) or 0)
        me = self._rest.client.user
        for thread in await self._rest.ask(active):
            here = str(thread.parent_id) == incoming.key.channel
            kind = thread.is_private() == incoming.private
            ours = thread.name == name and me is not None and thread.owner_id == me.id
            if here and kind and ours and thread.id > asked_at:
                return str(thread.id)
        return ""

    async def _start_thread(
        self, incoming: Incoming, name: str, starter: str = "", tries: int = 3
    ) -> discord.Thread:
        """A private one without a message that carries it. Raises ThreadExists, RateLimited."""
        channel = await self._rest.channel(incoming.key.channel)
        if not isinstance(channel, discord.TextChannel):
            raise PlaceRefused(WRONG_CHANNEL, "no text channel")
        message = discord.Object(int(starter)) if starter else None
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                return await self._rest.ask(
                    lambda _: channel.create_thread(
                        name=name, message=message, auto_archive_duration=_ARCHIVED_AFTER
                    ),
                    tries,
                )
        except TimeoutError as error:
            raise RateLimited(_LONGEST_WAIT) from error

    async def _open_private(self, incoming: Incoming, name: str) -> ThreadKey:
        """Raises CannotOpen."""
        try:
            thread = await self._opened_before(incoming, name)
            if not thread:
                # A second try would open another.
                thread = str((await self._start_thread(incoming, name, tries=1)).id)
            await self._add_member(thread, incoming.author)
        except (PlaceRefused, RateLimited) as refusal:
            raise CannotOpen(say("refused.private")) from refusal
        if incoming.ticket:
            told = say("thread.private")
            await self._edit_original(incoming.ticket, render_sentence(told, thread=thread))
        return replace(incoming.key, channel=thread, thread=thread)

    async def _answer_in_channel(self, incoming: Incoming, why: str = "") -> Surface:
        """`why` there is no thread, as far as Discord said so."""
        channel = self._rest.client.get_channel(int(incoming.key.channel))
        place, granted = place_of(channel), granted_in(channel)
        if granted and place:
            why = lacking_for_thread(place, granted) or why
        told = render_sentence(why or say("here.kind"))
        if not (incoming.ticket and await self._edit_original(incoming.ticket, told)) and why:
            await self._tell(incoming, told)
        return self.surface_for(replace(incoming.key, thread=incoming.key.channel))

    async def _add_member(self, thread: str, author: str) -> None:
        place = await self._rest.channel(thread)
        if isinstance(place, discord.Thread):
            await self._rest.ask(lambda _: place.add_user(discord.Object(int(author))))

    async def _tell(self, incoming: Incoming, layout: Layout) -> None:
        """Whoever asked: by the interaction and nobody else, or by a reply to the message, else
        directly."""
        if incoming.ticket and await self._answer_privately(incoming, layout):
            return
        layout.to = incoming.message
        try:
            await self._post(incoming.key.thread or incoming.key.channel, layout, incoming)
        except ThreadGone:
            layout.to = ""
            await self._tell_directly(incoming, layout)

    async def _tell_directly(self, incoming: Incoming, layout: Layout) -> None:
        author = discord.Object(int(incoming.author))
        try:
            direct = await self._rest.ask(lambda client: client.create_dm(author))
            await self._post(str(direct.id), layout, incoming)
        except ThreadGone as gone:
            _log.info("nobody could be told", cause=str(gone))

    async def _answer_privately(self, incoming: Incoming, layout: Layout) -> bool:
        """False where the token is dead. What was shown to everybody meanwhile goes."""
        if incoming.private or incoming.key.thread:
            return bool(await self._edit_original(incoming.ticket, layout))
        try:
            await self._rest.replace_original(incoming.ticket, layout)
        except (ThreadGone, PageGone) as gone:
            _log.info("interaction is over", cause=str(gone))
            return False
        return True

    async def _edit_original(self, ticket: str, layout: Layout) -> str:
        """The id of the answer to a command; empty where its token is dead."""
        try:
            return str((await self._rest.edit_original(ticket, layout)).id)
        except (ThreadGone, PageGone) as gone:
            _log.info("interaction is over", cause=str(gone))
            return ""

    async def _post(
        self, channel: str, layout: Layout, incoming: Incoming, what: str = "told"
    ) -> str:
        named = f"{incoming.event} {channel} {what}"
        nonce = hashlib.blake2b(named.encode(), digest_size=12).hexdigest()
        return str((await self._rest.post(channel, layout, nonce)).id)


def _why_not(refusal: SurfaceError) -> str:
    """In words of ours."""
    match refusal:
        case PlaceRefused(code=code) if code == TOO_MANY_THREADS:
            return say("here.full")
        case PlaceRefused(code=code) if code == WRONG_CHANNEL:
            return say("here.kind")
        case RateLimited():
            return say("here.not_now")
    return say("here.not_allowed")
