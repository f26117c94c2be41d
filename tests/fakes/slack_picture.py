"""A thread of the local Slack as a page that looks like Slack's, for pictures.

Nothing is loaded from anywhere: a plain surface stands for every picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from fakes.slack_shapes import BOT, Message

_LINK = re.compile(r"&lt;(https?://[^|&]*(?:&amp;[^|&]*)*)\|(.*?)&gt;")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?!\s)([^*\n]+?)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(?!\s)([^_\n]+?)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?m)^(?:&gt;|&amp;gt;) ?(.*)$"), r"<blockquote>\1</blockquote>"),
    (re.compile(r"\n"), "<br>"),
)


def page(name: str, messages: Iterable[Message]) -> str:
    """A thread, its root first."""
    root, *replies = messages
    told = "1 reply" if len(replies) == 1 else f"{len(replies)} replies"
    count = f'<div class="replies">{told}</div>' if replies else ""
    articles = [_article(root, count), *(_article(message) for message in replies)]
    style = (Path(__file__).parent / "slack_picture.css").read_text(encoding="utf-8")
    head = f"<header><b>Thread</b><span>#{escape(name)}</span></header>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Thread</title>'
        f"<style>{style}</style><body>{head}{''.join(articles)}</body></html>"
    )


def _article(message: Message, below: str = "") -> str:
    name = "Vidthread" if message.user == BOT else message.user[2:].capitalize()
    app = '<span class="app">APP</span>' if message.user == BOT else ""
    at = datetime.fromtimestamp(float(message.ts), UTC).strftime("%H:%M")
    kind = "avatar bot" if message.user == BOT else "avatar"
    parts = [_block(block) for block in message.blocks]
    body = "".join(parts) or f"<p>{mrkdwn(message.text)}</p>"
    files = "".join(_file(file) for file in message.files)
    return (
        f'<article><div class="{kind}">{name[0]}</div><div><div><span class="who">{name}</span>'
        f'{app} <span class="at">{at}</span></div>{body}{files}</div>{below}</article>'
    )


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "markdown":
            return str(_markdown().render(block["text"]))
        case "section":
            picture = '<div class="picture"></div>' if "accessory" in block else ""
            return f'<div class="section"><div>{mrkdwn(block["text"]["text"])}</div>{picture}</div>'
        case "context":
            told = " ".join(mrkdwn(element["text"]) for element in block["elements"])
            return f'<div class="context">{told}</div>'
        case "task_card":
            return f'<div class="task">{escape(block["title"])}</div>'
        case "actions":
            buttons = "".join(map(_button, block["elements"]))
            return f'<div class="buttons">{buttons}</div>'
    raise ValueError(f"no picture of {block['type']}")


def _button(element: dict[str, Any]) -> str:
    return f'<span class="{element.get("style", "")}">{escape(element["text"]["text"])}</span>'


def _file(file: dict[str, Any]) -> str:
    kind = str(file["name"]).rpartition(".")[2].upper()
    return f'<div class="file">📄<span>{escape(file["name"])}<small>{kind}</small></span></div>'


def mrkdwn(text: str) -> str:
    """Slack's own notation as HTML that holds nothing but text."""
    html = escape(text, quote=False).replace("&amp;lt;", "&lt;").replace("&amp;amp;", "&amp;")
    html = html.replace(f"&lt;@{BOT}&gt;", '<span class="call">@vidthread</span>')
    html = _LINK.sub(r'<a href="\1">\2</a>', html)
    for pattern, shown in _STYLES:
        html = pattern.sub(shown, html)
    return html


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table"])
