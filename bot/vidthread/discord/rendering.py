"""A page of a reply as a message of Discord: components of the second version, as JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vidthread.replies import ASK, STOP
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    Button,
    File,
    Limits,
    Notice,
    Page,
    Payload,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from youtube_analysis.models.analysis import AnalysisType

from .text import harmless, length, literal

JSON = dict[str, Any]
# Discord: 4000 in all texts of a message.
CHARACTERS = 3_900
_V2, _SILENT = 1 << 15, 1 << 12
_ROW, _BUTTON, _SECTION, _TEXT, _THUMBNAIL, _FILE, _CONTAINER = 1, 2, 9, 10, 11, 13, 17
_PRIMARY, _SECONDARY, _DANGER, _LINK = 1, 2, 4, 5
_WORKING, _DONE, _FAILED = 0x5865F2, 0x3BA55D, 0xED4245
_PER_ROW = 5
_PICTURES = "https://i.ytimg.com/"
_TLDR = re.compile(r"^#{1,4} TL;DR\s+(?P<text>.+?)\s*(?:\n#|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_TLDR = 1_500
_OFFLINE = "-# In the speaker's own words, picked without a language model"


def measure(block: Block) -> int:
    return length(_text(block))


LIMITS = Limits(CHARACTERS, measure)


def render(page: Page) -> Payload:
    """`files` come beside what is sent as JSON."""
    components: list[JSON] = []
    for block in page.blocks:
        components += _components(block)
    return message(components or [text("…")], [b for b in page.blocks if isinstance(b, File)])


def message(components: Sequence[JSON], files: Sequence[File] = ()) -> JSON:
    """The body of a message that pings nobody and makes no sound."""
    return {
        "flags": _V2 | _SILENT,
        "components": list(components),
        "allowed_mentions": {"parse": [], "replied_user": False},
        "files": tuple((file.name, file.content) for file in files),
    }


def render_opening(reply: Reply) -> JSON:
    """The message under which the thread of an analysis hangs: what it is about, how far it is."""
    card = next((block for block in reply.blocks if isinstance(block, VideoCard)), None)
    failure = next((b for b in reply.blocks if isinstance(b, Notice) and b.failure), None)
    shown = [_about(card)] if card else []
    if summary := _tldr(reply.blocks):
        shown.append(text(harmless(summary)))
    shown.append(text(f"-# {_state(reply, failure)}"))
    buttons = [_link("Watch on YouTube", card.url)] if card and card.url else []
    if reply.live:
        buttons.append(_button(STOP))
    shown += _rows(buttons)
    return message([_container(shown, _colour(reply, failure))])


def render_beginning(link: str) -> JSON:
    """That message before anything is known of the video."""
    shown = [text(f"Reading a video\n-# {literal(link)}")]
    return message([_container([*shown, *_rows([_button(STOP)])], _WORKING)])


def render_sentence(sentence: str, *buttons: Button, thread: str = "") -> JSON:
    """`thread` is one that the sentence leads to."""
    told = f"{harmless(sentence)} <#{thread}>" if thread else harmless(sentence)
    return message([text(told), *_rows([_button(button) for button in buttons])])


def text(content: str) -> JSON:
    return {"type": _TEXT, "content": content}


def texts_of(components: Iterable[JSON]) -> list[str]:
    """All texts in components, in order."""
    found: list[str] = []
    for component in components:
        if component.get("type") == _TEXT:
            found.append(component["content"])
        found += texts_of(component.get("components") or ())
    return found


def _components(block: Block) -> Iterator[JSON]:
    match block:
        case VideoCard():
            row = _rows([_link("Watch on YouTube", block.url)] if block.url else [])
            yield _container([_about(block), *row], _DONE)
        case Notice(failure=True):
            yield _container([text(_text(block))], _FAILED)
        case Actions(buttons):
            yield from _rows([_button(button) for button in buttons])
        case File(name):
            yield {"type": _FILE, "file": {"url": f"attachment://{name}"}}
        case _:
            if (content := _text(block)).strip():
                yield text(content)


def _text(block: Block) -> str:
    """What a block shows as text."""
    match block:
        case VideoCard():
            lines = [f"### {literal(block.title) or 'A video'}"]
            lines += [f"-# {literal(fact)}" for fact in (block.about, block.coverage) if fact]
            lines += [f"-# Missing: {literal(what)}" for what in block.missing]
            return "\n".join(lines)
        case Progress(told, done, total):
            return f"-# ⏳ {told}" + (f" · {done} of {total}" if total else " …")
        case Section():
            heading = "" if block.continued else f"## {block.type.value}\n"
            return heading + harmless(block.text)
        case Answer():
            offline = not block.live and block.answered and block.engine == "offline"
            return harmless(block.text) + (f"\n{_OFFLINE}" if offline else "")
        case Notice(told, _, reference):
            return harmless(told) + (f"\n-# Reference: {reference}" if reference else "")
        case File() | Actions():
            return ""


def _about(card: VideoCard) -> JSON:
    told = text(_text(card))
    if not (card.thumbnail or "").startswith(_PICTURES):
        return told
    picture = {"type": _THUMBNAIL, "media": {"url": card.thumbnail}}
    return {"type": _SECTION, "components": [told], "accessory": picture}


def _tldr(blocks: Sequence[Block]) -> str:
    """As soon as all of it is there."""
    for block in blocks:
        if not isinstance(block, Section) or block.type is not AnalysisType.SUMMARY:
            continue
        found = _TLDR.search(block.text)
        whole = found and (found.end("text") < len(block.text.rstrip()) or not block.live)
        if found and whole and length(found["text"]) <= _LONGEST_TLDR:
            return found["text"]
    return ""


def _state(reply: Reply, failure: Notice | None) -> str:
    """Of few words that change seldom: all openings of a channel share its limit of edits."""
    if reply.live:
        return "⏳ Writing the analysis …"
    if failure:
        return f"⚠️ {harmless(failure.text)}"
    return "Ask in the thread; every answer points at its second of the video."


def _colour(reply: Reply, failure: Notice | None) -> int:
    if reply.live:
        return _WORKING
    return _FAILED if failure else _DONE


def _container(components: list[JSON], colour: int) -> JSON:
    return {"type": _CONTAINER, "accent_color": colour, "components": components}


def _rows(buttons: Sequence[JSON]) -> list[JSON]:
    return [
        {"type": _ROW, "components": list(buttons[start : start + _PER_ROW])}
        for start in range(0, len(buttons), _PER_ROW)
    ]


def _button(button: Button) -> JSON:
    style = {STOP.action: _DANGER, ASK.action: _PRIMARY}.get(button.action, _SECONDARY)
    label = button.label[:80]
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": button.action[:100]}


def _link(label: str, url: str | None) -> JSON:
    return {"type": _BUTTON, "style": _LINK, "label": label, "url": url}
