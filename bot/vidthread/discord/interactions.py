"""Commands, buttons and forms: acknowledged first, then heard as events."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Self

import aiohttp
import discord
from discord import ui

from vidthread.adapter import House
from vidthread.commands import (
    LONGEST_REASON,
    Analyze,
    Aside,
    Ask,
    Command,
    Coverage,
    Rate,
    Retry,
    Unclear,
    action,
    pressed,
)
from vidthread.sentences import say, say_error, speak
from vidthread.surface import Incoming, Notice, Page, SurfaceError, Transport
from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger

from .layout import MENU, Layout, literal, render, render_sentence
from .messages import files_of, is_admin, link_in, text_among
from .places import DiscordPlace, lacking, place_of
from .rest import NOBODY, DiscordRest

_log = get_logger(__name__)
Interaction = discord.Interaction[Any]
_ACKNOWLEDGED = 40060
_SUFFIXES = ".srt, .vtt, .txt …"
_LONGEST_SHOWN = 1_500
_TRIES = 3
_FORM, _QUESTION = "v1:question:", "question"
LONGEST_QUESTION = 1_000


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
        place = place_of(interaction.channel)
        if place and place.is_direct:
            private = False  # nobody else is there
        problem = _problem(interaction, place, private=private)
        if place is None or problem:
            await tell(interaction, problem)
            return
        shown = place.is_channel and not private
        ticket = await _acknowledge(interaction, shown=shown)
        key = replace(place.key, thread="") if private else place.key
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
            if await self._hear(incoming) and key.thread:
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
        if question := _question_in(interaction.data):
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
        place = place_of(interaction.channel)
        if problem := _problem(interaction, place, private=False):
            await tell(interaction, problem)
            return
        in_channel = place is None or place.is_channel
        ticket = await _acknowledge(interaction, shown=shown and not in_channel)
        async with self._telling(ticket):
            key = await self._thread(interaction)
            if key is None:
                raise InvalidRequest(say("refused.no_thread"))
            if await self._hear(_incoming(interaction, key, command, ticket)):
                await self._settle(ticket, told)

    async def press(self, interaction: Interaction, button: str) -> None:
        command, place = pressed(button), place_of(interaction.channel)
        if isinstance(command, Retry) and place and place.is_channel and _is_private(interaction):
            await self.analyze(interaction, command)
            return
        if isinstance(command, Aside | Coverage):
            await self.aside(interaction, command)
            return
        await _acknowledged(interaction.response.defer)
        async with self._telling(""):
            if key := await self._thread(interaction):
                await self._hear(_incoming(interaction, key, command, ""))

    async def _thread(self, interaction: Interaction) -> ThreadKey | None:
        """The thread that an interaction is about: also the one that hangs under its message, and
        a channel that we answer in."""
        place = place_of(interaction.channel)
        if place is None or not place.is_channel:
            return place.key if place else None
        if interaction.message and interaction.message.flags.has_thread:
            return replace(place.key, thread=str(interaction.message.id))
        key = replace(place.key, thread=place.key.channel)
        sessions = self._house.factory.get_session_repository()
        return key if await sessions.get(key.session, messages=0) else None

    # --- to one person alone ---

    async def aside(self, interaction: Interaction, command: Command) -> None:
        place = place_of(interaction.channel)
        if isinstance(command, Unclear):
            await tell(interaction, command.sentence)
            return
        if place is None:
            await tell(interaction, say("refused.no_place"))
            return
        ticket = await _acknowledge(interaction, shown=False)
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


class ActionButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=r"v1:(?P<name>(?!more:)[a-z]{1,20}):(?P<what>.{0,90})",
):
    """Any button of ours, which works after a restart: all is in its custom id."""

    def __init__(self, button: str, what: str = "") -> None:
        self._button = button
        self._what = what
        super().__init__(ui.Button(custom_id=button))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,  # noqa: ARG003 - the library passes them
        item: ui.Item[Any],  # noqa: ARG003 - as above
        match: re.Match[str],
    ) -> Self:
        return cls(action(match["name"], match["what"]), match["what"])

    async def callback(self, interaction: Interaction) -> None:
        interactions: Interactions = interaction.client.interactions
        speak(str(interaction.locale))
        match pressed(self._button):
            case Ask(question):
                await interactions.ask(interaction, question)
            case _ if form := _FORMS.get(self._button.removesuffix(self._what)):
                await _acknowledged(lambda: interaction.response.send_modal(form(self._what)))
            case Analyze(link) as command if link:
                await interactions.analyze(interaction, command)
            case _:
                await interactions.press(interaction, self._button)


class ActionMenu(ui.DynamicItem[ui.Select[ui.LayoutView]], template=MENU):
    """As ActionButton: what is chosen is the id of a button."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=MENU))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: Interaction,  # noqa: ARG003 - the library passes them
        item: ui.Item[Any],  # noqa: ARG003 - as above
        match: re.Match[str],  # noqa: ARG003 - as above
    ) -> Self:
        return cls()

    async def callback(self, interaction: Interaction) -> None:
        interactions: Interactions = interaction.client.interactions
        speak(str(interaction.locale))
        chosen = self.item.values
        await interactions.press(interaction, chosen[0] if chosen else "")


