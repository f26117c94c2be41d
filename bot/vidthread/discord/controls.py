"""Buttons and the form behind “Ask”, which work after a restart: all is in their custom ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from vidthread.commands import Analyze, action, pressed

if TYPE_CHECKING:
    from .interactions import Interactions

_FORM, _QUESTION = "v1:question:", "question"
LONGEST_QUESTION = 1_000


class ActionButton(
    ui.DynamicItem[ui.Button[ui.LayoutView]],
    template=r"v1:(?P<name>[a-z]{1,20}):(?P<what>.{0,70})",
):
    """Any button of ours."""

    def __init__(self, name: str, what: str) -> None:
        self._name, self._what = name, what
        super().__init__(ui.Button(custom_id=action(name, what)))

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library passes them
        item: ui.Item[Any],  # noqa: ARG003 - as above
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


class QuestionForm(ui.Modal, title="Ask about the video"):
    question: ui.TextInput[Self] = ui.TextInput(
        label="Question",
        custom_id=_QUESTION,
        style=discord.TextStyle.paragraph,
        max_length=LONGEST_QUESTION,
    )

    def __init__(self) -> None:
        super().__init__(custom_id=_FORM)


def question_in(told: Any) -> str:
    """What was written into our form; empty for another one."""
    return _value(told) if (told or {}).get("custom_id") == _FORM else ""


def _value(told: Mapping[str, Any]) -> str:
    if told.get("custom_id") == _QUESTION:
        return str(told.get("value") or "").strip()
    inner = [*(told.get("components") or ()), *filter(None, [told.get("component")])]
    return next(filter(None, map(_value, inner)), "")
