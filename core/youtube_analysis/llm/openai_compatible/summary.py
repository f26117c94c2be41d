"""Summary & Classification: a JSON object, read and shown while it is being written."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

import jiter

from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag

_CATEGORIES = [c.value for c in ContentCategory if c is not ContentCategory.UNCATEGORIZED]
_STRING = {"type": "string"}
# Fields come in the order in which they are shown.
SCHEMA: dict[str, Any] = {
    "name": "summary",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {
            "category": {"type": "string", "enum": _CATEGORIES},
            "context_tag": {"type": "string", "enum": [tag.value for tag in ContextTag]},
            "tldr": _STRING,
            "details": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"heading": _STRING, "text": _STRING},
                    "required": ["heading", "text"],
                    "additionalProperties": False,
                },
            },
            "key_points": {"type": "array", "items": _STRING},
        },
        "required": ["category", "context_tag", "tldr", "details", "key_points"],
        "additionalProperties": False,
    },
}
# An object begins at once, or after a fence or a word or two.
_LONGEST_PREFACE = 400
Name = TypeVar("Name", bound=StrEnum)


class SummaryText:
    """Takes JSON in pieces, gives markdown that only grows."""

    def __init__(self) -> None:
        self._json = ""
        self._shown = ""

    def feed(self, piece: str) -> str:
        """What can be shown now. Raises ModelBroke where this is no JSON object."""
        self._json += piece
        start = self._json.find("{")
        if start < 0:
            if len(self._json) > _LONGEST_PREFACE:
                raise ModelBroke("no JSON")
            return ""
        text = _markdown(self._parsed(start, partial=True), whole=False)
        if not text.startswith(self._shown):
            return ""  # fields out of order: all is shown at the end
        fresh, self._shown = text[len(self._shown) :], text
        return fresh

    def finish(self, *, cut: bool) -> tuple[str, Classification]:
        """The whole markdown, and what was classified.

        With `cut` the object may be incomplete. Raises ModelBroke for half an object, or for one
        without what it must have.
        """
        start = self._json.find("{")
        if start < 0:
            raise ModelBroke("no JSON")
        fields = self._parsed(start, partial=cut)
        if not _text(fields.get("tldr")):
            raise ModelBroke("JSON without a summary")
        return _markdown(fields, whole=True), _classification(fields)

    def _parsed(self, start: int, *, partial: bool) -> dict[str, Any]:
        """The object so far, or the whole one without what a model writes behind it."""
        end = self._json.rfind("}") + 1
        try:
            if partial:
                found = _growing(self._json[start:]) or _growing(self._json[start:end])
            else:
                found = jiter.from_json(self._json[start:end].encode())
        except ValueError:
            raise ModelBroke("half a JSON object") from None
        return found if isinstance(found, dict) else {}


def _growing(text: str) -> Any:
    """None where something stands behind the object, such as the end of a fence."""
    try:
        return jiter.from_json(text.encode(), partial_mode="trailing-strings")
    except ValueError:
        return None


def _markdown(fields: dict[str, Any], *, whole: bool) -> str:
    """Of a growing object a growing text: a name is shown when the field after it has begun."""
    if not whole and "tldr" not in fields:
        return ""
    kind = _classification(fields)
    text = f"**Category:** {kind.category} · **Type:** {kind.tag}\n\n### TL;DR\n\n"
    text += _text(fields.get("tldr"))
    if "details" in fields:
        text += "\n\n### Details" + "".join(map(_detail, _items(fields["details"])))
    if "key_points" in fields:
        text += "\n\n### Key points\n"
        text += "".join(f"\n- {_text(point)}" for point in _items(fields["key_points"]))
    return text


def _detail(item: Any) -> str:
    if not isinstance(item, dict):
        return f"\n\n{_text(item)}"
    if "text" not in item:
        return ""
    heading = _text(item.get("heading")).strip(" *.:")
    return f"\n\n**{heading}.** {_text(item['text'])}" if heading else f"\n\n{_text(item['text'])}"


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """One line; empty for what is no text."""
    return value.replace("\n", " ").lstrip() if isinstance(value, str) else ""


def _classification(fields: dict[str, Any]) -> Classification:
    return Classification(
        _named(fields.get("category"), ContentCategory, ContentCategory.UNCATEGORIZED),
        _named(fields.get("context_tag"), ContextTag, ContextTag.GENERAL),
    )


def _named(value: Any, names: type[Name], otherwise: Name) -> Name:
    """The member that a model named, whatever the case; nothing that it made up."""
    told = value.strip().casefold() if isinstance(value, str) else ""
    return next((name for name in names if name.value.casefold() == told), otherwise)
