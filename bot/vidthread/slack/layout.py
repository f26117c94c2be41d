"""A page as Slack's blocks and as the text of a stream: no text of others calls anybody. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
    Payload,
    Progress,
    Section,
    VideoCard,
)
from youtube_analysis.checking.literal import printable

Blocks = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Slack's limits, each with room to spare. A message holds 12,000 characters of markdown and
    about 13,200 of all blocks together."""

    page: int = 9_000
    fallback: int = 3_000
    title: int = 200
    facts: int = 120
    coverage: int = 240
    buttons: int = 25
    label: int = 75
    options: int = 100
    value: int = 150
    block_id: int = 255


BOUNDS = Bounds()
MENU = "v1:more:"
_JOINT = "\n\n"
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\([^()\s]{1,2000}\)")
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_THUMBNAILS = "i.ytimg.com"
_JOINER = "\u2060"  # seen by nobody, and no name or channel has it
# Decided by the neighbours alone, so that a text that grows stays as it was.
_CALLS = re.compile(r"<|(?<![\w.+-])@(?=\w)")
_CHANNEL = re.compile(rf"&lt;{_JOINER}?#([CGD]\w+)&gt;")
_BRACKETS = str.maketrans("[]`", "()'")


def measure(block: Block) -> int:
    """As Slack counts: in units of UTF-16, neutralised."""
    text = _markdown(block)
    return len((text + _JOINT).encode("utf-16-le")) // 2 if text else 0


LIMITS = Limits(BOUNDS.page, measure)


def render(page: Page) -> dict[str, Any]:
    """`text` and `blocks` are the message; `stream` is what a stream shows of it, which grows as
    the page does, `status` what is done meanwhile."""
    return {
        "text": fallback(page.blocks),
        "blocks": blocks(page.blocks),
        "stream": _JOINT.join(_grown(page.blocks)),
        "status": next((_status(b) for b in page.blocks if isinstance(b, Progress)), ""),
        "buttons": _numbered([block for part in page.blocks for block in _buttons(part)]),
        "files": {b.name: b.content for b in page.blocks if isinstance(b, File)},
        "live": page.live,
    }


