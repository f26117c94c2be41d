"""Messages are written, edited and deleted by the rules of Discord."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fakes.discord_community import Community
from fakes.discord_components import V2, attach, check, numbered
from fakes.discord_errors import Refused
from fakes.discord_guilds import JSON, Channel, Kind, User
from fakes.discord_messages import (
    LOADING,
    REPLY,
    THREAD_STARTER,
    Message,
    Ping,
    wanted_pings,
)
from fakes.discord_permissions import Permission

SUPPRESS_EMBEDS, SILENT = 1 << 2, 1 << 12
NONCE_SECONDS = 300.0
_LARGEST_FILE = 10 * 2**20
_EMBED_TEXT = 6000


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


class Posting(Community):
    """`nonces` are remembered for some minutes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._nonces: dict[tuple[str, str], Message] = {}

    # --- what the bot writes ---

    def post(self, channel: Channel, body: JSON, files: dict[str, Upload]) -> Message:
        """A message of the bot; the one that is there already if its nonce says so."""
        self._require_room(channel, body, files)
        if known := self._known_nonce(body):
            return known
        message = Message(self.new_id(), channel, self.bot, self.now())
        if reference := body.get("message_reference"):
            self._refer(message, reference)
        message.flags = (body.get("flags") or 0) & (V2 | SUPPRESS_EMBEDS | SILENT)
        self.write(message, body, files)
        if body.get("nonce") is not None:
            message.nonce = body["nonce"]
            self._nonces[self.bot.id, str(body["nonce"])] = message
        self.wake_thread(channel)
        if channel.is_thread:
            channel.people.setdefault(self.bot.id, self.bot)
        self.publish(message, body.get("allowed_mentions"))
        return message

    def revise(self, message: Message, body: JSON, files: dict[str, Upload]) -> None:
        """An edit of the bot's."""
        if message.author is not self.bot:
            raise Refused(50005)
        if message.channel.archived:
            raise Refused(50083)
        self.write(message, body, files)
        message.flags &= ~LOADING
        message.edited = self.now()
        self.announce("MESSAGE_UPDATE", message)
        self.wake()

    def remove(self, message: Message) -> None:
        message.deleted = True
        self.announce_deletion(message)
        self.wake()

    # --- how a message gets its content ---

    def write(self, message: Message, body: JSON, files: dict[str, Upload]) -> None:
        """Nothing of it is done where something of it is wrong."""
        flags = self._flags(message, body)
        content, embeds, components = (
            deepcopy(body[name]) if name in body else getattr(message, name)
            for name in ("content", "embeds", "components")
        )
        content = (content or "").strip()
        embeds, components = embeds or [], components or []
        kept, added = self._attachments(message, body, files)
        if flags & V2 and (content or embeds):
            raise Refused.form("", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                               "The 'content' and 'embeds' fields cannot be used when using"
                               " MessageFlags.IS_COMPONENTS_V2")  # fmt: skip
        _check_embeds(embeds)
        check(components, v2=bool(flags & V2))
        components = numbered(components)
        attach(components, {a["filename"]: a for a in kept})
        if not (content or embeds or components or kept):
            raise Refused(50006)
        message.flags, message.content, message.embeds = flags, content, embeds
        message.components, message.attachments = components, kept
        message.contents |= added
        message.keep()

    def _flags(self, message: Message, body: JSON) -> int:
        flags = message.flags
        if "flags" in body and message.versions:
            asked = body["flags"] or 0
            if flags & V2 and not asked & V2:
                raise Refused.form("flags", "MESSAGE_FLAGS_CANNOT_BE_REMOVED",
                                   "IS_COMPONENTS_V2 cannot be removed.")  # fmt: skip
            flags = flags & ~SUPPRESS_EMBEDS | asked & (V2 | SUPPRESS_EMBEDS)
        return flags

    def _attachments(
        self, message: Message, body: JSON, files: dict[str, Upload]
    ) -> tuple[list[JSON], dict[str, bytes]]:
        """What is attached in the end, and the contents of what is new."""
        before = {a["id"]: a for a in message.attachments}
        listed = body.get("attachments")
        if listed is None:
            listed = [*message.attachments, *({"id": number} for number in files)]
        kept, contents = [], {}
        for told in listed:
            identity = str(told["id"])
            if identity in before:
                kept.append(before[identity])
                continue
            if identity not in files:
                raise Refused.form("attachments", "ATTACHMENT_NOT_FOUND",
                                   f"There is no attachment {identity}.")  # fmt: skip
            upload = files[identity]
            made = self.keep_file(message.channel, told.get("filename") or upload.name,
                                  upload.content)  # fmt: skip
            kept.append(made)
            contents[made["id"]] = upload.content
        return kept, contents

    def keep_file(self, channel: Channel, name: str, content: bytes) -> JSON:
        """An attachment; Discord knows no spaces in names."""
        largest = channel.guild.largest_file if channel.guild else _LARGEST_FILE
        if len(content) > largest:
            raise Refused(40005)
        identity, name = self.new_id(), name.replace(" ", "_")
        self.files[identity] = (name, content)
        address = f"{self.url}/attachments/{channel.id}/{identity}/{name}"
        return {"id": identity, "filename": name, "size": len(content), "url": address,
                "proxy_url": address, "content_type": "application/octet-stream"}  # fmt: skip

    # --- what must be so before ---

    def _require_room(self, channel: Channel, body: JSON, files: dict[str, Upload]) -> None:
        if channel.kind is Kind.FORUM:
            raise Refused(40058)
        sending = (
            Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        )
        needed = [sending]
        if files:
            needed.append(Permission.ATTACH_FILES)
        if body.get("embeds"):
            needed.append(Permission.EMBED_LINKS)
        self.require(channel, *needed)
        if channel.locked and not self.permissions(channel) & Permission.MANAGE_THREADS:
            raise Refused(160005)

    def wake_thread(self, channel: Channel) -> None:
        """Whoever writes in an archived thread opens it again."""
        if channel.archived:
            self.require_active_room(channel)
            channel.archived, channel.changed = False, self.now()
            self.announce_channel("THREAD_UPDATE", channel)

    def require_active_room(self, channel: Channel) -> None:
        guild = channel.guild
        assert guild
        active = sum(not thread.archived for thread in self.threads(guild))
        if active >= guild.most_active_threads:
            raise Refused(160006)

    def _refer(self, message: Message, reference: JSON) -> None:
        if not self.permissions(message.channel) & Permission.READ_MESSAGE_HISTORY:
            raise Refused(160002)
        target = self.everything.get(str(reference["message_id"]))
        if target is not None and not target.deleted and target.channel is message.channel:
            message.reply_to, message.type = target, REPLY
        elif reference.get("fail_if_not_exists", True) is not False:
            raise Refused.form("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
                               "Unknown message")  # fmt: skip

    def _known_nonce(self, body: JSON) -> Message | None:
        if not body.get("enforce_nonce") or body.get("nonce") is None:
            return None
        known = self._nonces.get((self.bot.id, str(body["nonce"])))
        fresh = known is not None and self.now() - known.created < NONCE_SECONDS
        return known if fresh else None

    # --- a message is there ---

    def publish(self, message: Message, allowed: Any = None) -> None:
        """`allowed` are the mentions that its author allows, None for those of people."""
        self.name_people(message, allowed)
        self.everything[message.id] = message
        if not message.ephemeral:
            message.channel.last_message = message.id
            message.channel.sent += 1
        self.announce("MESSAGE_CREATE", message)
        self.wake()

    def name_people(self, message: Message, allowed: Any) -> None:
        pings = self.note_pings(message, allowed)
        targets = [p.target for p in pings if p.kind in {"user", "reply"}]
        message.mentioned = [self.users[t] for t in dict.fromkeys(targets) if t in self.users]
        message.mentioned_roles = [p.target for p in pings if p.kind == "role"]
        message.everyone = any(p.kind == "everyone" for p in pings)

    def note_pings(self, message: Message, allowed: Any) -> list[Ping]:
        """Whom this message pings; what nobody else sees pings nobody."""
        pings = [] if message.ephemeral else wanted_pings(message, allowed)
        if message.author is self.bot:
            self.pings += pings
        return pings

    def system(self, channel: Channel, author: User, kind: int, content: str = "") -> Message:
        """A message that Discord itself puts there, as somebody's doing."""
        message = Message(self.new_id(), channel, author, self.now(), content, type=kind)
        message.starter = self.everything.get(channel.id) if kind == THREAD_STARTER else None
        message.keep()
        sent = channel.sent
        self.publish(message, {"parse": []})
        channel.sent = sent
        return message


def _check_embeds(embeds: list[JSON]) -> None:
    total = 0
    for embed in embeds:
        total += len(embed.get("title") or "") + len(embed.get("description") or "")
        total += len((embed.get("footer") or {}).get("text") or "")
        total += len((embed.get("author") or {}).get("name") or "")
        total += sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields") or [])
    if total > _EMBED_TEXT:
        raise Refused.form("embeds", "MAX_EMBED_SIZE_EXCEEDED",
                           "Embed size exceeds maximum size of 6000")  # fmt: skip
