"""Interactions: what a person began, and what the bot may answer, when and how often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fakes.discord_components import V2
from fakes.discord_errors import Refused
from fakes.discord_gateway import ALWAYS
from fakes.discord_guilds import JSON, Channel, User
from fakes.discord_messages import COMMAND, EPHEMERAL, LOADING, MENU, Message
from fakes.discord_permissions import EVERYTHING
from fakes.discord_posting import Upload
from fakes.discord_threads import Threads

FIRST_ANSWER, TOKEN_LIFE = 3.0, 900.0
MOST_FOLLOWUPS = 5
"""Where the person brought the bot along, and it is no member of the guild."""
COMMANDED, PRESSED, TYPED, SUBMITTED = 2, 3, 4, 5
SAY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass(eq=False, slots=True)
class Interaction:
    """`message` is the one whose button was pressed; `original` what answers it first, or that
    message where it is updated. `acknowledged_after` is in seconds of the server's clock."""

    id: str
    type: int
    user: User
    channel: Channel
    data: JSON
    created: float
    message: Message | None = None
    token: str = field(default_factory=lambda: uuid4().hex * 2)
    answer: int = 0
    acknowledged_after: float | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    by_user_install: bool = False
    modal: JSON | None = None
    choices: list[JSON] | None = None

    @property
    def owners(self) -> JSON:
        """Who installed the bot: the guild, or the person."""
        if self.by_user_install:
            return {"1": self.user.id}
        return {"0": self.channel.guild.id if self.channel.guild else "0"}

    @property
    def metadata(self) -> JSON:
        return {"id": self.id, "type": self.type, "user": self.user.payload(),
                "authorizing_integration_owners": self.owners}  # fmt: skip


