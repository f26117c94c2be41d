"""Messages that people write, from the gateway to the assistant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import discord

from vidthread.adapter import FileWithheld, House
from vidthread.commands import Analyze, Unclear
from vidthread.surface import (
    Addressed,
    Attachment,
    Incoming,
    SurfaceError,
    SurfaceUnreachable,
    Transport,
)
from vidthread.thread_key import ThreadKey
from vidthread.words import find_link, understand
from youtube_analysis.captions import LARGEST_FILE, SUFFIXES
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest
from youtube_analysis.logging import get_logger

from .layout import render_sentence
from .places import PLATFORM, DiscordPlace, place_of
from .rest import DiscordRest

_log = get_logger(__name__)
_FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_ORDINARY = {discord.MessageType.default, discord.MessageType.reply}
_NEEDS_LINK = (
    "Send me a link to a YouTube video, or a captions file, and I open a thread about it. "
    "`/help` tells what else I can do."
)
_CANNOT_READ = (
    "I do not see plain messages here. To ask me, mention me, reply to one of my messages, press "
    "**Ask** or use `/ask`."
)


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
        await self._house.assistant.forget(key, self._transport)

    async def _hear(self, message: discord.Message) -> None:
        me = self._rest.client.user
        if me is None or not _is_ordinary(message):
            return
        to = _addressed(message, me)
        if to is Addressed.OTHERS:
            return
        place = await self._place(message)
        if place is None or (place.is_channel and to is not Addressed.BOT):
            return
        if self._is_blank(message) and not place.is_direct:
            await self._hint(message, place)
        elif to is Addressed.BOT or await self._is_ours(place.key):
            await self._answer(message, _incoming(message, place.key, me, to))

    def _is_blank(self, message: discord.Message) -> bool:
        """Discord does not tell us what is in it, or there is nothing."""
        holds = message.content or message.attachments or message.embeds
        return not (self._reads or holds)

    async def _is_ours(self, key: ThreadKey) -> bool:
        """Whether it is a thread that we talk in."""
        sessions = self._house.factory.get_session_repository()
        return await sessions.get(key.session, messages=0) is not None

    async def _answer(self, message: discord.Message, incoming: Incoming) -> None:
        api = self._house.settings.discord_api_url
        try:
            files = await captions_of(message.attachments, self._rest, api)
            command = understand(incoming.text, attached=bool(files))
        except InvalidRequest as error:
            files, command = (), Unclear(error.message)
        incoming = replace(incoming, attachments=files, command=command)
        heard = incoming if incoming.key.thread else await self._in_channel(message, incoming)
        if heard:
            await self._house.assistant.hear(heard, self._transport)

    async def _in_channel(self, message: discord.Message, incoming: Incoming) -> Incoming | None:
        """A mention outside of any thread: about the link in it, or in the message that it
        answers, or what we talk about in this very channel. None where there is nothing, which is
        told."""
        if isinstance(incoming.command, Analyze):
            return incoming
        if link := link_in(message):
            text = f"{link} {incoming.text}"
            return replace(incoming, text=text, command=understand(text))
        here = replace(incoming.key, thread=incoming.key.channel)
        if await self._is_ours(here):
            return replace(incoming, key=here)
        if isinstance(incoming.command, Unclear):
            await self._reply(message, incoming.command.reason)
        else:
            told = await self._house.assistant.aside(incoming)
            await self._reply(message, told or _NEEDS_LINK)
        return None

    async def _place(self, message: discord.Message) -> DiscordPlace | None:
        """Threads that sleep are not in the client's memory."""
        if place := place_of(message.channel):
            return place
        try:
            return place_of(await self._rest.channel(str(message.channel.id)))
        except SurfaceUnreachable:
            raise
        except SurfaceError as error:
            _log.info("place not known", channel=message.channel.id, cause=str(error))
            return None

    async def _hint(self, message: discord.Message, place: DiscordPlace) -> None:
        """Once in each thread of ours."""
        if place.is_channel or not await self._is_ours(place.key):
            return
        ledger, event = self._house.store.ledger, f"hint in {place.key.thread}"
        row = await ledger.take(Incoming(event, place.key, ""), message_key=False)
        if row is not None:
            await ledger.done(row)
            await self._reply(message, _CANNOT_READ)

    async def _reply(self, message: discord.Message, sentence: str) -> None:
        """Once, however often the message is heard: Discord knows the nonce."""
        layout = render_sentence(sentence, to=str(message.id))
        try:
            await self._rest.post(str(message.channel.id), layout, f"reply {message.id}"[:25])
        except SurfaceError as error:
            _log.info("not told", channel=message.channel.id, cause=str(error))


def link_in(message: discord.Message) -> str:
    """In a message, or in the one that it answers."""
    answered = message.reference.resolved if message.reference else None
    texts = [message.content, *(embed.url or "" for embed in message.embeds)]
    if isinstance(answered, discord.Message):
        texts.append(answered.content)
    return next((found.link for text in texts if (found := find_link(text)) and found.link), "")


async def captions_of(
    attachments: Sequence[discord.Attachment], rest: DiscordRest, api_url: str
) -> tuple[Attachment, ...]:
    """The first that looks like captions; files come from Discord's own hosts or nowhere. Raises
    CaptionsFileTooLarge, FileWithheld."""
    for attachment in attachments:
        named = attachment.filename.casefold().endswith(SUFFIXES)
        if not named or not _is_hosted(attachment.url, api_url):
            continue
        if attachment.size > LARGEST_FILE:
            raise CaptionsFileTooLarge(f"{LARGEST_FILE // 2**20} MB")
        try:
            content = await rest.download(attachment)
        except SurfaceError as error:
            raise FileWithheld("Discord", attachment.filename) from error
        return (Attachment(attachment.filename, content),)
    return ()


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
    others = message.mentions or message.role_mentions or message.reference
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
    return Incoming(
        event=f"m{message.id}",
        key=key,
        author=str(message.author.id),
        message=str(message.id),
        text=re.sub("|".join(ours), " ", message.content).strip(),
        addressed=to,
        admin=is_admin(message.author, message.guild),
        happened=message.id,
    )


def _is_hosted(url: str, api_url: str) -> bool:
    file, api = urlsplit(url), urlsplit(api_url)
    if (file.scheme, file.netloc) == (api.scheme, api.netloc):
        return True
    return file.scheme == "https" and file.hostname in _FILE_HOSTS
