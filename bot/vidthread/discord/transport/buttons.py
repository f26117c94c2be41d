"""Buttons that work after a restart: what they do stands in their custom id."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from vidthread.commands import Analyze, action, pressed

from .interactions import Interactions


class ActionButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.LayoutView]],
    template=r"v1:(?P<name>[a-z]{1,20}):(?P<what>.{0,70})",
):
    """Any button of ours."""

    def __init__(self, name: str, what: str) -> None:
        self._name, self._what = name, what
        super().__init__(discord.ui.Button(custom_id=action(name, what)))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library passes them
        item: discord.ui.Item[Any],  # noqa: ARG003 - as above
        match: re.Match[str],
    ) -> Self:
        return cls(match["name"], match["what"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        interactions: Interactions = interaction.client.interactions
        button = action(self._name, self._what)
        match pressed(button):
            case _ if self._name == "ask":
                await interactions.show_form(interaction)
            case Analyze(link) as command if link:
                await interactions.analyze(interaction, command)
            case _:
                await interactions.press(interaction, button)
