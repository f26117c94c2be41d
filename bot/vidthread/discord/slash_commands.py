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
from vidthread.sentences import language_name, say_in, speak
from vidthread.store import Marks, Threads
from vidthread.thread_key import ThreadKey
from vidthread.words import (
    find_link,
    named_language,
    named_types,
    understand,
    unknown_language,
    wrong_with,
)
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
_LANGUAGES = "en de es fr pt it nl pl tr ru uk ar hi ja ko zh".split()


class CommandTree(app_commands.CommandTree[Any]):
    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Before each command, in a task of its own, which speaks as whoever gave it."""
        speak(str(interaction.locale))
        return True


def _told(identity: str) -> app_commands.locale_str:
    """In English, with what its translations are known by."""
    return app_commands.locale_str(say_in("en", identity), identity=identity)


class CatalogTranslator(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        identity = string.extras.get("identity", "")
        told = say_in(str(locale), identity) if identity else string.message
        return None if told == string.message else told


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


def add_commands(tree: CommandTree, interactions: Interactions, threads: Threads) -> None:
    _add_analyze(tree, interactions, threads)
    _add_thread_commands(tree, interactions)
    _add_asides(tree, interactions)
    tree.add_command(_Settings(interactions))


async def sync_if_changed(tree: CommandTree, marks: Marks, application: int) -> None:
    """Discord allows few changes a day, so commands are sent only when they are others."""
    told = await _payloads(tree)
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


async def _payloads(tree: CommandTree) -> list[dict[str, Any]]:
    """As they are sent, translations included."""
    translator = tree.translator or CatalogTranslator()
    return [
        await command.get_translated_payload(tree, translator) for command in tree.get_commands()
    ]


def _add_analyze(tree: CommandTree, interactions: Interactions, threads: Threads) -> None:
    @tree.command(name=_told("slash.analyze"), description=_told("slash.analyze.about"))
    @app_commands.rename(
        link=_told("slash.link"),
        file=_told("slash.file"),
        types=_told("slash.types"),
        language=_told("slash.language"),
        private=_told("slash.private"),
    )
    @app_commands.describe(
        link=_told("slash.link.about"),
        file=_told("slash.file.about"),
        types=_told("slash.types.about"),
        language=_told("slash.language.about"),
        private=_told("slash.private.about"),
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
            await tell(interaction, command.sentence)
        else:
            files = [file] if file else []
            await interactions.analyze(interaction, command, private=private, files=files)

    @tree.context_menu(name=_told("slash.menu"))
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
    @tree.command(name=_told("slash.ask"), description=_told("slash.ask.about"))
    @app_commands.rename(question=_told("slash.question"))
    @app_commands.describe(question=_told("slash.question.about"))
    async def ask(
        interaction: Interaction, question: app_commands.Range[str, 1, LONGEST_QUESTION]
    ) -> None:
        await interactions.ask(interaction, question)

    @tree.command(name=_told("slash.export"), description=_told("slash.export.about"))
    @app_commands.rename(form=_told("slash.format"))
    @app_commands.describe(form=_told("slash.format.about"))
    async def export(interaction: Interaction, form: Literal["md", "json", "html"] = "md") -> None:
        await interactions.say(interaction, commands.Export(ContentFormat(form)))


def _add_asides(tree: CommandTree, interactions: Interactions) -> None:
    def add(name: str, command: commands.Command) -> None:
        @tree.command(name=_told(f"slash.{name}"), description=_told(f"slash.{name}.about"))
        async def aside(interaction: Interaction) -> None:
            await interactions.aside(interaction, command)

    add("help", commands.Help())
    add("stats", commands.Statistics())
    add("privacy", commands.Privacy())

    @tree.command(name=_told("slash.forget"), description=_told("slash.forget.about"))
    @app_commands.rename(what=_told("slash.what"))
    @app_commands.describe(what=_told("slash.what.about"))
    @app_commands.choices(
        what=[
            app_commands.Choice(name=_told("slash.what.me"), value="forget me"),
            app_commands.Choice(name=_told("slash.what.thread"), value="forget"),
            app_commands.Choice(name=_told("slash.what.server"), value="forget server"),
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
            name=_told("slash.settings"),
            description=_told("slash.settings.about"),
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._interactions = interactions

    @app_commands.command(name=_told("slash.show"), description=_told("slash.show.about"))
    async def show(self, interaction: Interaction) -> None:
        await self._interactions.aside(interaction, commands.ShowSettings())

    @app_commands.command(name=_told("slash.channels"), description=_told("slash.channels.about"))
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

    @app_commands.command(name=_told("slash.language"), description=_told("slash.language.default"))
    @app_commands.rename(language=_told("slash.language"))
    @app_commands.describe(language=_told("slash.language.about"))
    async def language(
        self, interaction: Interaction, language: app_commands.Range[str, 1, 50] = "auto"
    ) -> None:
        code = named_language(language)
        known = code or language == "auto"
        command = commands.SetDefaultLanguage(code) if known else unknown_language(language)
        await self._interactions.aside(interaction, command)

    @app_commands.command(name=_told("slash.types"), description=_told("slash.types.default"))
    @app_commands.rename(types=_told("slash.types"))
    @app_commands.describe(types=_told("slash.types.about"))
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
        if found and found.wrong:
            return wrong_with(found.wrong)
        return commands.Unclear("error.invalid_link.elsewhere" if link else "unclear.no_source")
    else:
        beside = understand(link) if found.rest else None
        asked = beside if isinstance(beside, commands.Analyze) else commands.Analyze(found.link)
    chosen, code = named_types(types), named_language(language)
    if types and not chosen:
        return _no_types(types)
    if language and not code:
        return unknown_language(language)
    return replace(asked, types=chosen or asked.types, language=code or asked.language)


def _no_types(types: str) -> commands.Unclear:
    return commands.Unclear("unclear.types", types[:50])
