"""What a local Slack consists of: people's places, messages, files, and what goes wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TEAM, BOT, BOT_ID, APP = "T0LOCAL", "U0BOT", "B0BOT", "A0BOT"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-local-token", "xapp-local-token", "local-signing-secret"
KINDS = {"C": "channel", "G": "group", "D": "im"}


@dataclass(slots=True)
class Channel:
    """`id` begins with C where it is public, with G where it is private, with D where it is a
    direct message with the bot."""

    id: str
    name: str
    members: set[str]
    archived: bool = False

    @property
    def kind(self) -> str:
        return KINDS[self.id[0]]


@dataclass(slots=True)
class Message:
    """`versions` are the blocks that people saw, the newest last; `texts` the fall-back texts."""

    ts: str
    channel: str
    thread: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    versions: list[list[dict[str, Any]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    streaming: bool = False
    started: float = 0.0
    deleted: bool = False
    looks_left: int = 0

    @property
    def by_bot(self) -> bool:
        return self.user == BOT

    def seen(self) -> None:
        """What stands there now is one more version."""
        self.versions.append(copy.deepcopy(self.blocks))
        self.texts.append(self.text)

    def buttons(self, version: int = -1) -> list[str]:
        blocks = self.versions[version] if self.versions else []
        elements = [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
        alone = [str(e["action_id"]) for e in elements if e["type"] == "button"]
        return alone + [str(o["value"]) for e in elements for o in e.get("options", ())]

    def button(self, action: str) -> dict[str, Any]:
        """One that stands there now, or a choice of a menu; what a person pressed before it went is
        known too."""
        elements = [e for block in self.blocks for e in block.get("elements", ())]
        known = [element for element in elements if element.get("action_id") == action]
        for element in elements:
            chosen = [o for o in element.get("options", ()) if o["value"] == action]
            known += [{**element, "selected_option": option} for option in chosen]
        return known[0] if known else {"type": "button", "action_id": action}

    def told(self) -> dict[str, Any]:
        """As the Web API tells it."""
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "thread_ts": self.thread or self.ts,
            "user": self.user,
            "text": self.text,
        }
        if self.by_bot:
            shown |= {"bot_id": BOT_ID, "app_id": APP, "blocks": self.blocks}
        shown |= self.more
        if self.metadata:
            shown["metadata"] = self.metadata
        if self.files:
            shown["files"] = self.files
        return shown


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of Slack, or a `status` without one, instead of doing what was asked, `late` seconds
    after the call; with `carried_out` it is done all the same, and the connection breaks in the
    place of an answer."""

    error: str = ""
    status: int = 200
    retry_after: float = 0.0
    late: float = 0.0
    carried_out: bool = False


Judge = Callable[[str, dict[str, Any]], Fault | None]
"""(method, arguments) -> what goes wrong with this call, if anything."""


class Refusal(Exception):
    """What Slack answers with `ok: false`; `known` where a good client may well meet it."""

    def __init__(self, error: str, detail: str = "", *, known: bool = False, **told: Any) -> None:
        super().__init__(error)
        self.error, self.detail, self.known, self.told = error, detail, known, told


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as it arrived, by this server's own clock."""

    at: float
    method: str
    body: dict[str, Any]
    error: str = ""
