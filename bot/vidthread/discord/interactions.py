"""Commands, buttons and forms: acknowledged first, then heard as events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import discord

from vidthread.adapter import House
from vidthread.commands import (
    Analyze,
    Aside,
    Ask,
    Command,
    Coverage,
    Retry,
    Unclear,
    pressed,
)
from vidthread.sentences import say, say_error, speak
from vidthread.surface import Incoming, Notice, Page, SurfaceError
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger

from .acknowledging import Interaction, acknowledge, acknowledged, tell
from .components import question_in
from .layout import Layout, literal, render, render_sentence
from .messages import files_of, is_admin, link_in, text_among
from .places import DiscordPlace, is_foreign, lacking, place_for
from .rest import DiscordRest

_log = get_logger(__name__)
_LONGEST_SHOWN = 1_500


class Interactions:
    """What each kind of interaction means to the assistant."""

    def __init__(
        self, house: House, transport: Transport, rest: DiscordRest, listening: asyncio.Event
    ) -> None:
        self._house = house
        self._transport = transport
        self._rest = rest
        self._listening = listening

    # --- a video ---

    async def analyze(
        self,
        interaction: Interaction,
        command: Analyze | Retry,
        *,
        private: bool = False,
        files: Sequence[discord.Attachment] = (),
    ) -> None:
        """Of a link, or of a captions file among `files`; or what was tried before."""
        place = place_for(interaction)
        if place and place.is_direct and not place.foreign:
            private = False  # nobody else is there
        problem = _problem(interaction, place, private=private)
        if place is None or problem:
            await tell(interaction, problem)
            return
        shown = (place.is_channel or place.foreign) and not private
        ticket = await acknowledge(interaction, shown=shown)
        key = replace(place.key, thread="") if private and not place.foreign else place.key
        incoming = _incoming(interaction, key, command, ticket)
        link = command.link if isinstance(command, Analyze) else ""
        incoming = replace(incoming, text=link, private=private)
        async with self._telling(ticket, shown=shown):
            if files:
                api = self._house.settings.discord_api_url
                texts = await text_among(files, self._rest, api)
                if not texts:
                    raise InvalidRequest(say("refused.no_captions"))
                incoming = replace(incoming, attachments=texts)
            if await self._hear(incoming) and key.thread and not place.foreign:
                await self._settle(ticket)

    async def analyze_message(self, interaction: Interaction, target: discord.Message) -> None:
        """Of the menu: the link, or the captions file, of somebody's message."""
        if link := link_in(target, interaction.client.user):
            await self.analyze(interaction, Analyze(link))
        elif files := files_of(target):
            await self.analyze(interaction, Analyze(), files=files)
        else:
            await tell(interaction, say("refused.no_link"))

    # --- a thread ---

    async def submit(self, interaction: Interaction) -> None:
        """A form that was sent."""
        speak(str(interaction.locale))
        if question := question_in(interaction.data):
            await self.ask(interaction, question)

    async def ask(self, interaction: Interaction, question: str) -> None:
        """Everybody in the thread sees what was asked, and the answer below."""
        name = literal(interaction.user.display_name[:80])
        shown = literal(" ".join(question.split())[:_LONGEST_SHOWN])
        told = say("thread.asks", name=f"**{name}**") + f"\n> {shown}"
        await self.say(interaction, Ask(question), told, shown=True)

    async def say(
        self, interaction: Interaction, command: Command, told: str = "", *, shown: bool = False
    ) -> None:
        """A command of a thread, whose answer everybody sees; `told` is the answer to the command
        itself."""
        place = place_for(interaction)
        if problem := _problem(interaction, place, private=False):
            await tell(interaction, problem)
            return
        if place and place.foreign:
            await self._answer_there(interaction, place, command)
            return
        in_channel = place is None or place.is_channel
        ticket = await acknowledge(interaction, shown=shown and not in_channel)
        async with self._telling(ticket):
            key = await self._thread(interaction)
            if key is None:
                raise InvalidRequest(say("refused.no_thread"))
            if await self._hear(_incoming(interaction, key, command, ticket)):
                await self._settle(ticket, told)

    async def _answer_there(
        self, interaction: Interaction, place: DiscordPlace, command: Command
    ) -> None:
        """Where the bot is no member, it can only answer this interaction."""
        ticket = await acknowledge(interaction, shown=True)
        async with self._telling(ticket):
            if not await self._hear(_incoming(interaction, place.key, command, ticket)):
                await self._settle(ticket)

    async def press(self, interaction: Interaction, button: str) -> None:
        command, place = pressed(button), place_for(interaction)
        if isinstance(command, Retry) and place and place.is_channel and _is_private(interaction):
            await self.analyze(interaction, command)
            return
        if isinstance(command, Aside | Coverage):
            await self.aside(interaction, command)
            return
        if place and place.foreign:
            await self._answer_there(interaction, place, command)
            return
        await acknowledged(interaction.response.defer)
        async with self._telling(""):
            if key := await self._thread(interaction):
                await self._hear(_incoming(interaction, key, command, ""))

    async def _thread(self, interaction: Interaction) -> ThreadKey | None:
        """The thread that an interaction is about: also the one that hangs under its message, and
        a channel that we answer in."""
        place = place_for(interaction)
        if place is None or not place.is_channel:
            return place.key if place else None
        if interaction.message and interaction.message.flags.has_thread:
            return replace(place.key, thread=str(interaction.message.id))
        key = replace(place.key, thread=place.key.channel)
        sessions = self._house.factory.get_session_repository()
        return key if await sessions.get(key.session, messages=0) else None

    # --- to one person alone ---

    async def aside(self, interaction: Interaction, command: Command) -> None:
        place = place_for(interaction)
        if isinstance(command, Unclear):
            await tell(interaction, command.sentence)
            return
        if place is None:
            await tell(interaction, say("refused.no_place"))
            return
        ticket = await acknowledge(interaction, shown=False)
        key = await self._thread(interaction) or place.key
        incoming = _incoming(interaction, key, command, ticket)
        told = await self._house.assistant.aside(incoming) or (Notice(say("refused.no_thread")),)
        if ticket:
            await self._edit(ticket, render(Page("", 0, told, live=False)))

    # ---

    async def _hear(self, incoming: Incoming) -> bool:
        """False for what was heard before."""
        self._rest.locales.note(incoming.author, incoming.locale)
        await self._listening.wait()
        return await self._house.assistant.hear(incoming, self._transport) is not None

    @asynccontextmanager
    async def _telling(self, ticket: str, *, shown: bool = False) -> AsyncIterator[None]:
        """Tells what goes wrong to whoever asked, and nobody else where that was `shown`."""
        try:
            yield
        except VideoAnalysisError as error:
            _log.warning("not heard", error=error.code)
            told = say_error(error)
            if ticket and shown:
                with suppress(SurfaceError):
                    await self._rest.replace_original(ticket, render_sentence(told))
            else:
                await self._answer(ticket, told)

    async def _settle(self, ticket: str, told: str = "") -> None:
        """Nothing is told where the answer comes in the thread."""
        if told:
            await self._answer(ticket, told)
        elif ticket:
            with suppress(SurfaceError):
                await self._rest.delete_original(ticket)

    async def _answer(self, ticket: str, told: str) -> None:
        if ticket:
            await self._edit(ticket, render_sentence(told))

    async def _edit(self, ticket: str, layout: Layout) -> None:
        try:
            await self._rest.edit_original(ticket, layout)
        except SurfaceError as error:
            _log.info("interaction not answered", cause=str(error))


def _is_private(interaction: Interaction) -> bool:
    """Whether the pressed button belongs to an ephemeral message."""
    return bool(interaction.message and interaction.message.flags.ephemeral)


def _incoming(interaction: Interaction, key: ThreadKey, command: Command, ticket: str) -> Incoming:
    return Incoming(
        event=f"i{interaction.id}",
        key=key,
        author=str(interaction.user.id),
        command=command,
        ticket=ticket,
        admin=is_foreign(key) or is_admin(interaction.user, interaction.guild),
        happened=interaction.id,
        locale=str(interaction.locale),
    )


def _problem(interaction: Interaction, place: DiscordPlace | None, *, private: bool) -> str:
    """Why we can do nothing here, as a sentence; empty where we can."""
    if place is None:
        return say("refused.no_place")
    return lacking(place, interaction.app_permissions, private=private)
