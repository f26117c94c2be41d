"""Messages that people write, from the gateway to the assistant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import discord

from vidthread.adapter import FileWithheld, House
from vidthread.commands import Analyze, Unclear
from vidthread.sentences import say, say_error, speak
from vidthread.surface import (
    Addressed,
    Attachment,
    Block,
    Incoming,
    Notice,
    Page,
    SurfaceError,
    SurfaceUnreachable,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from vidthread.words import link_among, understand, with_link
from youtube_analysis.captions import LARGEST_FILE, SUFFIXES
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest
from youtube_analysis.logging import get_logger

from .layout import render
from .places import PLATFORM, DiscordPlace, place_of
from .rest import DiscordRest

_log = get_logger(__name__)
_FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_ORDINARY = {discord.MessageType.default, discord.MessageType.reply}
_FORWARD = discord.MessageReferenceType.forward
_FRESH = timedelta(days=1)


class MessageListener:
    """`reads` tells whether Discord lets us see plain messages; `listening` is set when what was
    unfinished is taken up: until then what is heard waits."""

    def __init__(
        self,
        house: House,
        transport: Transport,
        rest: DiscordRest,
        listening: asyncio.Event,
        *,
        reads: bool,
    ) -> None:
        self._house = house
        self._transport = transport
        self._rest = rest
        self._listening = listening
        self._reads = reads
        self._locks = WeakValueDictionary[int, asyncio.Lock]()

    async def hear(self, message: discord.Message) -> None:
        """In each channel in the order in which they were written."""
        await self._listening.wait()
        async with self._locks.setdefault(message.channel.id, asyncio.Lock()):
            await self._house.assistant.insist(lambda: self._hear(message))

    async def forget_thread(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Who deletes a thread wants nothing of it to be kept."""
        await self._listening.wait()
        thread = str(payload.thread_id)
        private = payload.thread_type is discord.ChannelType.private_thread
        channel = thread if private else str(payload.parent_id)
        key = ThreadKey(PLATFORM, str(payload.guild_id), channel, thread)
        await self._house.assistant.forgetting.thread(key, self._transport)

    async def hear_edited(self, message: discord.Message) -> None:
        """Once, as if it had been written so, where it calls us now. Whether an old message was
        answered nobody remembers: it is left alone."""
        edited, me = message.edited_at, self._rest.client.user
        if me in message.mentions and edited and edited - message.created_at < _FRESH:
            await self.hear(message)

    async def forget_messages(self, channel: int, messages: Iterable[int]) -> None:
        """Who deletes a question wants it to be forgotten."""
        await self._listening.wait()
        async with self._locks.setdefault(channel, asyncio.Lock()):
            await self._house.assistant.insist(lambda: self._forget_messages(channel, messages))

    async def _forget_messages(self, channel: int, messages: Iterable[int]) -> None:
        if place := await self._place(channel):
            for message in messages:
                forgetting = self._house.assistant.forgetting
                await forgetting.message(place.key, str(message), self._transport)

    async def _hear(self, message: discord.Message) -> None:
        me = self._rest.client.user
        if me is None or not _is_ordinary(message):
            return
        to = _addressed(message, me)
        place = place_of(message.channel) or await self._place(message.channel.id)
        if place is None or (place.is_channel and to is not Addressed.BOT):
            return
        if to is Addressed.OTHERS:
            self._house.assistant.overhear(place.key, str(message.author.id), message.id)
        elif self._is_blank(message) and not place.is_direct:
            await self._hint(message, place)
        elif to is Addressed.BOT or await self._is_ours(place.key):
            await self._answer(message, _incoming(message, place.key, me, to))

    def _is_blank(self, message: discord.Message) -> bool:
        """Discord does not tell us what is in it, or there is nothing."""
        holds = (message.attachments, message.embeds, message.components)
        return not (self._reads or message.content or any(holds) or message.message_snapshots)

    async def _is_ours(self, key: ThreadKey) -> bool:
        """Whether it is a thread that we talk in."""
        sessions = self._house.factory.get_session_repository()
        return await sessions.get(key.session, messages=0) is not None

    async def _answer(self, message: discord.Message, incoming: Incoming) -> None:
        api, locale = self._house.settings.discord_api_url, self._rest.locales.of(message)
        speak(locale)
        try:
            files = await text_among(files_of(message), self._rest, api)
            command = understand(incoming.text, attached=bool(files))
        except InvalidRequest as error:
            files, command = (), Unclear(say_error(error))
        incoming = replace(incoming, attachments=files, command=command, locale=locale)
        heard = incoming if incoming.key.thread else await self._in_channel(message, incoming)
        if heard:
            await self._house.assistant.hear(heard, self._transport)

    async def _in_channel(self, message: discord.Message, incoming: Incoming) -> Incoming | None:
        """A mention outside of any thread: about the link in it, or in the message that it
        answers, or what we talk about in this very channel. None where there is nothing, which is
        told."""
        text = with_link(incoming.text, link_in(message, self._rest.client.user))
        if text != incoming.text:
            command = understand(text, attached=bool(incoming.attachments))
            return replace(incoming, text=text, command=command)
        if isinstance(incoming.command, Analyze):
            return incoming
        here = replace(incoming.key, thread=incoming.key.channel)
        if await self._is_ours(here):
            return replace(incoming, key=here)
        if isinstance(incoming.command, Unclear):
            await self._reply(message, Notice(incoming.command.sentence))
        else:
            told = await self._house.assistant.aside(incoming)
            await self._reply(message, *(told or (Notice(say("help.send_link")),)))
        return None

    async def _place(self, channel: int) -> DiscordPlace | None:
        """Threads that sleep are not in the client's memory."""
        try:
            return place_of(await self._rest.channel(str(channel)))
        except SurfaceUnreachable:
            raise
        except SurfaceError as error:
            _log.info("place not known", channel=channel, cause=str(error))
            return None

    async def _hint(self, message: discord.Message, place: DiscordPlace) -> None:
        """Once in each thread of ours."""
        if place.is_channel or not await self._is_ours(place.key):
            return
        ledger, event = self._house.store.ledger, f"hint in {place.key.thread}"
        row = await ledger.take(Incoming(event, place.key, ""), message_key=False)
        if row is not None:
            await ledger.done(row)
            speak(self._rest.locales.of(message))
            await self._reply(message, Notice(say("help.cannot_read")))

    async def _reply(self, message: discord.Message, *told: Block) -> None:
        """Once, however often the message is heard: Discord knows the nonce."""
        layout = render(Page("", 0, told, live=False), str(message.id))
        try:
            await self._rest.post(str(message.channel.id), layout, f"reply {message.id}"[:25])
        except SurfaceError as error:
            _log.info("not told", channel=message.channel.id, cause=str(error))


