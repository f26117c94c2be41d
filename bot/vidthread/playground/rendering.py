"""A reply as the page in the browser gets it: JSON, texts as HTML that holds nothing but text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from vidthread.menus import ASK, STOP
from vidthread.sentences import say, say_type
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    Button,
    File,
    Limits,
    Notice,
    Page,
    Progress,
    Section,
    VideoCard,
)
from youtube_analysis.checking.literal import printable
from youtube_analysis.services.content import citation_dict

# A page in the browser has room for everything: one reply is one message.
LIMITS = Limits(characters=10**9, measure=lambda _: 0)
_WATCH = re.compile(r"https://youtu\.be/[\w-]{1,40}\?t=(?P<seconds>\d{1,6})")
_BARE_TIME = re.compile(r"\[(?P<clock>\d{1,3}(?::\d\d){1,2})\]")


class _Renderer(RendererHTML):
    """Links lead to a second of a video on YouTube, or nowhere."""

    # The arguments are those of the library, which calls these by the names of its tokens.
    def link_open(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        address = str(tokens[idx].attrGet("href") or "")
        match = _WATCH.fullmatch(address)
        env["links"] = [*env.get("links", []), bool(match)]
        if not match:
            return ""
        return f'<a class="time" href="{escape(address)}" data-seconds="{match["seconds"]}">'

    def link_close(self, *given: Any) -> str:
        _, _, _, env = given
        return "</a>" if env["links"].pop() else ""

    def image(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return escape(tokens[idx].content)

    def text(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return _BARE_TIME.sub(_chip, escape(tokens[idx].content))


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)


def html_of(markdown: str) -> str:
    """HTML of paragraphs, headings, lists and times; what looks like a tag stays text."""
    return str(_MARKDOWN.render(printable(markdown), {}))


class PageRenderer:
    """Makes the JSON of the replies of one thread. It remembers the blocks of those that are live:
    one that did not change since is not rendered again."""

    def __init__(self, html: Callable[[str], str] = html_of) -> None:
        self._html = html
        self._live: dict[str, dict[Block, dict[str, Any]]] = {}

    def render(self, page: Page) -> dict[str, Any]:
        before = self._live.pop(page.reply, {})
        blocks = [before.get(block) or self._block(block) for block in page.blocks]
        if page.live:
            self._live[page.reply] = dict(zip(page.blocks, blocks, strict=True))
        return {
            "kind": "reply",
            "key": page.reply,
            "to": page.to,
            "live": page.live,
            "blocks": blocks,
        }

    def _block(self, block: Block) -> dict[str, Any]:
        match block:
            case VideoCard():
                return {"kind": "card", **asdict(block), "tldr": self._html(block.tldr)}
            case Progress():
                return {"kind": "progress", **asdict(block)}
            case Section():
                return {
                    "kind": "section",
                    "task": block.type.task,
                    "type": say_type(block.type),
                    **self._text(block),
                }
            case Answer():
                made = {"answered": block.answered, "engine": block.engine}
                return {"kind": "answer", **self._text(block), **made}
            case Notice(text, failure, reference):
                shown = self._html(text)
                return {"kind": "notice", "html": shown, "failure": failure, "reference": reference}
            case File():
                return {"kind": "file", **asdict(block), "size": len(block.content.encode())}
            case Actions(buttons, choices):
                # The field to write in is there always, and has the one button that stops.
                left = [button for button in buttons if button not in {ASK, STOP}]
                drawn, chosen = _labelled(left), _labelled(choices)
                return {"kind": "actions", "buttons": drawn, "choices": chosen}

    def _text(self, block: Section | Answer) -> dict[str, Any]:
        return {
            "html": self._html(block.text),
            "live": block.live,
            "citations": list(map(citation_dict, block.citations)),
        }


def _labelled(buttons: Iterable[Button]) -> list[dict[str, str]]:
    return [{"action": button.action, "label": say(button.label)} for button in buttons]


def _chip(match: re.Match[str]) -> str:
    seconds = 0
    for part in match["clock"].split(":"):
        seconds = 60 * seconds + int(part)
    return f'<a class="time" data-seconds="{seconds}">{match["clock"]}</a>'
