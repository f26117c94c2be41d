"""Messages: what they hold, whom they ping, how they are told to whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from fakes.discord_components import V2, Button, buttons, texts, walk
from fakes.discord_guilds import JSON, Channel, User, iso

EPHEMERAL, LOADING, HAS_THREAD = 1 << 6, 1 << 7, 1 << 5
DEFAULT, RENAMED, THREAD_CREATED, REPLY, COMMAND, THREAD_STARTER, MENU = 0, 4, 18, 19, 20, 21, 23
SYSTEM = {RENAMED, THREAD_CREATED, THREAD_STARTER}
_USER, _ROLE, _EVERYONE = r"<@!?(\d+)>", r"<@&(\d+)>", r"@(everyone|here)"


@dataclass(frozen=True, slots=True)
class Ping:
    """`kind` is user, role, everyone or reply; `target` an id, or everyone or here.

    Whether the author has the permission to ping everyone is not asked: a text that is meant to
    is what a test wants to hear of.
    """

    message: str
    kind: str
    target: str


@dataclass(eq=False, slots=True)
class Message:
    """`versions` are all texts that stood there, the newest last. `only_for` is the one person who
    sees an ephemeral message; `starter` the message under which the thread of this one hangs."""

    id: str
    channel: Channel
    author: User
    created: float
    content: str = ""
    embeds: list[JSON] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    forwards: list[JSON] = field(default_factory=list)
    flags: int = 0
    type: int = DEFAULT
    nonce: str | int | None = None
    reply_to: Message | None = None
    starter: Message | None = None
    mentioned: list[User] = field(default_factory=list)
    mentioned_roles: list[str] = field(default_factory=list)
    everyone: bool = False
    interaction: JSON | None = None
    application: str = ""
    webhook: str = ""
    only_for: str = ""
    thread: Channel | None = None
    contents: dict[str, bytes] = field(default_factory=dict)
    edited: float | None = None
    deleted: bool = False
    versions: list[str] = field(default_factory=list)
    payloads: list[JSON] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that can be read: content, embeds, components."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title") or "", embed.get("description") or ""]
            for entry in embed.get("fields") or []:
                parts += [entry["name"], entry["value"]]
            parts.append((embed.get("footer") or {}).get("text") or "")
        return "\n".join(filter(None, [*parts, *texts(self.components)]))

    @property
    def buttons(self) -> list[Button]:
        return buttons(self.components)

    @property
    def actions(self) -> list[str]:
        """The custom ids of the buttons that can be pressed."""
        return [b.custom_id for b in self.buttons if b.custom_id and not b.disabled]

    @property
    def choices(self) -> list[str]:
        """What can be chosen in the menus that stand there."""
        return [o["value"] for c in walk(self.components) for o in c.get("options") or []]

    @property
    def files(self) -> dict[str, bytes]:
        """By name, those that are still attached."""
        return {a["filename"]: self.contents[a["id"]] for a in self.attachments}

    @property
    def ephemeral(self) -> bool:
        return bool(self.only_for)

    @property
    def is_v2(self) -> bool:
        return bool(self.flags & V2)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)

    def is_empty(self) -> bool:
        return not (self.content or self.embeds or self.components or self.attachments)

    def keep(self) -> None:
        """Remembers how it looks now."""
        self.versions.append(self.text)
        self.payloads.append(self.shown())

    def shown(self) -> JSON:
        forwarded = {"message_snapshots": self.forwards} if self.forwards else {}
        return forwarded | {
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": self.attachments,
        }

    def payload(self, viewer: str, *, blank: bool = False) -> JSON:
        """`blank` leaves out what an application without the message content intent must not
        see."""
        told = self.facts(viewer) | self.shown()
        if blank:
            told |= {"content": "", "embeds": [], "components": [], "attachments": []}
        if self.forwards:
            told["message_reference"] = _reference(self) | {"type": 1, "message_id": "1"}
            told |= {"message_snapshots": []} if blank else {}
        if self.reply_to:
            told["message_reference"] = _reference(self.reply_to)
            gone = self.reply_to.deleted
            told["referenced_message"] = (
                None if gone else self.reply_to.facts(viewer) | self._referred(blank=blank)
            )
        if self.type == THREAD_STARTER and self.channel.parent:
            told["message_reference"] = {"channel_id": self.channel.parent.id, "type": 0,
                                         "message_id": self.channel.id,
                                         "guild_id": _guild(self.channel)}  # fmt: skip
            if self.starter:
                told["referenced_message"] = self.starter.facts(viewer) | self.starter.shown()
        return told

    def _referred(self, *, blank: bool) -> JSON:
        assert self.reply_to
        if blank and not self.reply_to.author.bot:
            return {"content": "", "embeds": [], "components": [], "attachments": []}
        return self.reply_to.shown()

    def facts(self, viewer: str) -> JSON:
        """What is told of it to everybody: all but its content."""
        told: JSON = {
            "id": self.id,
            "channel_id": self.channel.id,
            "type": self.type,
            "flags": self.flags,
            "author": self.author.payload(),
            "timestamp": iso(self.created),
            "edited_timestamp": iso(self.edited) if self.edited else None,
            "tts": False,
            "pinned": False,
            "mentions": [user.payload() for user in self.mentioned],
            "mention_roles": self.mentioned_roles,
            "mention_everyone": self.everyone,
        }
        if self.nonce is not None:
            told["nonce"] = self.nonce
        if self.application:
            told |= {"application_id": self.application}
        if self.webhook:
            told |= {"webhook_id": self.webhook}
        if self.interaction:
            told |= {"interaction_metadata": self.interaction, "webhook_id": self.application}
        if self.thread and not self.thread.deleted:
            told["thread"] = self.thread.payload(viewer)
        return told

    def event(self, viewer: str, *, blank: bool) -> JSON:
        """As the gateway tells it."""
        told = self.payload(viewer, blank=blank)
        guild = self.channel.guild
        if guild:
            told["guild_id"] = guild.id
            if self.author.id in guild.members:
                member = guild.member(self.author)
                del member["user"]
                told["member"] = member
        return told | {"channel_type": int(self.channel.kind)}


def _reference(message: Message) -> JSON:
    told = {"channel_id": message.channel.id, "message_id": message.id, "type": 0}
    guild = _guild(message.channel)
    return told | ({"guild_id": guild} if guild else {})


def _guild(channel: Channel) -> str | None:
    return channel.guild.id if channel.guild else None


def wanted_pings(message: Message, allowed: Any) -> list[Ping]:
    """Whom this would ping, by what its author allowed. Embeds ping nobody."""
    told = "\n".join([message.content, *texts(message.components)])
    rules = allowed if allowed is not None else {"parse": ["users", "roles", "everyone"]}
    replies = rules.get("replied_user", allowed is None)
    made: list[Ping] = []
    for kind, pattern in (("user", _USER), ("role", _ROLE)):
        for target in dict.fromkeys(re.findall(pattern, told)):
            named = {str(one) for one in rules.get(f"{kind}s") or []}
            if f"{kind}s" in (rules.get("parse") or []) or target in named:
                made.append(Ping(message.id, kind, target))
    if "everyone" in (rules.get("parse") or []):
        found = dict.fromkeys(re.findall(_EVERYONE, told))
        made += [Ping(message.id, "everyone", word) for word in found]
    if message.reply_to and replies and message.reply_to.author.id != message.author.id:
        made.append(Ping(message.id, "reply", message.reply_to.author.id))
    return made