def texts_of(message: discord.Message | discord.MessageSnapshot) -> list[object]:
    """All that a message says and leads to: what it forwards, embeds, components and buttons."""
    forwarded = message.message_snapshots if isinstance(message, discord.Message) else ()
    embeds = [(embed.url, embed.to_dict()) for embed in message.embeds]
    components = [component.to_dict() for component in message.components]
    return [message.content, embeds, components, [texts_of(snapshot) for snapshot in forwarded]]


def link_in(message: discord.Message, me: discord.ClientUser | None) -> str:
    """In a message, or in the one that it answers or that its thread hangs under. What we write
    ourselves leads nowhere new."""
    answered = message.reference.resolved if message.reference else None
    known = [one for one in (message, answered) if isinstance(one, discord.Message)]
    return link_among([texts_of(one) for one in known if one.author != me])


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """Those of a message, and of what it forwards."""
    forwarded = [file for snapshot in message.message_snapshots for file in snapshot.attachments]
    return [*message.attachments, *forwarded]


async def text_among(
    files: Iterable[discord.Attachment], rest: DiscordRest, api_url: str
) -> tuple[Attachment, ...]:
    """The first text file; files come from Discord's own hosts or nowhere. Raises
    CaptionsFileTooLarge, FileWithheld."""
    for attachment in files:
        if not _is_text(attachment) or not _is_hosted(attachment.url, api_url):
            continue
        if attachment.size > LARGEST_FILE:
            raise CaptionsFileTooLarge(limit=f"{LARGEST_FILE // 2**20} MB")
        try:
            content = await rest.download(attachment)
        except SurfaceError as error:
            raise FileWithheld("discord", attachment.filename) from error
        return (Attachment(attachment.filename, content),)
    return ()


def _is_text(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or ""
    return kind.startswith("text/") or attachment.filename.casefold().endswith(SUFFIXES)


def is_admin(person: discord.abc.User, guild: discord.Guild | None) -> bool:
    """Alone with us everybody is one."""
    if guild is None:
        return True
    return isinstance(person, discord.Member) and person.guild_permissions.manage_guild


def _is_ordinary(message: discord.Message) -> bool:
    """Written by a person."""
    by_person = not (message.author.bot or message.webhook_id)
    return by_person and message.type in _ORDINARY


def _addressed(message: discord.Message, me: discord.ClientUser) -> Addressed:
    """A reply to one of our messages is for us, whether it pings or not."""
    if message.guild is None or me in message.mentions or _our_roles(message, me):
        return Addressed.BOT
    answered = message.reference.resolved if message.reference else None
    if isinstance(answered, discord.Message):
        return Addressed.BOT if answered.author.id == me.id else Addressed.OTHERS
    replies = message.reference and message.reference.type is not _FORWARD
    others = message.mentions or message.role_mentions or replies
    return Addressed.OTHERS if others else Addressed.NOBODY


def _our_roles(message: discord.Message, me: discord.ClientUser) -> list[discord.Role]:
    """Those named in a message that are ours alone."""
    named = message.role_mentions
    return [role for role in named if role.tags and role.tags.bot_id == me.id]


def _incoming(
    message: discord.Message, key: ThreadKey, me: discord.ClientUser, to: Addressed
) -> Incoming:
    """Without our own name, and without the files that came with it."""
    ours = [rf"<@!?{me.id}>", *(rf"<@&{role.id}>" for role in _our_roles(message, me))]
    said = re.sub("|".join(ours), " ", message.content).strip()
    return Incoming(
        event=f"m{message.id}",
        key=key,
        author=str(message.author.id),
        message=str(message.id),
        text=with_link(said, texts_of(message)),
        addressed=to,
        admin=is_admin(message.author, message.guild),
        happened=message.id,
    )


def _is_hosted(url: str, api_url: str) -> bool:
    file, api = urlsplit(url), urlsplit(api_url)
    if (file.scheme, file.netloc) == (api.scheme, api.netloc):
        return True
    return file.scheme == "https" and file.hostname in _FILE_HOSTS
