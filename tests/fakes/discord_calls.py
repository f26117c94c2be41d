"""A request to the local Discord, as its routes understand it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.discord_guilds import JSON, Channel
from fakes.discord_interactions import Interactions
from fakes.discord_messages import Message
from fakes.discord_posting import Upload


@dataclass(slots=True)
class Call:
    """A request as it is understood. `accepted` is the message that it created."""

    at: Interactions
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: dict[str, Upload] = field(default_factory=dict)
    accepted: Message | None = None

    @property
    def channel(self) -> Channel:
        return self.at.find_channel(self.path["channel_id"])

    @property
    def message(self) -> Message:
        channel = self.channel
        self.at.require(channel)
        return self.at.find_message(channel, self.path["message_id"])

    def seen(self, message: Message) -> JSON:
        return self.at.seen_by_bot(message)

    def created(self, message: Message) -> JSON:
        self.accepted = message
        return self.seen(message)


Route = Callable[[Call], Any]
"""What it returns is the JSON of a 200; None is a 204."""
Routes = dict[tuple[str, str], Route]
"""By method and by path as Discord's document writes it."""
