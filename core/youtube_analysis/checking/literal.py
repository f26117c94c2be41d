"""Strangers' words inside our markdown: they stay words."""

from __future__ import annotations

import re
from typing import Any

import regex

from youtube_analysis.patterns import Pattern

# Scripts and emoji need the two joiners U+200C and U+200D.
_ORDERS = (
    r"[\p{Cc}--[\n\t]]\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
    r"\ufff9-\ufffb"
)
_ORDER = Pattern(f"[{_ORDERS}]+", regex.VERSION1)
_UNSEEN = Pattern(
    rf"[{_ORDERS}\p{{Co}}\u00ad\u034f\u115f\u1160\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0"
    r"\U000e0000-\U000e007f]+",
    regex.VERSION1,
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~#])")


def mended(value: Any) -> Any:
    """Text, or what JSON can tell, as every database and platform takes it: halves of a character
    become whole ones where they meet, and U+FFFD where they do not, as does NUL."""
    match value:
        case str():
            if not value.isascii():
                value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return value.replace("\0", "\ufffd")
        case list() | tuple():
            return [mended(item) for item in value]
        case dict():
            return {mended(key): mended(item) for key, item in value.items()}
    return value


def printable(text: str) -> str:
    """Without what moves a terminal's cursor or turns the direction of a line. What takes the
    effect off a name, such as U+200B, stays."""
    return _ORDER.sub("", text)


def visible(text: str) -> str:
    """Without whatever nobody sees."""
    return _UNSEEN.sub("", text)


def literal(text: str) -> str:
    """The text as one printable line that no markdown reader takes for markup or a citation, and
    no platform for an address."""
    line = visible(" ".join(text.split()))
    return _SPECIAL.sub(r"\\\1", line.replace("://", ":\u200b//"))


def unescaped(markdown: str) -> str:
    """What `literal` wrote, as it was."""
    return _ESCAPED.sub(r"\1", markdown).replace(":\u200b//", "://")
