"""What people wrote in Slack's markup, as plain text. Pure."""

from __future__ import annotations

import re
from html import unescape

_LINK = re.compile(r"<(?P<target>[^<>|\s][^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_MAILTO = ("mailto:", "tel:")


def plain(text: str, bot: str) -> str:
    """What a person wrote, without the name of the bot."""
    return unescape(_LINK.sub(lambda match: _written(match, bot), text)).strip()


def _written(match: re.Match[str], bot: str) -> str:
    target, label = match["target"], match["label"] or ""
    if target.startswith("@"):
        return "" if target == f"@{bot}" else f"@{label.lstrip('@') or target[1:]}"
    if target.startswith("#"):
        return match[0]  # an admin may choose it
    if target.startswith("!"):
        return f"@{label.lstrip('@') or target[1:]}"
    return label if target.startswith(_MAILTO) else target


def calls(text: str) -> list[str]:
    """The people whom a message calls, by their ids."""
    return [
        match["target"][1:] for match in _LINK.finditer(text) if match["target"].startswith("@")
    ]
