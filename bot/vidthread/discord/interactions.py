"""Commands, buttons and forms: acknowledged first, then heard as events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import discord

from vidthread.adapter import House
from vidthread.commands import Analyze, Ask, Command, Unclear, pressed
from vidthread.surface import Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger

from .controls import QuestionForm, question_in
from .layout import literal, render_sentence
from .places import Place, lacking, place_of
from .reading import captions_of, is_admin, link_in
from .rest import NOBODY, Rest
from .transport import DiscordTransport

_log = get_logger(__name__)
Interaction = discord.Interaction[discord.Client]
_ACKNOWLEDGED = 40060
_NO_PLACE = "I cannot work here. Ask in a text channel, a thread or a direct message."
_NO_THREAD = "Ask in the thread of a video. `/analyze` with a link opens one."
_NO_LINK = "There is no link to a YouTube video in that message, and no captions file."
_BELOW = "On it. The answer comes below."
_BROKEN = "Something went wrong on our side. Try again in a moment."
_NOT_A_MEMBER = (
    "I am not a member of this server, so I cannot open a thread here. Ask me in a direct message, "
    "or have an admin add me."
)
_LONGEST_SHOWN = 1_500
_TRIES = 3


class Interactions:
    """What each kind of interaction means to the assistant."""

    def __init__(
        self, house: House, transport: DiscordTransport, rest: Rest, listening: asyncio.Event
    ) -> None:
        self._house = house
        self._transport = transport
        self._rest = rest
        self._listening = listening

    # --- a video ---

    async def analyze(
        self, interaction: Interaction, command: Analyze, *, private: bool = False
    ) -> None:
        await self._open(interaction, replace(_wanted(command, command.link), private=private))

    async def analyze_message(self, interaction: Interaction, target: discord.Message) -> None:
        """Of the menu: the link, or the captions file, of somebody's message."""
        link = link_in(target)
        if not link and not target.attachments:
            await _tell(interaction, _NO_LINK)
            return
        await self._open(interaction, _wanted(Analyze(link), link), target=target)

    async def _open(
        self, interaction: Interaction, wanted: Incoming, target: discord.Message | None = None
    ) -> None:
        place = place_of(interaction.channel)
        if place and place.is_direct:
            wanted = replace(wanted, private=False)  # nobody else is there
        problem = _problem(interaction, place, private=wanted.private)
        if place is None or problem:
            await _tell(interaction, problem or _NO_PLACE)
            return
        ticket = await _acknowledge(interaction, shown=place.is_channel and not wanted.private)
        incoming = self._incoming(interaction, place.key, wanted, ticket)
        if wanted.private:
            incoming = replace(incoming, key=replace(incoming.key, thread=""))
        if target and not wanted.text:
            api = self._house.settings.discord_api_url
            try:
                files = await captions_of(target.attachments, self._rest, api)
            except InvalidRequest as error:
                await self._answer(ticket, error.message)
                return
            if not files:
                await self._answer(ticket, _NO_LINK)
                return
            incoming = replace(incoming, attachments=files)
        heard = await self._hear(incoming)
        if heard and incoming.key.thread:
            await self._answer(ticket, _BELOW)

    # --- a thread ---

    async def show_form(self, interaction: Interaction) -> None:
        """What is written there comes as an interaction of its own, after a restart too."""
        form = QuestionForm()
        form.stop()  # so that the client keeps none that nobody sends
        await _acknowledged(lambda: interaction.response.send_modal(form))

    async def submit(self, interaction: Interaction) -> None:
        """A form that was sent."""
        if question := question_in(interaction.data):
            await self.ask(interaction, question)

    async def ask(self, interaction: Interaction, question: str) -> None:
        """Everybody in the thread sees what was asked, and the answer below."""
        shown = " ".join(question.split())[:_LONGEST_SHOWN]
        told = f"**{_name(interaction)}** asks:\n> {literal(shown)}"
        await self._in_thread(interaction, Ask(question), told, shown=True)

    async def say(self, interaction: Interaction, command: Command) -> None:
        """A command of a thread, whose answer everybody sees."""
        await self._in_thread(interaction, command, _BELOW, shown=False)

    async def _in_thread(
        self, interaction: Interaction, command: Command, told: str, *, shown: bool
    ) -> None:
        place = place_of(interaction.channel)
        if problem := _problem(interaction, place, private=False):
            await _tell(interaction, problem)
            return
        in_channel = place is None or place.is_channel
        ticket = await _acknowledge(interaction, shown=shown and not in_channel)
        async with self._telling(ticket):
            key = await self._thread(interaction)
            if key is None:
                await self._answer(ticket, _NO_THREAD)
            elif await self._hear(self._incoming(interaction, key, _wanted(command), ticket)):
                await self._answer(ticket, told)

    async def press(self, interaction: Interaction, action: str) -> None:
        await _acknowledge(interaction, shown=False, pressed=True)
        async with self._telling(""):
            if key := await self._thread(interaction):
                wanted = _wanted(pressed(action))
                await self._hear(self._incoming(interaction, key, wanted, ""))

    async def _thread(self, interaction: Interaction) -> ThreadKey | None:
        """The thread that an interaction is about: also the one that hangs under its message, and
        a channel that we answer in."""
        place = place_of(interaction.channel)
        if place is None or not place.is_channel:
            return place.key if place else None
        if interaction.message and interaction.message.flags.has_thread:
            return replace(place.key, thread=str(interaction.message.id))
        key = replace(place.key, thread=str(interaction.channel_id))
        sessions = self._house.factory.get_session_repository()
        return key if await sessions.get(key.session, messages=0) else None

    # --- to one person alone ---

    async def refuse(self, interaction: Interaction, sentence: str) -> None:
        await _tell(interaction, sentence)

    async def aside(self, interaction: Interaction, command: Command) -> None:
        if isinstance(command, Unclear):
            await _tell(interaction, command.reason)
            return
        ticket = await _acknowledge(interaction, shown=False)
        place = place_of(interaction.channel)
        if place is None:
            await self._answer(ticket, _NO_PLACE)
            return
        incoming = self._incoming(interaction, place.key, _wanted(command), ticket)
        told = await self._house.assistant.aside(incoming)
        await self._answer(ticket, told or _BROKEN)

    # ---

    async def _hear(self, incoming: Incoming) -> bool:
        """False for what was heard before. What goes wrong is told to whoever asked."""
        await self._listening.wait()
        async with self._telling(incoming.ticket):
            return await self._house.assistant.hear(incoming, self._transport) is not None
        return False

    @asynccontextmanager
    async def _telling(self, ticket: str) -> AsyncIterator[None]:
        """Tells what goes wrong to whoever asked."""
        try:
            yield
        except VideoAnalysisError as error:
            _log.warning("not heard", error=error.code)
            await self._answer(ticket, error.message)

    async def _answer(self, ticket: str, told: str) -> None:
        if not ticket:
            return
        try:
            await self._rest.edit_original(ticket, render_sentence(told))
        except SurfaceError as error:
            _log.info("interaction not answered", cause=str(error))

    def _incoming(
        self, interaction: Interaction, key: ThreadKey, wanted: Incoming, ticket: str
    ) -> Incoming:
        return replace(
            wanted,
            event=f"i{interaction.id}",
            key=key,
            author=str(interaction.user.id),
            ticket=ticket,
            admin=is_admin(interaction.user, interaction.guild),
            happened=interaction.id,
        )


