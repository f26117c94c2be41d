"""Texts on their way to Slack, where they call nobody, and from it, where they are plain."""

from __future__ import annotations

import re
from html import unescape

_JOINER = "\u2060"  # seen by nobody, and no name or channel has it
# Decided by the neighbours alone, so that a text that grows stays as it was.
_CALLS = re.compile(r"<|(?<![\w.+-])@(?=\w)")
_LINK = re.compile(r"<(?P<target>[^<>|\s][^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_CHANNEL = re.compile(rf"&lt;{_JOINER}?#([CGD]\w+)&gt;")
_MAILTO = ("mailto:", "tel:")


def neutral(markdown: str) -> str:
    """Without whatever Slack could read as a call: `<!channel>`, `<@U1>`, `@here`."""
    return _CALLS.sub(lambda match: match[0] + _JOINER, markdown)


def escaped(text: str) -> str:
    """For `mrkdwn` and fall-back texts: nothing in it is markup or a call."""
    text = _CALLS.sub(lambda match: match[0] + _JOINER, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(sentence: str) -> str:
    """An escaped sentence of ours, where `<#C1>` names a channel again."""
    return _CHANNEL.sub(r"<#\1>", sentence)


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
