"""The slash commands and the menu of a message."""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands
from msgspec.structs import replace

from vidthread import commands
from vidthread.sentences import language_name
from vidthread.store import Threads
from vidthread.thread_key import ThreadKey
from vidthread.words import (
    find_link,
    named_language,
    named_types,
    understand,
    unknown_language,
    wrong_with,
)
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import LONGEST_INSTRUCTION, Length
from youtube_analysis.services.content import ContentFormat

from .acknowledging import Interaction, tell
from .command_tree import LENGTHS, CommandTree, described, told
from .components import LONGEST_QUESTION
from .interactions import Interactions
from .places import place_of
from .settings_command import Settings, no_types

_log = get_logger(__name__)
_MOST_CHOICES, _LONGEST_CHOICE = 25, 100
_LANGUAGES = "en de es fr pt it nl pl tr ru uk ar hi ja ko zh".split()


def add_commands(
    tree: CommandTree, interactions: Interactions, threads: Threads, models: tuple[str, ...]
) -> None:
    """`models` as of Settings."""
    _add_analyze(tree, interactions, threads)
    _add_thread_commands(tree, interactions)
    _add_asides(tree, interactions)
    tree.add_command(Settings(interactions, models))


def _add_analyze(tree: CommandTree, interactions: Interactions, threads: Threads) -> None:
    @tree.command(name=told("slash.analyze"), description=told("slash.analyze.about"))
    @described("link", "file", "types", "language", "length", "instruction", "private")
    @app_commands.choices(length=LENGTHS)
    async def analyze(  # noqa: PLR0917 - each is an option
        interaction: Interaction,
        link: str = "",
        file: discord.Attachment | None = None,
        types: str = "",
        language: str = "",
        length: str = "",
        instruction: app_commands.Range[str, 0, LONGEST_INSTRUCTION] = "",
        private: bool = False,
    ) -> None:
        command = _asked(link, types, language, has_file=file is not None)
        if isinstance(command, commands.Unclear):
            await tell(interaction, command.sentence)
        else:
            files = [file] if file else []
            command = _styled(command, length, instruction)
            await interactions.analyze(interaction, command, private=private, files=files)

    @tree.context_menu(name=told("slash.menu"))
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
        named = {code: language_name(code) for code in _LANGUAGES}
        return [
            app_commands.Choice(name=name, value=code)
            for code, name in named.items()
            if typed.casefold() in name.casefold()
        ]


def _add_thread_commands(tree: CommandTree, interactions: Interactions) -> None:
    @tree.command(name=told("slash.ask"), description=told("slash.ask.about"))
    @described("question")
    async def ask(
        interaction: Interaction, question: app_commands.Range[str, 1, LONGEST_QUESTION]
    ) -> None:
        await interactions.ask(interaction, question)

    @tree.command(name=told("slash.export"), description=told("slash.export.about"))
    @app_commands.rename(form=told("slash.format"))
    @app_commands.describe(form=told("slash.format.about"))
    async def export(interaction: Interaction, form: Literal["md", "json", "html"] = "md") -> None:
        await interactions.say(interaction, commands.Export(ContentFormat(form)))


def _add_asides(tree: CommandTree, interactions: Interactions) -> None:
    def add(name: str, command: commands.Command) -> None:
        @tree.command(name=told(f"slash.{name}"), description=told(f"slash.{name}.about"))
        async def aside(interaction: Interaction) -> None:
            await interactions.aside(interaction, command)

    add("help", commands.Help())
    add("stats", commands.Statistics())
    add("privacy", commands.Privacy())

    @tree.command(name=told("slash.forget"), description=told("slash.forget.about"))
    @described("what")
    @app_commands.choices(
        what=[
            app_commands.Choice(name=told("slash.what.me"), value="forget me"),
            app_commands.Choice(name=told("slash.what.thread"), value="forget"),
            app_commands.Choice(name=told("slash.what.server"), value="forget server"),
        ]
    )
    async def forget(interaction: Interaction, what: str = "forget me") -> None:
        whose: dict[str, commands.Command] = {
            "forget": commands.Forget(),
            "forget server": commands.ForgetWorkspace(),
        }
        await interactions.aside(interaction, whose.get(what, commands.ForgetPerson()))


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
        if found and found.wrong:
            return wrong_with(found.wrong)
        return commands.Unclear("error.invalid_link.elsewhere" if link else "unclear.no_source")
    else:
        beside = understand(link) if found.rest else None
        asked = beside if isinstance(beside, commands.Analyze) else commands.Analyze(found.link)
    chosen, code = named_types(types), named_language(language)
    if types and not chosen:
        return no_types(types)
    if language and not code:
        return unknown_language(language)
    return replace(asked, types=chosen or asked.types, language=code or asked.language)


def _styled(asked: commands.Analyze, length: str, instruction: str) -> commands.Analyze:
    """What an option says wins over what stands beside the link."""
    wanted = Length(length) if length else asked.length
    return replace(asked, length=wanted, instruction=instruction or asked.instruction)