def _wanted(command: Command, text: str = "") -> Incoming:
    return Incoming("", ThreadKey("", "", ""), "", text=text, command=command)


def _problem(interaction: Interaction, place: Place | None, *, private: bool) -> str:
    """Why we can do nothing here, as a sentence; empty where we can."""
    if place is None:
        return _NO_PLACE
    if interaction.guild_id and not interaction.is_guild_integration():
        return _NOT_A_MEMBER
    return lacking(place, interaction.app_permissions, private=private)


def _name(interaction: Interaction) -> str:
    return literal(interaction.user.display_name[:80])


async def _tell(interaction: Interaction, sentence: str) -> None:
    """As the first answer, to one person alone."""
    await _acknowledged(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
    )


async def _acknowledge(interaction: Interaction, *, shown: bool, pressed: bool = False) -> str:
    """Within three seconds, before anything else. The token to answer with; empty where Discord
    had given it up, and what was asked for is done all the same."""
    response = interaction.response
    if pressed:
        done = await _acknowledged(response.defer)
    else:
        done = await _acknowledged(lambda: response.defer(ephemeral=not shown, thinking=True))
    return interaction.token if done else ""


async def _acknowledged(answer: Callable[[], Awaitable[object]]) -> bool:
    """A second try does no harm: Discord says then that there was a first."""
    for _ in range(_TRIES):
        try:
            await answer()
        except discord.InteractionResponded:
            return True
        except discord.HTTPException as error:
            if error.code != _ACKNOWLEDGED:
                _log.warning("not acknowledged", status=error.status, code=error.code)
            return error.code == _ACKNOWLEDGED
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("not acknowledged, trying again", cause=repr(error))
        else:
            return True
    return False
