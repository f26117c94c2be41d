"""Components of messages: the rules that Discord's document does not state, and what is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fakes.discord_errors import Refused
from fakes.discord_guilds import JSON

V2 = 1 << 15
ROW, BUTTON, SELECT, INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD = 18, 19
_LINK, _PREMIUM = 5, 6
_ONLY_V2 = {SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER}


@dataclass(frozen=True, slots=True)
class Button:
    """`custom_id` is empty for links, `url` for all others."""

    custom_id: str
    label: str
    url: str = ""
    disabled: bool = False


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, the nested ones after what they stand in."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for single in ("accessory", "component"):
            if component.get(single):
                yield from walk([component[single]])


def texts(components: list[JSON]) -> list[str]:
    return [str(c["content"]) for c in walk(components) if c["type"] == TEXT]


def buttons(components: list[JSON]) -> list[Button]:
    return [
        Button(c.get("custom_id") or "", c.get("label") or "", c.get("url") or "",
               bool(c.get("disabled")))
        for c in walk(components)
        if c["type"] == BUTTON
    ]  # fmt: skip


def check(components: list[JSON], *, v2: bool) -> None:
    """Raises Refused for what cannot stand in a message."""
    every = list(walk(components))
    if len(every) > 40:
        words = "The total number of components exceeds the maximum of 40"
        raise Refused.form("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words)
    if not v2 and (len(components) > 5 or any(c["type"] in _ONLY_V2 for c in every)):
        words = 'Value of field "type" must be one of (1,).'
        raise Refused.form("components.0", "UNION_TYPE_CHOICES", words)
    if sum(map(len, texts(components))) > 4000:
        words = "The total displayable text exceeds the maximum size of 4000"
        raise Refused.form("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words)
    _check_unique(every)
    for component in every:
        if component["type"] == ROW:
            _check_row(component)
        elif component["type"] == BUTTON:
            _check_button(component)


def _check_unique(every: list[JSON]) -> None:
    for name, code in (("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"), ("id", "DUPLICATE_ID")):
        values = [c[name] for c in every if c.get(name)]
        if len(values) != len(set(values)):
            raise Refused.form("components", code, f"Component {name} cannot be duplicated")


def _check_row(row: JSON) -> None:
    kinds = [c["type"] for c in row["components"]]
    widths = sum(1 if kind == BUTTON else 5 for kind in kinds)
    if not 0 < widths <= 5:
        raise Refused.form("components.0.components", "BASE_TYPE_BAD_LENGTH",
                           "Must be between 1 and 5 in length.")  # fmt: skip


def _check_button(button: JSON) -> None:
    link, url, custom_id = button["style"] == _LINK, button.get("url"), button.get("custom_id")
    if button["style"] != _PREMIUM and (bool(url) != link or bool(custom_id) == link):
        raise Refused.form("components.0", "BUTTON_COMPONENT_INVALID",
                           "A link button has a url, any other a custom_id.")  # fmt: skip
    if not button.get("label") and not button.get("emoji"):
        raise Refused.form("components.0", "BUTTON_COMPONENT_MISSING_LABEL",
                           "A button has a label or an emoji.")  # fmt: skip
    if link and not str(url).startswith(("http://", "https://", "discord://")):
        raise Refused.form("components.0.url", "URL_TYPE_INVALID_SCHEME",
                           "Scheme must be one of http, https, discord.")  # fmt: skip


def numbered(components: list[JSON]) -> list[JSON]:
    """Copies in which each component has an id; those that were sent are kept."""
    taken = {c["id"] for c in walk(components) if c.get("id")}
    free = (n for n in itertools.count(1) if n not in taken)
    return [_numbered(component, free) for component in components]


def _numbered(component: JSON, free: Iterator[int]) -> JSON:
    made = {**component, "id": component.get("id") or next(free)}
    if made.get("components"):
        made["components"] = [_numbered(inner, free) for inner in made["components"]]
    for single in ("accessory", "component"):
        if made.get(single):
            made[single] = _numbered(made[single], free)
    return made


def media(component: JSON) -> list[JSON]:
    """The references to files and pictures that a component shows."""
    match component["type"]:
        case 11:
            return [component["media"]]
        case 13:
            return [component["file"]]
        case 12:
            return [item["media"] for item in component["items"]]
    return []


def attach(components: list[JSON], files: dict[str, Any]) -> None:
    """Replaces `attachment://name` by the address that the file got; raises Refused where no
    such file came along."""
    for component in walk(components):
        for item in media(component):
            name = str(item["url"]).removeprefix("attachment://")
            if name == item["url"]:
                continue
            if name not in files:
                code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
                words = f"The referenced attachment {name} was not found"
                raise Refused.form("components", code, words)
            item |= {"url": files[name]["url"], "proxy_url": files[name]["url"]}
            if component["type"] == FILE:
                component |= {"name": name, "size": files[name]["size"]}