def fallback(parts: tuple[Block, ...]) -> str:
    """For notifications and screen readers."""
    whole = _simple(_JOINT.join(filter(None, map(_markdown, parts)))) or "…"
    while len(told := escaped(whole)) > BOUNDS.fallback:
        whole = whole[: len(whole) * BOUNDS.fallback // (len(told) + 50)].rstrip() + "…"
    return told


def _simple(markdown: str) -> str:
    """Notifications know neither links nor headings."""
    text = _MARKDOWN_LINK.sub(r"\1", markdown)
    return _HEADING.sub(r"*\1*", text.replace("**", "*"))


def blocks(parts: tuple[Block, ...]) -> Blocks:
    made = [block for part in parts for block in _shown(part)]
    made += [block for part in parts for block in _buttons(part)]
    return _numbered(made) or [_context("empty", "…")]


def _numbered(given: Blocks) -> Blocks:
    """Each with an id of its own, which Slack wants."""
    seen: Counter[str] = Counter()
    for block in given:
        name = str(block.get("block_id", ""))
        seen[name] += 1
        if seen[name] > 1 and name:
            block["block_id"] = f"{name}-{seen[name]}"
    return given


def _shown(part: Block) -> Iterator[dict[str, Any]]:
    match part:
        case VideoCard():
            yield from _card(part)
        case Progress():
            yield _context(part.key, f"_{escaped(_status(part))}_")
        case File(name):
            yield _section(part.key[: BOUNDS.block_id], f"📎 {escaped(name[: BOUNDS.title])}")
        case Section() | Answer() | Notice():
            if text := _markdown(part):
                yield {"type": "markdown", "block_id": part.key, "text": text}
        case Actions():
            return


def _card(card: VideoCard) -> Iterator[dict[str, Any]]:
    title = escaped(_line(card.title, BOUNDS.title)) or say("card.untitled")
    head = f"*<{card.url}|{title}>*" if card.url else f"*{title}*"
    lines = [head, escaped(_line(card.about, BOUNDS.facts)), f"_{escaped(_coverage(card))}_"]
    made = _section(card.key, "\n".join(filter(None, lines)))
    if card.thumbnail and urlsplit(card.thumbnail).hostname == _THUMBNAILS:
        picture = {"type": "image", "image_url": card.thumbnail, "alt_text": say("card.picture")}
        made["accessory"] = picture
    yield made
    if card.tldr:
        yield {"type": "markdown", "block_id": "tldr", "text": neutral(card.tldr)}
    if card.note:
        yield _context("note", escaped(card.note))


def without_pictures(given: Blocks) -> Blocks:
    """For the case that Slack cannot load one."""
    return [{k: v for k, v in block.items() if k != "accessory"} for block in given]


def _buttons(part: Block) -> Iterator[dict[str, Any]]:
    if isinstance(part, Actions) and (part.buttons or part.choices):
        yield actions(part.buttons, part.choices)


def actions(
    buttons: tuple[Button, ...], choices: tuple[Button, ...] = (), *, value: str = ""
) -> dict[str, Any]:
    """`value` comes back with the press."""
    elements = [_button(button, value) for button in buttons[: BOUNDS.buttons - bool(choices)]]
    if choices:
        elements.append(_menu(choices))
    return {"type": "actions", "block_id": Actions.key, "elements": elements}


def _menu(choices: tuple[Button, ...]) -> dict[str, Any]:
    options = [
        {
            "text": {"type": "plain_text", "text": say(choice.label)[: BOUNDS.label]},
            "value": choice.action[: BOUNDS.value],
        }
        for choice in choices[: BOUNDS.options]
    ]
    placeholder = {"type": "plain_text", "text": say("button.more")}
    return {"type": "static_select", "action_id": MENU, "placeholder": placeholder,
            "options": options}  # fmt: skip


def _button(button: Button, value: str) -> dict[str, Any]:
    label = {"type": "plain_text", "text": say(button.label)[: BOUNDS.label] or "…"}
    made: dict[str, Any] = {"type": "button", "action_id": button.action, "text": label}
    if value:
        made["value"] = value
    if button.action.startswith("v1:stop:"):
        made["style"] = "danger"
    return made


def _context(key: str, text: str) -> dict[str, Any]:
    element = {"type": "mrkdwn", "text": text, "verbatim": True}
    return {"type": "context", "block_id": key, "elements": [element]}


def _section(key: str, text: str) -> dict[str, Any]:
    written = {"type": "mrkdwn", "text": text, "verbatim": True}
    return {"type": "section", "block_id": key, "text": written}


def task_chunks(status: str) -> Blocks:
    """What is done meanwhile, as a stream shows it."""
    if not status:
        return []
    return [{"type": "task_update", "id": "work", "title": status, "status": "in_progress"}]


def marked_chunk(payload: Payload, nonce: str) -> dict[str, Any]:
    """The buttons of a stream, by whose name it is found again: streams carry no metadata."""
    buttons = payload["buttons"]
    given = list(buttons) if isinstance(buttons, list) else []
    waits = {"type": "context", "elements": [{"type": "mrkdwn", "text": "…"}]}
    return {"type": "blocks", "blocks": [{**(given[0] if given else waits), "block_id": nonce}]}


def _grown(parts: tuple[Block, ...]) -> Iterator[str]:
    for part in parts:
        if not isinstance(part, Progress | Actions | File) and (text := _markdown(part)):
            yield text


def _markdown(part: Block) -> str:
    match part:
        case VideoCard():
            title = _words(_line(part.title, BOUNDS.title))
            head = f"**[{title}]({part.url})**" if part.url else f"**{title}**"
            about = _words(_line(part.about, BOUNDS.facts))
            facts = (head, about, f"_{_words(_coverage(part))}_", _words(part.note))
            return "\n\n".join(filter(None, ("  \n".join(filter(None, facts)), neutral(part.tldr))))
        case Section(kind, text):
            return neutral(text) if part.continued else f"## {say_type(kind)}\n\n{neutral(text)}"
        case Answer(text):
            return neutral(text)
        case Notice(text, failure, reference):
            told = f"{':warning: ' if failure else ''}{neutral(text)}"
            return told + (
                f"\n\n_{say('failure.reference', reference=reference)}_" if reference else ""
            )
        case Progress():
            return _status(part)
        case File(name):
            return f"📎 {_words(name)}"
        case Actions():
            return ""


def _status(progress: Progress) -> str:
    done = say("progress.of", done=progress.done, total=progress.total)
    counted = f" ({done})" if progress.total else ""
    return f"{progress.text}{counted} …"


def _coverage(card: VideoCard) -> str:
    return _line(" · ".join((card.coverage, *card.missing)), BOUNDS.coverage)


def _line(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


# --- Slack's own markup ---


def neutral(markdown: str) -> str:
    """Without whatever Slack could read as a call: `<!channel>`, `<@U1>`, `@here`."""
    return _CALLS.sub(lambda match: match[0] + _JOINER, printable(markdown))


def _words(text: str) -> str:
    """For markdown that is ours: a stranger's words make no link in it."""
    return neutral(text).translate(_BRACKETS).replace("://", f":{_JOINER}//")


def escaped(text: str) -> str:
    """For `mrkdwn` and fall-back texts: nothing in it is markup or a call."""
    return neutral(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(sentence: str) -> str:
    """An escaped sentence of ours, where `<#C1>` names a channel again."""
    return _CHANNEL.sub(r"<#\1>", sentence)
