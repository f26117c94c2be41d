"""The slash commands and the menu of a message."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import aiohttp
import discord
from discord import app_commands
from msgspec.structs import replace

from vidthread import commands
from vidthread.store import Marks, Threads
from vidthread.thread_key import ThreadKey
from vidthread.words import find_link, named_language, named_types, understand
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.services.content import ContentFormat

from .acknowledging import Interaction, tell
from .components import LONGEST_QUESTION
from .interactions import Interactions
from .places import place_of

_log = get_logger(__name__)
_MOST_CHOICES, _LONGEST_CHOICE = 25, 100
_NO_VIDEO = "That is no link to a YouTube video."
_NEITHER = "Name a YouTube link, or attach a captions file."
_LANGUAGES = (
    "English", "German", "Spanish", "French", "Portuguese", "Italian", "Dutch", "Polish", "Turkish",
    "Russian", "Ukrainian", "Arabic", "Hindi", "Japanese", "Korean", "Chinese",
)  # fmt: skip
Tree = app_commands.CommandTree[Any]


class _WorkingPlace(app_commands.Transformer):
    """A channel that people write in, or in whose threads they do. (discord.py's ForumChannel
    would bring along a type of channel that Discord's own schema does not take.)"""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        kinds = discord.ChannelType
        return [kinds.text, kinds.news, kinds.voice, kinds.forum]

    async def transform(
        self, interaction: Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        return value


WorkingPlace = app_commands.Transform[app_commands.AppCommandChannel, _WorkingPlace]


def add_commands(tree: Tree, interactions: Interactions, threads: Threads) -> None:
    _add_analyze(tree, interactions, threads)
    _add_thread_commands(tree, interactions)
    _add_asides(tree, interactions)
    tree.add_command(_Settings(interactions))


async def sync_if_changed(tree: Tree, marks: Marks, application: int) -> None:
    """Discord allows few changes a day, so commands are sent only when they are others."""
    told = [command.to_dict(tree) for command in tree.get_commands()]
    digest = hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()
    name = f"discord commands of {application}"
    try:
        if await marks.get(name) == digest:
            return
        await tree.sync()
        await marks.set(name, digest)
    except (discord.DiscordException, aiohttp.ClientError, OSError, DatabaseError) as error:
        # Those that Discord has go on working; the next session tries again.
        _log.error("commands not synced", cause=str(error))
        return
    _log.info("commands synced", count=len(told))


def _add_analyze(tree: Tree, interactions: Interactions, threads: Threads) -> None:
    @tree.command(name="analyze", description="Open a thread about a YouTube video")
    @app_commands.describe(
        link="A YouTube link",
        file="Or a captions file: .srt, .vtt, .txt …",
        types="What to make of it, such as: summary, action plan, key moments",
        language="The language to write in",
        private="Only you and I see the thread",
    )
    async def analyze(  # noqa: PLR0917 - each is an option
        interaction: Interaction,
        link: str = "",
        file: discord.Attachment | None = None,
        types: str = "",
        language: str = "",
        private: bool = False,
    ) -> None:
        command = _asked(link, types, language, has_file=file is not None)
        if isinstance(command, commands.Unclear):
            await tell(interaction, command.reason)
        else:
            files = [file] if file else []
            await interactions.analyze(interaction, command, private=private, files=files)

    @tree.context_menu(name="Analyze video")
    async def analyze_message(interaction: Interaction, message: discord.Message) -> None:
        await interactions.analyze_message(interaction, message)

    _complete(analyze, threads)


def _complete(analyze: app_commands.Command[Any, Any, Any], threads: Threads) -> None:
    @analyze.autocomplete("link")
    async def recent(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        try:
            return await _recent(interaction, typed, threads)
        except VideoAnalysisError as error:
            _log.warning("no recent videos", error=error.code)
            return []

    @analyze.autocomplete("types")
    async def kinds(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return _continued(typed, [kind.value for kind in AnalysisType])

    @analyze.autocomplete("language")
    async def languages(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        named = [name for name in _LANGUAGES if typed.casefold() in name.casefold()]
        return [app_commands.Choice(name=name, value=name) for name in named[:_MOST_CHOICES]]


def _add_thread_commands(tree: Tree, interactions: Interactions) -> None:
    @tree.command(name="ask", description="Ask about the video of this thread")
    async def ask(
        interaction: Interaction, question: app_commands.Range[str, 1, LONGEST_QUESTION]
    ) -> None:
        await interactions.ask(interaction, question)

    @tree.command(name="export", description="Everything in this thread as a file")
    @app_commands.rename(form="format")
    async def export(interaction: Interaction, form: Literal["md", "json", "html"] = "md") -> None:
        await interactions.say(interaction, commands.Export(ContentFormat(form)))


def _add_asides(tree: Tree, interactions: Interactions) -> None:
    def add(name: str, description: str, command: commands.Command) -> None:
        @tree.command(name=name, description=description)
        async def aside(interaction: Interaction) -> None:
            await interactions.aside(interaction, command)

    add("help", "What I can do", commands.Help())
    add("stats", "What was done in this server", commands.Statistics())
    add("privacy", "What I keep, and where it goes", commands.Privacy())

    @tree.command(name="forget", description="Delete what I remember")
    @app_commands.choices(
        what=[
            app_commands.Choice(name="what I asked in this server", value="forget me"),
            app_commands.Choice(name="this thread", value="forget"),
            app_commands.Choice(name="everything of this server (admins)", value="forget server"),
        ]
    )
    async def forget(interaction: Interaction, what: str = "forget me") -> None:
        whose: dict[str, commands.Command] = {
            "forget": commands.Forget(),
            "forget server": commands.ForgetWorkspace(),
        }
        await interactions.aside(interaction, whose.get(what, commands.ForgetPerson()))


class _Settings(app_commands.Group):
    def __init__(self, interactions: Interactions) -> None:
        super().__init__(
            name="settings",
            description="What holds in this server",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._interactions = interactions

    @app_commands.command(name="show", description="What is chosen now")
    async def show(self, interaction: Interaction) -> None:
        await self._interactions.aside(interaction, commands.ShowSettings())

    @app_commands.command(
        name="channels", description="Where I may work; everywhere if none is named"
    )
    async def channels(  # noqa: PLR0917 - each is an option of its own
        self,
        interaction: Interaction,
        first: WorkingPlace | None = None,
        second: WorkingPlace | None = None,
        third: WorkingPlace | None = None,
        fourth: WorkingPlace | None = None,
        fifth: WorkingPlace | None = None,
    ) -> None:
        named = [channel for channel in (first, second, third, fourth, fifth) if channel]
        chosen = tuple(dict.fromkeys(str(channel.id) for channel in named))
        await self._interactions.aside(interaction, commands.SetChannels(chosen))

    @app_commands.command(
        name="language", description="The language to write in; auto is the video's"
    )
    async def language(
        self, interaction: Interaction, language: app_commands.Range[str, 1, 50] = "auto"
    ) -> None:
        code = named_language(language)
        known = code or language == "auto"
        command = commands.SetDefaultLanguage(code) if known else _no_language(language)
        await self._interactions.aside(interaction, command)

    @app_commands.command(name="types", description="What an analysis has where nobody says")
    async def types(
        self, interaction: Interaction, types: app_commands.Range[str, 1, 200] = "default"
    ) -> None:
        chosen = named_types(types)
        known = chosen or types == "default"
        command = commands.SetDefaultTypes(chosen) if known else _no_types(types)
        await self._interactions.aside(interaction, command)


async def _recent(
    interaction: Interaction, typed: str, threads: Threads
) -> list[app_commands.Choice[str]]:
    """Of the threads that whoever types can see."""
    place = place_of(interaction.channel)
    if place is None:
        return []
    videos = await threads.recent_videos(place.key)
    found = []
    for video in videos:
        matches = typed.casefold() in video.title.casefold() or typed in video.link
        if matches and _sees(interaction, video.key):
            name = " ".join(video.title.split())[:_LONGEST_CHOICE] or video.link
            found.append(app_commands.Choice(name=name, value=video.link[:_LONGEST_CHOICE]))
    return found[:_MOST_CHOICES]


def _sees(interaction: Interaction, key: ThreadKey) -> bool:
    if interaction.guild is None:
        return True
    if key.channel == key.thread:
        return str(interaction.channel_id) == key.thread
    channel = interaction.guild.get_channel(int(key.channel))
    person = interaction.user
    if channel is None or not isinstance(person, discord.Member):
        return False
    return channel.permissions_for(person).view_channel


def _continued(typed: str, names: list[str]) -> list[app_commands.Choice[str]]:
    """A list that is being written: what stands before the last comma stays."""
    before, comma, last = typed.rpartition(",")
    beginning = f"{before}{comma} " if comma else ""
    fitting = [name for name in names if last.strip().casefold() in name.casefold()]
    choices = [f"{beginning}{name}" for name in fitting]
    return [
        app_commands.Choice(name=choice, value=choice)
        for choice in choices[:_MOST_CHOICES]
        if len(choice) <= _LONGEST_CHOICE
    ]


def _asked(
    link: str, types: str, language: str, *, has_file: bool
) -> commands.Analyze | commands.Unclear:
    """What the options of /analyze come to. A file is read in the place of a link."""
    found = find_link(link)
    if has_file:
        asked = commands.Analyze()
    elif found is None or not found.link:
        reason = found.wrong if found else ""
        return commands.Unclear(reason or (_NO_VIDEO if link else _NEITHER))
    else:
        beside = understand(link) if found.rest else None
        asked = beside if isinstance(beside, commands.Analyze) else commands.Analyze(found.link)
    chosen, code = named_types(types), named_language(language)
    if types and not chosen:
        return _no_types(types)
    if language and not code:
        return _no_language(language)
    return replace(asked, types=chosen or asked.types, language=code or asked.language)


def _no_language(language: str) -> commands.Unclear:
    return commands.Unclear(f"I know no language “{language[:50]}”.")


def _no_types(types: str) -> commands.Unclear:
    known = ", ".join(kind.value for kind in AnalysisType)
    return commands.Unclear(f"I do not know “{types[:50]}”. There are: {known}.")
