"""Who may do what in a channel, computed as Discord does: roles first, then overwrites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = (1 << 53) - 1
ORDINARY = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
INVITED = 377957239808
"""What a bot like ours is invited with: `ORDINARY` without commands."""


@dataclass(slots=True)
class Overwrite:
    """`target` is a role or, with `member`, a user."""

    target: str
    member: bool
    allow: int = 0
    deny: int = 0

    def payload(self) -> dict[str, object]:
        kind = 1 if self.member else 0
        return {"id": self.target, "type": kind, "allow": str(self.allow), "deny": str(self.deny)}


def computed(
    base: int, overwrites: Iterable[Overwrite], everyone: str, roles: set[str], member: str
) -> int:
    """What is left of `base`, the union of a member's roles, in a channel."""
    if base & Permission.ADMINISTRATOR:
        return EVERYTHING
    listed = list(overwrites)
    layers = (
        [o for o in listed if not o.member and o.target == everyone],
        [o for o in listed if not o.member and o.target in roles],
        [o for o in listed if o.member and o.target == member],
    )
    for layer in layers:
        for overwrite in layer:
            base &= ~overwrite.deny
        for overwrite in layer:
            base |= overwrite.allow
    return base if base & Permission.VIEW_CHANNEL else 0
