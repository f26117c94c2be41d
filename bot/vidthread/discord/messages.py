"""Messages that people write, from the gateway to the assistant."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from weakref import WeakValueDictionary

import discord

from vidthread.adapter import House
from vidthread.commands import Analyze, Unclear
from vidthread.surface import Addressed, Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from vidthread.words import understand
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.logging import get_logger

from .layout import render_sentence
from .places import Place, place_of
from .reading import (
    addressed,
    answered_link,
    captions_of,
    incoming_message,
    is_ordinary,
)
from .rest import Rest
from .transport import DiscordTransport

_log = get_logger(__name__)
_REMEMBERED = 10_000
_NEEDS_LINK = (
    "Send me a link to a YouTube video, or a captions file, and I open a thread about it. "
    "`/help` tells what else I can do."
)
_CANNOT_READ = (
    "I do not see plain messages here. To ask me, mention me, reply to one of my messages, press "
    "**Ask** or use `/ask`."
)


class Messages:
    """`reads` tells whether Discord lets us see plain messages; `listening` is set when what was
    unfinished is taken up: until then what is heard waits."""

    def __init__(
        self,
        house: House,
        transport: DiscordTransport,
        rest: Rest,
        listening: asyncio.Event,
        *,
        reads: bool,
    ) -> None:
        self._house = house
        self._transport = transport
        self._rest = rest
        self._listening = listening
        self._reads = reads
        self._lines = WeakValueDictionary[int, asyncio.Lock]()
        self._archived: OrderedDict[int, Place] = OrderedDict()

    async def hear(self, message: discord.Message, client: discord.Client) -> None:
        """In each channel in the order in which they were written."""
        await self._listening.wait()
        async with self._lines.setdefault(message.channel.id, asyncio.Lock()):
            await self._house.assistant.insist(lambda: self._hear(message, client))

    async def _hear(self, message: discord.Message, client: discord.Client) -> None:
        me = client.user
        if me is None or not is_ordinary(message):
            return
        to = addressed(message, me)
        if to is Addressed.OTHERS:
            return
        place = await self._place(message, client)
        if place is None or (place.is_channel and to is not Addressed.BOT):
            return
        ours = await self._is_ours(place) if to is Addressed.NOBODY else True
        if self._is_blank(message) and not place.is_direct:
            await self._hint(message, place)
        elif ours:
            await self._answer(message, incoming_message(message, place.key, me, to), place)

    def _is_blank(self, message: discord.Message) -> bool:
        """Discord does not tell us what is in it, or there is nothing."""
        holds = message.content or message.attachments or message.embeds
        return not (self._reads or holds)

    async def _is_ours(self, place: Place) -> bool:
        """Whether it is a thread that we talk in."""
        sessions = self._house.factory.get_session_repository()
        return await sessions.get(place.key.session, messages=0) is not None

    async def _answer(self, message: discord.Message, incoming: Incoming, place: Place) -> None:
        api = self._house.settings.discord_api_url
        try:
            files = await captions_of(message.attachments, self._rest, api)
            command = understand(incoming.text, attached=bool(files))
        except InvalidRequest as error:
            files, command = (), Unclear(error.message)
        incoming = replace(incoming, attachments=files, command=command)
        if place.is_channel:
            found = await self._in_channel(message, incoming)
            if found is None:
                await self._reply(message, await self._told(incoming))
                return
            incoming = found
        await self._house.assistant.hear(incoming, self._transport)

    async def _place(self, message: discord.Message, client: discord.Client) -> Place | None:
        """Threads that sleep are not in the client's memory."""
        channel = message.channel
        place = place_of(channel) or self._archived.get(channel.id)
        if place is None:
            try:
                place = place_of(await client.fetch_channel(channel.id))
            except discord.HTTPException as error:
                _log.info("place not known", channel=channel.id, code=error.code)
                return None
            if place:
                self._archived[channel.id] = place
                if len(self._archived) > _REMEMBERED:
                    self._archived.popitem(last=False)
        return place

    async def _in_channel(self, message: discord.Message, incoming: Incoming) -> Incoming | None:
        """A mention outside of any thread: about the link in it, or in the message that it
        answers, or what we talk about in this very channel. None where there is nothing."""
        if isinstance(incoming.command, Analyze):
            return incoming
        if link := answered_link(message):
            text = f"{link} {incoming.text}"
            return replace(incoming, text=text, command=understand(text))
        here = replace(incoming.key, thread=incoming.key.channel)
        sessions = self._house.factory.get_session_repository()
        if await sessions.get(here.session, messages=0):
            return replace(incoming, key=here)
        return None

    async def _told(self, incoming: Incoming) -> str:
        if isinstance(incoming.command, Unclear):
            return incoming.command.reason
        return await self._house.assistant.aside(incoming) or _NEEDS_LINK

    async def _hint(self, message: discord.Message, place: Place) -> None:
        """Once in each thread of ours."""
        if place.is_channel or not await self._is_ours(place):
            return
        ledger, event = self._house.store.ledger, f"hint in {place.key.thread}"
        row = await ledger.take(Incoming(event, place.key, ""), message_key=False)
        if row is not None:
            await ledger.done(row)
            await self._reply(message, _CANNOT_READ)

    async def _reply(self, message: discord.Message, sentence: str) -> None:
        """Once, however often the message is heard: Discord knows the nonce."""
        layout = render_sentence(sentence, to=str(message.id))
        nonce = f"reply {message.id}"[:25]
        try:
            await self._rest.post(str(message.channel.id), layout, nonce)
        except SurfaceError as error:
            _log.info("not told", channel=message.channel.id, cause=str(error))

    async def forget_thread(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Who deletes a thread wants nothing of it to be kept."""
        await self._listening.wait()
        thread = str(payload.thread_id)
        private = payload.thread_type is discord.ChannelType.private_thread
        channel = thread if private else str(payload.parent_id)
        key = ThreadKey(self._transport.platform, str(payload.guild_id), channel, thread)
        await self._house.assistant.forget(key, self._transport)
