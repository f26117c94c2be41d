"""Threads: how they are opened, named, archived, joined."""

from __future__ import annotations

from fakes.discord_components import V2
from fakes.discord_errors import Refused
from fakes.discord_guilds import JSON, Channel, Kind, User
from fakes.discord_messages import (
    HAS_THREAD,
    RENAMED,
    SYSTEM,
    THREAD_CREATED,
    THREAD_STARTER,
    Message,
)
from fakes.discord_permissions import Permission
from fakes.discord_posting import Posting, Upload

_SETTABLE = {"archived", "locked"}


class Threads(Posting):
    def open_from(self, message: Message, body: JSON) -> Channel:
        """A thread that hangs on a message and has its id."""
        channel = message.channel
        self._require_parent(channel)
        self.require(channel, Permission.CREATE_PUBLIC_THREADS)
        if message.type in SYSTEM:
            raise Refused(50021)
        if message.id in self.channels and not self.channels[message.id].deleted:
            raise Refused(160004)
        thread = self._open(message.id, _public_in(channel), channel, body, self.bot)
        message.flags |= HAS_THREAD
        message.thread = thread
        self.announce("MESSAGE_UPDATE", message)
        self.system(thread, self.bot, THREAD_STARTER)
        return thread

    def open_alone(self, channel: Channel, body: JSON) -> Channel:
        """A thread without a message; a private one unless its type says otherwise."""
        if channel.kind is Kind.FORUM:
            raise Refused.form("message", "BASE_TYPE_REQUIRED", "This field is required")
        self._require_parent(channel)
        kind = Kind(body.get("type") or Kind.PRIVATE_THREAD)
        if kind is Kind.PRIVATE_THREAD:
            if channel.kind is not Kind.TEXT:
                raise Refused(50024)
            self.require(channel, Permission.CREATE_PRIVATE_THREADS)
        elif kind is not _public_in(channel):
            raise Refused(50024)
        else:
            self.require(channel, Permission.CREATE_PUBLIC_THREADS)
        thread = self._open(self.new_id(), kind, channel, body, self.bot)
        if kind is not Kind.PRIVATE_THREAD:
            self.system(channel, self.bot, THREAD_CREATED, thread.name)
        return thread

    def open_post(self, forum: Channel, body: JSON, files: dict[str, Upload]) -> Message:
        """A post in a forum; its message has the id of its thread."""
        if forum.kind is not Kind.FORUM:
            raise Refused(50024)
        self.require(forum, Permission.SEND_MESSAGES)
        told = body["message"]
        starter = Message("", forum, self.bot, self.now(), flags=(told.get("flags") or 0) & V2)
        self.write(starter, told, files)
        thread = self._open(self.new_id(), Kind.PUBLIC_THREAD, forum, body, self.bot)
        starter.id, starter.channel = thread.id, thread
        self.publish(starter, told.get("allowed_mentions"))
        return starter

    def _open(self, identity: str, kind: Kind, parent: Channel, body: JSON, owner: User) -> Channel:
        self.require_active_room(parent)
        now = self.now()
        thread = Channel(identity, kind, body["name"].strip(), now, parent.guild, parent, owner.id)
        if not thread.name:
            raise Refused.form("name", "BASE_TYPE_REQUIRED", "This field is required")
        thread.archive_after = body.get("auto_archive_duration") or thread.archive_after
        thread.people[owner.id] = owner
        thread.changed = now
        thread.names.append(thread.name)
        self.channels[identity] = thread
        self.announce_channel("THREAD_CREATE", thread, newly_created=True)
        return thread

    def change(self, channel: Channel, body: JSON) -> None:
        """The bot's edit of a channel; of threads it may change its own."""
        self.require(channel)
        mine = channel.is_thread and channel.owner == self.bot.id
        managing = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
        if not mine or "locked" in body:
            self.require(channel, managing)
        if channel.archived and body.get("archived") is not False:
            raise Refused(50083)
        if channel.locked and not self.permissions(channel) & Permission.MANAGE_THREADS:
            raise Refused(160005)
        self.set_channel(channel, body, self.bot)

    def set_channel(self, channel: Channel, body: JSON, by: User) -> None:
        if body.get("archived") is False and channel.archived:
            self.require_active_room(channel)
        for name in _SETTABLE & body.keys():
            setattr(channel, name, bool(body[name]))
        channel.archive_after = body.get("auto_archive_duration") or channel.archive_after
        channel.changed = self.now()
        renamed = (body.get("name") or channel.name) != channel.name
        if renamed:
            channel.name = str(body["name"])
            channel.names.append(channel.name)
        self.announce_channel("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel)
        if renamed and channel.is_thread and not channel.archived:
            self.system(channel, by, RENAMED, channel.name)

    def add_member(self, thread: Channel, user: User) -> None:
        if not thread.is_thread:
            raise Refused(50024)
        if thread.archived:
            raise Refused(50083)
        if thread.guild and user.id not in thread.guild.members:
            raise Refused(10007)
        if user.id in thread.people:
            return
        thread.people[user.id] = user
        if user is self.bot:
            self.announce_channel("THREAD_CREATE", thread)
        self.wake()

    def delete_channel(self, channel: Channel) -> None:
        """Its threads go with it."""
        for thread in self.threads(channel):
            self.delete_channel(thread)
        channel.deleted = True
        if channel.is_thread:
            guild, parent = channel.guild, channel.parent
            assert guild
            assert parent
            told = {"id": channel.id, "guild_id": guild.id, "parent_id": parent.id,
                    "type": int(channel.kind)}  # fmt: skip
            self.gateway.tell("THREAD_DELETE", lambda _: told, guild, 1)
            self.wake()
        else:
            self.announce_channel("CHANNEL_DELETE", channel)

    @staticmethod
    def _require_parent(channel: Channel) -> None:
        if channel.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
            raise Refused(50024)


def _public_in(channel: Channel) -> Kind:
    announcing = channel.kind is Kind.ANNOUNCEMENT
    return Kind.ANNOUNCEMENT_THREAD if announcing else Kind.PUBLIC_THREAD