class CaptionsForm(ui.Modal):
    """A file for a video whose captions YouTube does not give us."""

    def __init__(self, _: str) -> None:
        super().__init__(title=say("button.captions"))
        self._upload: ui.FileUpload[Self] = ui.FileUpload(custom_id="captions")
        label = say("form.captions")
        self.add_item(ui.Label(text=label, description=_SUFFIXES, component=self._upload))

    async def on_submit(self, interaction: Interaction, /) -> None:
        speak(str(interaction.locale))
        files = self._upload.values
        await interaction.client.interactions.analyze(interaction, Analyze(), files=files)


class ReasonForm(ui.Modal):
    """Why an answer did not help."""

    def __init__(self, reply: str) -> None:
        super().__init__(title=say("form.wrong"))
        self._reply = reply
        self._reason: ui.TextInput[Self] = ui.TextInput(
            label=say("form.reason"),
            custom_id="reason",
            required=False,
            style=discord.TextStyle.paragraph,
            max_length=LONGEST_REASON,
        )
        self.add_item(self._reason)

    async def on_submit(self, interaction: Interaction, /) -> None:
        speak(str(interaction.locale))
        rated = Rate(self._reply, good=False, reason=self._reason.value.strip())
        await interaction.client.interactions.aside(interaction, rated)


class QuestionForm(ui.Modal):
    """What is written there comes as an interaction of its own, after a restart too."""

    def __init__(self, _: str) -> None:
        super().__init__(title=say("form.title"), custom_id=_FORM)
        question: ui.TextInput[Self] = ui.TextInput(
            label=say("form.question"),
            custom_id=_QUESTION,
            style=discord.TextStyle.paragraph,
            max_length=LONGEST_QUESTION,
        )
        self.add_item(question)


_FORMS: dict[str, Callable[[str], ui.Modal]] = {
    action("ask"): QuestionForm,
    action("captions"): CaptionsForm,
    action("bad"): ReasonForm,
}
"""What is asked first where these are pressed."""


async def tell(interaction: Interaction, sentence: str) -> None:
    """As the first answer, to one person alone."""
    await _acknowledged(
        lambda: interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NOBODY)
    )


def _is_private(interaction: Interaction) -> bool:
    """Whether a button stood in what one person alone was told."""
    return bool(interaction.message and interaction.message.flags.ephemeral)


def _question_in(told: Any) -> str:
    """What was written into our form; empty for another one."""
    return _value(told) if (told or {}).get("custom_id") == _FORM else ""


def _value(told: Mapping[str, Any]) -> str:
    if told.get("custom_id") == _QUESTION:
        return str(told.get("value") or "").strip()
    inner = [*(told.get("components") or ()), *filter(None, [told.get("component")])]
    return next(filter(None, map(_value, inner)), "")


def _incoming(interaction: Interaction, key: ThreadKey, command: Command, ticket: str) -> Incoming:
    return Incoming(
        event=f"i{interaction.id}",
        key=key,
        author=str(interaction.user.id),
        command=command,
        ticket=ticket,
        admin=is_admin(interaction.user, interaction.guild),
        happened=interaction.id,
        locale=str(interaction.locale),
    )


def _problem(interaction: Interaction, place: DiscordPlace | None, *, private: bool) -> str:
    """Why we can do nothing here, as a sentence; empty where we can."""
    if place is None:
        return say("refused.no_place")
    if interaction.guild_id and not interaction.is_guild_integration():
        return say("refused.not_a_member")
    return lacking(place, interaction.app_permissions, private=private)


async def _acknowledge(interaction: Interaction, *, shown: bool) -> str:
    """Within three seconds, before anything else. The token to answer with; empty where Discord
    had given it up, and what was asked for is done all the same."""
    response = interaction.response
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
