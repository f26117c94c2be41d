"""Texts of strangers as Discord shows them: nothing in them pings or hides a link."""

from __future__ import annotations

import re

# What Discord would turn into a name, a command, an emoji or a moment in time.
_MENTION = re.compile(r"<(?=[@/:]|a:|t:|id:)|@(?=everyone|here)")
_MARK = re.compile(r"[\\*_~`|>#\[\]<]|^(?=[-+]\s|\d+\.\s)", re.MULTILINE)
_APART = "\u200b"


def harmless(markdown: str) -> str:
    """Markdown in which nobody is mentioned."""
    return _MENTION.sub(lambda match: match[0] + _APART, markdown)


def literal(text: str) -> str:
    """Text on one line that means nothing but itself, addresses included."""
    line = " ".join(text.split()).replace("@", "@" + _APART).replace("://", ":" + _APART + "//")
    return _MARK.sub(lambda match: "\\" + match[0], line)


def length(text: str) -> int:
    """As Discord's limits may count at the most: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
