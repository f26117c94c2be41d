"""Discord's markdown as HTML, as far as bots use it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_UNKNOWN = ["image", "html_inline", "html_block", "lheading", "hr", "reference", "entity", "code"]
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,:;!?)\]]")
_MENTION = re.compile(r"&lt;@!?(\d+)&gt;")
_SMALL = re.compile(r"(<p>|<br>\n|<br />\n)-# (.*?)(?=<br|</p>)", re.DOTALL)
_LAST_OF_QUOTE = re.compile(r"^(>.*\n)(?!>)", re.MULTILINE)
_SPOILER = re.compile(r"\|\|(.+?)\|\|")


class _Renderer(RendererHTML):
    """Two underscores underline; addresses are links without being marked as such."""

    def strong_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return "<u>" if tokens[idx].markup == "__" else "<strong>"

    def strong_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any
    ) -> str:
        return "</u>" if tokens[idx].markup == "__" else "</strong>"

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        content = tokens[idx].content
        linked = any(token.type == "link_open" for token in tokens[:idx]) and not any(
            token.type == "link_close" for token in tokens[:idx]
        )
        return escape(content) if linked else _with_links(content)


def _with_links(content: str) -> str:
    told, end = [], 0
    for found in _LINK.finditer(content):
        told.append(escape(content[end : found.start()]))
        address = escape(found[0])
        told.append(f'<a href="{address}">{address}</a>')
        end = found.end()
    return "".join([*told, escape(content[end:])])


_MARKDOWN = (
    MarkdownIt("commonmark", {"breaks": True, "html": False}, renderer_cls=_Renderer)
    .enable("strikethrough")
    .disable(_UNKNOWN)
)


def as_html(text: str, names: Mapping[str, str]) -> str:
    """`names` are those of people by their ids."""
    # A line without its mark is no part of a quote.
    told = str(_MARKDOWN.render(_LAST_OF_QUOTE.sub(r"\1\n", text)))
    told = _SMALL.sub(r'\1<span class="small">\2</span>', told)
    told = _SPOILER.sub(r'<span class="spoiler">\1</span>', told)
    return _MENTION.sub(lambda m: _mention(names.get(m[1], m[1])), told)


def _mention(name: str) -> str:
    return f'<span class="mention">@{escape(name)}</span>'
