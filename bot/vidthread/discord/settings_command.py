"""/settings: what admins choose for a server and its channels."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from vidthread import commands
from vidthread.words import named_language, named_types, unknown_language
from youtube_analysis.models.style import LONGEST_INSTRUCTION, Length

from .acknowledging import Interaction
from .command_tree import LENGTHS, described, told
from .interactions import Interactions

_MOST_CHOICES, _LONGEST_CHOICE = 25, 100
_DEFAULT, _NONE = "default", "none"


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


class Settings(app_commands.Group):
    """`models` are those that the host lists, the default first; with only one there is nothing to
    choose."""

    def __init__(self, interactions: Interactions, models: tuple[str, ...]) -> None:
        super().__init__(
            name=told("slash.settings"),
            description=told("slash.settings.about"),
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._interactions = interactions
        if others := models[1:]:
            self.add_command(_model_command(interactions, others))

    @app_commands.command(name=told("slash.show"), description=told("slash.show.about"))
    async def show(self, interaction: Interaction) -> None:
        await self._interactions.aside(interaction, commands.ShowSettings())

    @app_commands.command(name=told("slash.channels"), description=told("slash.channels.about"))
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

    @app_commands.command(name=told("slash.language"), description=told("slash.language.default"))
    @described("language")
    async def language(
        self, interaction: Interaction, language: app_commands.Range[str, 1, 50] = "auto"
    ) -> None:
        code = named_language(language)
        known = code or language == "auto"
        command = commands.SetDefaultLanguage(code) if known else unknown_language(language)
        await self._interactions.aside(interaction, command)

    @app_commands.command(name=told("slash.types"), description=told("slash.types.default"))
    @described("types")
    async def types(
        self, interaction: Interaction, types: app_commands.Range[str, 1, 200] = _DEFAULT
    ) -> None:
        chosen = named_types(types)
        known = chosen or types == _DEFAULT
        command = commands.SetDefaultTypes(chosen) if known else no_types(types)
        await self._interactions.aside(interaction, command)

    @app_commands.command(name=told("slash.style"), description=told("slash.style.about"))
    @app_commands.describe(instruction=told("slash.instruction.default"))
    @described("length", "instruction", "channel")
    @app_commands.choices(length=LENGTHS)
    async def style(
        self,
        interaction: Interaction,
        length: str = "",
        instruction: app_commands.Range[str, 1, LONGEST_INSTRUCTION] | None = None,
        channel: WorkingPlace | None = None,
    ) -> None:
        command: commands.Command = commands.ShowSettings()
        if length or instruction:
            command = commands.SetDefaultStyle(
                str(channel.id) if channel else "",
                Length(length) if length else None,
                "" if instruction and instruction.casefold() == _NONE else instruction,
            )
        await self._interactions.aside(interaction, command)


def no_types(types: str) -> commands.Unclear:
    return commands.Unclear("unclear.types", types[:50])


def _model_command(
    interactions: Interactions, models: tuple[str, ...]
) -> app_commands.Command[Any, Any, Any]:
    names = [name for name in models if len(name) <= _LONGEST_CHOICE and name != _DEFAULT]
    default = app_commands.Choice(name=told("slash.name.default"), value=_DEFAULT)
    choices = [default, *(app_commands.Choice(name=name, value=name) for name in names)]

    @app_commands.command(name=told("slash.model"), description=told("slash.model.about"))
    @described("name")
    async def model(
        interaction: Interaction, name: app_commands.Range[str, 1, _LONGEST_CHOICE]
    ) -> None:
        chosen = None if name == _DEFAULT else name
        await interactions.aside(interaction, commands.SetDefaultModel(chosen))

    if len(choices) <= _MOST_CHOICES:
        return app_commands.choices(name=choices)(model)

    @model.autocomplete("name")
    async def listed(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        fitting = [choice for choice in choices if typed.casefold() in choice.value.casefold()]
        return fitting[:_MOST_CHOICES]

    return model
