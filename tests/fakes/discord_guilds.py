"""What there is on the local Discord: users, guilds, roles, channels, threads; and their JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from fakes.discord_permissions import EVERYTHING, ORDINARY, Overwrite, Permission, computed

JSON = dict[str, Any]


class Kind(IntEnum):
    """Types of channels, numbered as Discord numbers them."""

    TEXT = 0
    DM = 1
    VOICE = 2
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = {Kind.ANNOUNCEMENT_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD}


@dataclass(eq=False, slots=True)
class User:
    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def payload(self) -> JSON:
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0000" if self.bot else "0",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False, slots=True)
class Role:
    id: str
    name: str
    permissions: int = 0
    mentionable: bool = False

    def payload(self, position: int) -> JSON:
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "mentionable": self.mentionable,
            "position": position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "flags": 0,
        }


@dataclass(eq=False, slots=True)
class Guild:
    """`members` maps ids of users to those of their roles; the role of all has the guild's id.
    Who is `timed_out` by a moderator may only look."""

    id: str
    name: str
    owner: User
    joined: float
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    timed_out: set[str] = field(default_factory=set)
    locale: str = "en-US"
    most_active_threads: int = 1000
    largest_file: int = 10 * 2**20

    def member(self, user: User) -> JSON:
        return {
            "user": user.payload(),
            "roles": sorted(self.members.get(user.id, ())),
            "joined_at": iso(self.joined),
            "nick": None,
            "avatar": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "premium_since": None,
            "communication_disabled_until": None,
        }

    def summary(self, user: User) -> JSON:
        """As a list of one's guilds tells of each."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "banner": None,
            "owner": user is self.owner,
            "permissions": str(self.permissions(user.id)),
            "features": [],
        }

    def permissions(self, user: str, channel: Channel | None = None) -> int:
        """Those of a thread are its parent's."""
        if user == self.owner.id:
            return EVERYTHING
        held = self.members.get(user, set())
        base = 0
        for identity in {self.id, *held}:
            base |= self.roles[identity].permissions
        place = channel.parent or channel if channel else None
        overwrites = place.overwrites if place else []
        left = computed(base, overwrites, self.id, held, user)
        looking = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
        return left & looking if user in self.timed_out else left

    def payload(self) -> JSON:
        roles = enumerate(self.roles.values())
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner.id,
            "preferred_locale": self.locale,
            "roles": [role.payload(position) for position, role in roles],
            "features": [],
            "emojis": [],
            "stickers": [],
            "icon": None,
            "splash": None,
            "banner": None,
            "description": None,
            "discovery_splash": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "nsfw": False,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "max_members": 500_000,
        }


@dataclass(eq=False, slots=True)
class Channel:
    """Channels, threads and direct messages. `starter` is the message that a thread hangs on;
    `people` are members of a thread or the two sides of a direct message."""

    id: str
    kind: Kind
    name: str
    created: float
    guild: Guild | None = None
    parent: Channel | None = None
    owner: str = ""
    overwrites: list[Overwrite] = field(default_factory=list)
    people: dict[str, User] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    archive_after: int = 4320
    last_message: str | None = None
    sent: int = 0
    deleted: bool = False
    changed: float = 0.0
    names: list[str] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    def payload(self, viewer: str) -> JSON:
        told: JSON = {
            "id": self.id,
            "type": int(self.kind),
            "last_message_id": self.last_message,
            "flags": 0,
        }
        if self.guild is None:
            others = [user.payload() for user in self.people.values() if user.id != viewer]
            return {**told, "recipients": others}
        told |= {"guild_id": self.guild.id, "name": self.name, "rate_limit_per_user": 0}
        if self.is_thread:
            return told | self._as_thread(viewer)
        overwrites = [overwrite.payload() for overwrite in self.overwrites]
        told |= {"position": 0, "parent_id": None, "nsfw": False, "topic": None}
        told |= {"permission_overwrites": overwrites, "default_auto_archive_duration": 4320}
        if self.kind is Kind.VOICE:
            told |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
        return told | ({"available_tags": []} if self.kind is Kind.FORUM else {})

    def _as_thread(self, viewer: str) -> JSON:
        assert self.parent
        told: JSON = {
            "parent_id": self.parent.id,
            "owner_id": self.owner,
            "message_count": self.sent,
            "total_message_sent": self.sent,
            "member_count": len(self.people),
            "applied_tags": [],
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.archive_after,
                "archive_timestamp": iso(self.changed),
                "create_timestamp": iso(self.created),
            },
        }
        if self.kind is Kind.PRIVATE_THREAD:
            told["thread_metadata"]["invitable"] = True
        return told | ({"member": self.membership(viewer)} if viewer in self.people else {})

    def membership(self, user: str) -> JSON:
        return {"id": self.id, "user_id": user, "join_timestamp": iso(self.created), "flags": 1}


def furnish(guild: Guild, bot: User, role: str, *, permissions: int, everyone: int | None) -> None:
    """The role of all, and that of the bot, which has nothing else."""
    ordinary = ORDINARY if everyone is None else everyone
    guild.roles[guild.id] = Role(guild.id, "@everyone", ordinary)
    guild.roles[role] = Role(role, bot.name, permissions)
    guild.members |= {guild.owner.id: set(), bot.id: {role}}


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
