"""A thread of the local Discord as a page that looks like Discord's, for pictures.

Nothing is loaded from anywhere: pictures come in as bytes, or a plain surface stands for them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from zlib import crc32

from fakes.discord_guilds import JSON, Channel
from fakes.discord_markdown import as_html
from fakes.discord_messages import COMMAND, RENAMED, THREAD_CREATED, THREAD_STARTER, Message

_COLOURS = ("#5865f2", "#3ba55c", "#d8833b", "#c94f7c", "#4e8fd1", "#8a63d2")
_STYLES = {1: "primary", 3: "success", 4: "danger", 5: "link"}
_JOINED_WITHIN = 420.0


@dataclass
class Picture:
    """`names` are those of people by their ids, `images` PNG bytes by the address under which a
    message shows them."""

    names: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, bytes] = field(default_factory=dict)

    def page(self, place: Channel, messages: Iterable[Message]) -> str:
        """Messages in their order, below the name of the place."""
        articles: list[str] = []
        before: Message | None = None
        for message in messages:
            if message.type in {RENAMED, THREAD_CREATED}:
                articles.append(_system(message))
                before = None
            elif message.type != THREAD_STARTER:
                articles.append(self._article(message, before))
                before = message
        return _framed(place, "".join(articles))

    def _article(self, message: Message, before: Message | None) -> str:
        above = self._above(message)
        joined = (
            before is not None
            and not above
            and before.author is message.author
            and message.created - before.created < _JOINED_WITHIN
        )
        head = "" if joined else self._avatar(message)
        who = "" if joined else _who(message)
        kind = ' class="joined"' if joined else ""
        body = f'<div class="body">{who}{self._body(message)}</div>'
        return f"<article{kind}>{above}{head}{body}</article>"

    def _above(self, message: Message) -> str:
        """The line over a message: what it replies to, or the command that it answers."""
        if message.reply_to:
            said = message.reply_to.text.replace("\n", " ")
            told = f"<b>@{escape(message.reply_to.author.name)}</b> {escape(said)}"
        elif message.interaction and message.type == COMMAND:
            told = f"<b>@{escape(str(message.interaction['user']['username']))}</b> used a command"
        else:
            return ""
        return f'<div class="before">↱ {told}</div>'

    @staticmethod
    def _avatar(message: Message) -> str:
        name = message.author.name
        colour = _COLOURS[crc32(name.encode()) % len(_COLOURS)]
        return f'<div class="avatar" style="background:{colour}">{escape(name[:1].upper())}</div>'

    def _body(self, message: Message) -> str:
        if message.loading:
            return f'<div class="note">{escape(message.author.name)} is thinking …</div>'
        text = as_html(message.content, self.names) if message.content else ""
        parts = [f'<div class="text">{text}</div>' if text else ""]
        parts += [self._embed(embed) for embed in message.embeds]
        shown = {c.get("name") for c in message.components if c["type"] == 13}
        # With components a file is seen only where one shows it.
        if not message.is_v2:
            parts += [
                _file(a["filename"], a["size"])
                for a in message.attachments
                if a["filename"] not in shown
            ]
        parts += [self._component(component) for component in message.components]
        if message.edited and message.content:
            parts.append('<span class="edited">(edited)</span>')
        if message.ephemeral:
            parts.append('<div class="note">Only you can see this · Dismiss message</div>')
        return "".join(parts)

    def _embed(self, embed: JSON) -> str:
        accent = f' style="--accent:#{embed["color"]:06x}"' if embed.get("color") else ""
        title = f"<h4>{escape(embed['title'])}</h4>" if embed.get("title") else ""
        text = as_html(embed.get("description") or "", self.names)
        return f'<div class="embed"{accent}>{title}<div class="text">{text}</div></div>'

    def _component(self, component: JSON) -> str:
        inner = component.get("components") or []
        match component["type"]:
            case 1:
                told = f'<div class="row">{self._components(inner)}</div>'
            case 2:
                return _button(component)
            case 3 | 5 | 6 | 7 | 8:
                words = component.get("placeholder") or "Make a selection"
                return f'<div class="menu">{escape(words)}</div>'
            case 9:
                accessory = self._component(component["accessory"])
                said = self._components(inner)
                told = f'<div class="section"><div class="said">{said}</div>{accessory}</div>'
            case 10:
                told = f'<div class="text">{as_html(component["content"], self.names)}</div>'
            case 11:
                return f'<div class="thumbnail"{self._image(component["media"])}></div>'
            case 17:
                told = self._container(component)
            case _:
                told = self._flat(component)
        return f'<div class="component">{told}</div>'

    def _flat(self, component: JSON) -> str:
        match component["type"]:
            case 12:
                images = [self._image(item["media"]) for item in component["items"]]
                return "".join(f'<div class="picture"{image}></div>' for image in images)
            case 13:
                return _file(component["name"], component["size"])
            case 14:
                line = " line" if component.get("divider", True) else ""
                large = " large" if component.get("spacing") == 2 else ""
                return f'<div class="separator{line}{large}"></div>'
        return ""

    def _components(self, components: list[JSON]) -> str:
        return "".join(self._component(component) for component in components)

    def _container(self, component: JSON) -> str:
        colour = component.get("accent_color")
        accent = "" if colour is None else f' accent" style="--accent:#{colour:06x}'
        return f'<div class="container{accent}">{self._components(component["components"])}</div>'

    def _image(self, media: JSON) -> str:
        content = self.images.get(media["url"])
        if content is None:
            return ""
        address = f"data:image/png;base64,{b64encode(content).decode()}"
        return f' style="background-image:url({address})"'


def _framed(place: Channel, articles: str) -> str:
    parent = f'<span class="place"># {escape(place.parent.name)} ›</span> ' if place.parent else ""
    name = escape(place.name)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f"<style>{_style()}</style></head><body><header>{parent}{name}</header>"
        f"<main>{articles}</main></body></html>"
    )


def _system(message: Message) -> str:
    did = "changed the name of the thread:" if message.type == RENAMED else "started a thread:"
    told = f"<b>{escape(message.author.name)}</b> {did} <b>{escape(message.content)}</b>"
    return f'<article><div class="system">{told}</div></article>'


def _who(message: Message) -> str:
    tag = '<span class="tag">APP</span>' if message.author.bot else ""
    told = datetime.fromtimestamp(message.created, UTC).strftime("%H:%M")
    return f'<div class="who">{escape(message.author.name)}{tag}<time>{told}</time></div>'


def _button(component: JSON) -> str:
    kind = _STYLES.get(component["style"], "")
    off = " disabled" if component.get("disabled") else ""
    emoji = (component.get("emoji") or {}).get("name") or ""
    label = escape(" ".join(filter(None, [emoji, component.get("label")])))
    return f'<span class="button {kind}{off}">{label}</span>'


def _file(name: str, size: int) -> str:
    told = f"{size} bytes" if size < 1024 else f"{size / 1024:.2f} KB"
    return (
        f'<div class="component file"><span class="sheet"></span><span><a>{escape(name)}</a>'
        f'<span class="size">{told}</span></span></div>'
    )


@cache
def _style() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
