"""What can be pressed, chosen and filled in: all is in the ids, which work after a restart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Self

import discord
from discord import ui

from vidthread.commands import LONGEST_REASON, Analyze, Ask, Rate, action, pressed
from vidthread.sentences import say, speak

from .acknowledging import Interaction, acknowledged
from .layout import MENU

_SUFFIXES = ".srt, .vtt, .txt …"
_FORM, _QUESTION = "v1:question:", "question"
LONGEST_QUESTION = 1_000


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
        interactions = interaction.client.interactions
        speak(str(interaction.locale))
        match pressed(self._button):
            case Ask(question):
                await interactions.ask(interaction, question)
            case _ if form := _FORMS.get(self._button.removesuffix(self._what)):
                await acknowledged(lambda: interaction.response.send_modal(form(self._what)))
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
        interactions = interaction.client.interactions
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


def question_in(told: Any) -> str:
    """What was written into our form; empty for another one."""
    return _value(told) if (told or {}).get("custom_id") == _FORM else ""


def _value(told: Mapping[str, Any]) -> str:
    if told.get("custom_id") == _QUESTION:
        return str(told.get("value") or "").strip()
    inner = [*(told.get("components") or ()), *filter(None, [told.get("component")])]
    return next(filter(None, map(_value, inner)), "")
