"""A page of a reply as a message of Discord: a view of its newer components. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import ui

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
    Reply,
    Section,
    VideoCard,
)
from youtube_analysis.checking.literal import literal as markdown_literal
from youtube_analysis.checking.literal import printable

Item = ui.Item[Any]
# Discord: 4000 in all texts of a message.
CHARACTERS = 3_900
_WORKING, _DONE, _FAILED = 0x5865F2, 0x3BA55D, 0xED4245
_PER_ROW, _LABEL, _CUSTOM_ID = 5, 80, 100
_MOST_OPTIONS, _LONGEST_OPTION = 25, 100
_PICTURES = "https://i.ytimg.com/"
MENU = "v1:more:"
# What Discord would turn into a name, a command, an emoji or a moment in time.
_MENTION = re.compile(r"<(?=[@/:]|a:|t:|id:)|@(?=everyone|here)")
_LIST_MARK = re.compile(r"^(?=[-+]\s|\d+\.\s)")
_APART = "\u200b"


class Layout(ui.LayoutView):
    """A message of ours, equal to another that looks the same. `files` are names and contents,
    `to` is the message that it answers; where it `grows`, another state of it will come.

    Its buttons are known by their custom ids, so discord.py need not remember it: it is stopped.
    """

    def __init__(
        self,
        items: Sequence[Item],
        files: Sequence[tuple[str, str]] = (),
        to: str = "",
        *,
        grows: bool = False,
    ) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.files = tuple(files)
        self.to = to
        self.grows = grows
        self._looks: list[dict[str, Any]] = self.to_components()  # type: ignore[no-untyped-call]
        self.stop()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layout):
            return NotImplemented
        mine, theirs = (self._looks, self.files, self.to), (other._looks, other.files, other.to)
        return mine == theirs

    __hash__ = ui.LayoutView.__hash__


def harmless(markdown: str) -> str:
    """Markdown in which nobody is mentioned."""
    return _MENTION.sub(lambda match: match[0] + _APART, printable(markdown))


def literal(text: str) -> str:
    """Text on one line that means nothing but itself, addresses included."""
    return _LIST_MARK.sub(r"\\", markdown_literal(text)).replace("@", "@" + _APART)


def length(text: str) -> int:
    """As Discord's limits may count at the most: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def measure(block: Block) -> int:
    return length(_text(block))


LIMITS = Limits(CHARACTERS, measure)


def render(page: Page, to: str = "") -> Layout:
    items = [item for block in page.blocks for item in _items(block)]
    files = [(_file_name(b), b.content) for b in page.blocks if isinstance(b, File)]
    return Layout(items or [ui.TextDisplay("…")], files, to, grows=page.live)


def render_opening(reply: Reply) -> Layout:
    """The message under which the thread of an analysis hangs: what it is about, how far it is."""
    card = next((block for block in reply.blocks if isinstance(block, VideoCard)), None)
    failure = next((b for b in reply.blocks if isinstance(b, Notice) and b.failure), None)
    shown: list[Item] = [_about(card)] if card else []
    shown.append(ui.TextDisplay(f"-# {_state(reply, failure)}"))
    buttons = [_link(say("button.watch"), card.url)] if card and card.url else []
    if reply.live:
        buttons.append(_button(STOP))
    return Layout([ui.Container(*shown, *_rows(buttons), accent_colour=_colour(reply, failure))])


def render_beginning(title: str) -> Layout:
    """The opening message, before its thread exists."""
    shown = ui.TextDisplay[Any](f"### {literal(title)}")
    return Layout([ui.Container(shown, *_rows([_button(STOP)]), accent_colour=_WORKING)])


def render_sentence(sentence: str, *buttons: Button, thread: str = "", to: str = "") -> Layout:
    """`thread` is one that the sentence leads to."""
    told = f"{harmless(sentence)} <#{thread}>" if thread else harmless(sentence)
    items: list[Item] = [ui.TextDisplay(told), *_rows([_button(button) for button in buttons])]
    return Layout(items, to=to)


def texts(view: ui.LayoutView) -> list[str]:
    """All texts of a message, in order."""
    return [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]


def _items(block: Block) -> Iterator[Item]:
    match block:
        case VideoCard():
            row = _rows([_link(say("button.watch"), block.url)] if block.url else [])
            yield ui.Container(_about(block), *row, accent_colour=_DONE)
        case Notice(failure=True):
            yield ui.Container(ui.TextDisplay(_text(block)), accent_colour=_FAILED)
        case Actions(buttons, choices):
            yield from _rows([_button(button) for button in buttons])
            if choices:
                yield ui.ActionRow(_menu(choices))
        case File():
            yield ui.File(f"attachment://{_file_name(block)}")
        case _:
            if (content := _text(block)).strip():
                yield ui.TextDisplay(content)


def _file_name(file: File) -> str:
    """Discord allows no spaces in the name of an attachment."""
    return "_".join(file.name.split())


def _text(block: Block) -> str:
    """What a block shows as text."""
    match block:
        case VideoCard():
            lines = [f"### {literal(block.title) or say('card.untitled')}"]
            lines += [f"-# {literal(fact)}" for fact in (block.about, block.coverage) if fact]
            lines += [f"-# {literal(what)}" for what in block.missing]
            lines += [harmless(block.tldr)] if block.tldr else []
            lines += [f"-# {literal(block.note)}"] if block.note else []
            return "\n".join(lines)
        case Progress(told, done, total):
            counted = f" · {say('progress.of', done=done, total=total)}" if total else " …"
            return f"-# ⏳ {told}{counted}"
        case Section():
            heading = "" if block.continued else f"## {say_type(block.type)}\n"
            return heading + harmless(block.text)
        case Answer():
            return harmless(block.text)
        case Notice(told, _, reference):
            return harmless(told) + (
                f"\n-# {say('failure.reference', reference=reference)}" if reference else ""
            )
        case File() | Actions():
            return ""


def _about(card: VideoCard) -> Item:
    told = ui.TextDisplay[Any](_text(card))
    if card.thumbnail is None or not card.thumbnail.startswith(_PICTURES):
        return told
    return ui.Section(told, accessory=ui.Thumbnail(card.thumbnail))


def _state(reply: Reply, failure: Notice | None) -> str:
    """Of few words that change seldom: all openings of a channel share its limit of edits."""
    if reply.live:
        return f"⏳ {say('progress.writing')} …"
    if failure:
        return f"⚠️ {harmless(failure.text)}"
    return say("thread.ask")


def _colour(reply: Reply, failure: Notice | None) -> int:
    if reply.live:
        return _WORKING
    return _FAILED if failure else _DONE


def _rows(buttons: Sequence[ui.Button[Any]]) -> list[Item]:
    rows = (buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW))
    return [ui.ActionRow(*row) for row in rows]


def _button(button: Button) -> ui.Button[Any]:
    styles = {STOP.action: discord.ButtonStyle.danger, ASK.action: discord.ButtonStyle.primary}
    return ui.Button(
        style=styles.get(button.action, discord.ButtonStyle.secondary),
        label=say(button.label)[:_LABEL],
        custom_id=button.action[:_CUSTOM_ID],
    )


def _menu(choices: Sequence[Button]) -> ui.Select[Any]:
    options = [
        discord.SelectOption(label=say(choice.label)[:_LONGEST_OPTION], value=choice.action)
        for choice in choices[:_MOST_OPTIONS]
    ]
    return ui.Select(custom_id=MENU, placeholder=say("button.more"), options=options)


def _link(label: str, url: str) -> ui.Button[Any]:
    return ui.Button(style=discord.ButtonStyle.link, label=label, url=url)
