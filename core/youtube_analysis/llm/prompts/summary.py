"""A summary as a JSON object that is read and shown while it is being written."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, TypeVar

import jiter

from youtube_analysis.checking.literal import mended
from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag

from .messages import STRING, JsonSchema, list_of, object_of, schema_of

_CATEGORIES = [c.value for c in ContentCategory if c is not ContentCategory.UNCATEGORIZED]
# Fields come in the order in which they are shown.
_SUMMARY = schema_of(
    "summary",
    category=STRING | {"enum": _CATEGORIES},
    context_tag=STRING | {"enum": [tag.value for tag in ContextTag]},
    tldr=STRING,
    details=list_of(object_of(heading=STRING, text=STRING)),
    key_points=list_of(STRING),
)
# An object begins at once, or after a fence or a word or two.
_LONGEST_PREFACE = 400
_BEGIN = re.compile(r'\{\s*"')
# Some models break lines within strings.
_DECODER = json.JSONDecoder(strict=False)
Name = TypeVar("Name", bound=StrEnum)


class SummaryText:
    """Takes JSON in pieces, gives markdown that only grows."""

    def __init__(self) -> None:
        self.schema: JsonSchema | None = _SUMMARY
        self._json = ""
        self._shown = ""

    def feed(self, piece: str) -> str:
        self._json += piece
        fields = _summary(self._json, partial=True)
        if fields is None:
            return ""
        text = _markdown(fields, whole=False)
        if not text.startswith(self._shown):
            return ""  # fields out of order: all is shown at the end
        fresh, self._shown = text[len(self._shown) :], text
        return fresh

    def finish(self, *, cut: bool) -> tuple[str, Classification]:
        fields = _summary(self._json, partial=cut)
        if fields is None:
            begun = _BEGIN.search(self._json, 0, _LONGEST_PREFACE)
            raise ModelBroke(what="half a JSON object" if begun else "no JSON")
        if not _text(fields.get("tldr")):
            raise ModelBroke(what="JSON without a summary")
        return _markdown(fields, whole=True), _classification(fields)


def _summary(text: str, *, partial: bool) -> dict[str, Any] | None:
    """The object that is the summary, whatever stands around it: else the last that might be."""
    found, known = None, 0
    for begin in _BEGIN.finditer(text, 0, _LONGEST_PREFACE):
        if begin.start() < known:
            continue  # within the one before
        if whole := _whole(text, begin.start()):
            found, known = whole
        elif (growing := _growing(text[begin.start() :])) is not None:
            return growing if partial else found
        if found and "tldr" in found:
            break
    return found


def _whole(text: str, start: int) -> tuple[dict[str, Any], int] | None:
    """The object that begins there, and where it ends; None while it has no end."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def _growing(text: str) -> dict[str, Any] | None:
    """Reads as much of an object as is there; None where it will never be one."""
    try:
        found: dict[str, Any] = jiter.from_json(text.encode(), partial_mode="trailing-strings")
    except ValueError:
        return None
    return found


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
    return mended(value).replace("\n", " ").lstrip() if isinstance(value, str) else ""


def _classification(fields: dict[str, Any]) -> Classification:
    return Classification(
        _named(fields.get("category"), ContentCategory, ContentCategory.UNCATEGORIZED),
        _named(fields.get("context_tag"), ContextTag, ContextTag.GENERAL),
    )


def _named(value: Any, names: type[Name], otherwise: Name) -> Name:
    """The member that a model named, whatever the case; nothing that it made up."""
    wanted = value.strip().casefold() if isinstance(value, str) else ""
    return next((name for name in names if name.value.casefold() == wanted), otherwise)