class Interactions(Threads):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.interactions: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    # --- a person began something ---

    def begin(
        self,
        kind: int,
        channel: Channel,
        user: User,
        data: JSON,
        *,
        message: Message | None = None,
        locale: str | None = None,
    ) -> Interaction:
        made = Interaction(self.new_id(), kind, user, channel, data, self.now(), message)
        made.by_user_install = bool(channel.guild) and not self.belongs_to(channel.guild)
        self.interactions[made.id] = self._by_token[made.token] = made
        told = self._payload(made, locale or user.locale)
        self.gateway.tell("INTERACTION_CREATE", lambda _: told, channel.guild, ALWAYS)
        self.wake()
        return made

    def _payload(self, made: Interaction, locale: str) -> JSON:
        channel, guild = made.channel, made.channel.guild
        held = guild.permissions(made.user.id, channel) if guild else EVERYTHING
        seen = channel.payload(self.bot.id) | {"permissions": str(int(held))}
        told: JSON = {
            "id": made.id,
            "application_id": self.application,
            "type": made.type,
            "token": made.token,
            "version": 1,
            "data": made.data,
            "channel": seen,
            "channel_id": channel.id,
            "locale": locale,
            "app_permissions": str(int(self.permissions(channel))),
            "attachment_size_limit": guild.largest_file if guild else 10 * 2**20,
            "entitlements": [],
            "context": 0 if guild else 1,
            "authorizing_integration_owners": made.owners,
        }
        if made.message:
            told["message"] = made.message.payload(self.bot.id)
        if guild is None:
            return told | {"user": made.user.payload()}
        member = guild.member(made.user) | {"permissions": str(int(held))}
        features = {"id": guild.id, "locale": guild.locale, "features": []}
        return told | {"guild_id": guild.id, "guild_locale": guild.locale, "member": member,
                       "guild": features}  # fmt: skip

    # --- the first answer ---

    def answer(
        self, identity: str, token: str, body: JSON, files: dict[str, Upload]
    ) -> Interaction:
        made = self.interactions.get(identity)
        if made is None or made.token != token:
            raise Refused(10062)
        if made.answer:
            raise Refused(40060)
        if self.now() - made.created > FIRST_ANSWER:
            raise Refused(10062)
        kind = int(body["type"])
        _check_answer(made, kind)
        self._take(made, kind, body.get("data") or {}, files)
        made.answer, made.acknowledged_after = kind, self.now() - made.created
        self.wake()
        return made

    def _take(self, made: Interaction, kind: int, data: JSON, files: dict[str, Upload]) -> None:
        if kind == SAY:
            made.original = self._said(made, data, files)
        elif kind == DEFER:
            flags = LOADING | (data.get("flags") or 0) & EPHEMERAL
            made.original = self._blank(made, flags)
            self.publish(made.original, {"parse": []})
        elif kind == CHOICES:
            made.choices = data.get("choices") or []
        elif kind == MODAL:
            made.modal = data
        else:
            made.original = made.message
            if kind == UPDATE and made.message:
                self.revise(made.message, data, files)

    def _blank(self, made: Interaction, flags: int) -> Message:
        """A message of the bot that answers an interaction."""
        message = Message(self.new_id(), made.channel, self.bot, self.now(), flags=flags)
        message.interaction, message.application = made.metadata, self.application
        if made.type == COMMANDED:
            message.type = COMMAND if made.data.get("type", 1) == 1 else MENU
        message.only_for = made.user.id if flags & EPHEMERAL else ""
        return message

    def _said(self, made: Interaction, data: JSON, files: dict[str, Upload]) -> Message:
        flags = (data.get("flags") or 0) & (EPHEMERAL | V2 | 1 << 2 | 1 << 12)
        message = self._blank(made, flags)
        self.write(message, data, files)
        self.wake_thread(made.channel)
        self.publish(message, data.get("allowed_mentions"))
        return message

    def told(self, made: Interaction) -> JSON:
        """What `with_response` asks for."""
        told: JSON = {"id": made.id, "type": made.type}
        if made.original is None:
            return {"interaction": told}
        original = made.original
        told |= {
            "response_message_id": original.id,
            "response_message_loading": original.loading,
            "response_message_ephemeral": original.ephemeral,
        }
        resource = {"type": made.answer, "message": original.payload(self.bot.id)}
        return {"interaction": told, "resource": resource}

    # --- later answers, by the token ---

    def by_token(self, application: str, token: str) -> Interaction:
        made = self._by_token.get(token)
        if application != self.application or made is None or not made.answer:
            raise Refused(10015)
        if self.now() - made.created > TOKEN_LIFE:
            raise Refused(50027)
        return made

    def answered_with(self, made: Interaction, identity: str) -> Message:
        """The message of an answer; `@original` is the first."""
        messages = [made.original, *made.followups]
        if identity == "@original":
            messages = [made.original]
        for message in messages:
            known = message is not None and identity in {"@original", message.id}
            if message is not None and known and not message.deleted:
                return message
        raise Refused(10008)

    def rewrite(self, message: Message, body: JSON, files: dict[str, Upload]) -> Message:
        """An edit by the token; the first one of an answer that was deferred may bring V2."""
        first = message.loading
        if first:
            message.flags |= (body.get("flags") or 0) & V2
        self.revise(message, body, files)
        if first:
            message.edited = None
            self.note_pings(message, body.get("allowed_mentions"))
        return message

    def follow(self, made: Interaction, body: JSON, files: dict[str, Upload]) -> Message:
        """A further message; after a deferral the first one takes the place of the original, as
        long as that stands there."""
        original, waits = made.original, made.answer == DEFER
        if waits and original and original.loading and not original.deleted:
            return self.rewrite(original, body, files)
        if made.by_user_install and len(made.followups) >= MOST_FOLLOWUPS:
            raise Refused(40094)
        message = self._said(made, body, files)
        made.followups.append(message)
        return message

    async def chosen(self, made: Interaction) -> list[JSON]:
        """The choices that the bot offers to what was typed."""
        async with asyncio.timeout(FIRST_ANSWER):
            while made.choices is None:
                await self._changed.wait()
        return made.choices


def _check_answer(made: Interaction, kind: int) -> None:
    allowed: dict[int, set[int]] = {
        COMMANDED: {SAY, DEFER, MODAL},
        PRESSED: {SAY, DEFER, DEFER_UPDATE, UPDATE, MODAL},
        TYPED: {CHOICES},
        SUBMITTED: {SAY, DEFER} | ({DEFER_UPDATE, UPDATE} if made.message else set()),
    }
    if kind not in allowed[made.type]:
        raise Refused.form("type", "BASE_TYPE_CHOICES",
                           f"Value must be one of {sorted(allowed[made.type])}.")  # fmt: skip


def options(told: dict[str, Any]) -> list[JSON]:
    """Options of a command as they are sent, by the types of their values."""
    numbers = {str: 3, int: 4, bool: 5, float: 10}
    return [{"name": name, "type": numbers[type(value)], "value": value}
            for name, value in told.items()]  # fmt: skip
