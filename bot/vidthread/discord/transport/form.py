"""The form behind the button “Ask”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import discord

_FORM, _QUESTION = "v1:question:", "question"
LONGEST_QUESTION = 1_000


class QuestionForm(discord.ui.Modal, title="Ask about the video"):
    question: discord.ui.TextInput[Self] = discord.ui.TextInput(
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
