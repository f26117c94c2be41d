"""The state of the local Discord, and what holds for all of it: ids, time, who may see what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fakes.discord_errors import Refused
from fakes.discord_gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway, Session
from fakes.discord_guilds import JSON, Channel, Guild, Kind, User
from fakes.discord_messages import SYSTEM, Message, Ping
from fakes.discord_permissions import EVERYTHING, Permission

_EPOCH = 1_420_070_400_000
MESSAGE_CONTENT_FLAG = 1 << 18
_NEEDED = {
    1 << 1: 1 << 14,  # guild members
    1 << 8: 1 << 12,  # presences
    1 << 15: MESSAGE_CONTENT_FLAG,
}
"""Privileged intents, and the flag that the application needs for each."""


@dataclass
class Community:
    """`flags` are those of the application, `pings` all that its messages caused, `refused` all
    requests that broke a rule of form, `typing` channels where it was seen to type. `commands` are
    registered by guild, those of all under the empty name, and were put `syncs` times. `portal` is
    what the owner set up otherwise in the developer portal."""

    token: str = "a-local-bot-token"
    flags: int = MESSAGE_CONTENT_FLAG
    portal: JSON = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    users: dict[str, User] = field(default_factory=dict)
    guilds: dict[str, Guild] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    everything: dict[str, Message] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    pings: list[Ping] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    typing: list[str] = field(default_factory=list)
    commands: dict[str, list[JSON]] = field(default_factory=dict)
    syncs: int = 0
    url: str = ""
    _skipped: float = 0.0
    _last: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.bot = User(self.new_id(), "vidthread", bot=True)
        self.users[self.bot.id] = self.bot
        self.gateway = Gateway(self)

    @property
    def application(self) -> str:
        """The id of the application, which is that of its bot."""
        return self.bot.id

    # --- time and change ---

    def now(self) -> float:
        return self.clock() + self._skipped

    def skip(self, seconds: float) -> None:
        """Lets time pass, for this server alone."""
        self._skipped += seconds

    def new_id(self) -> str:
        self._last = max(self._last + 1, (int(self.now() * 1000) - _EPOCH) << 22)
        return str(self._last)

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
        """Waits for a change after which this holds."""
        async with asyncio.timeout(seconds):
            while not fulfilled():
                await self._changed.wait()

    # --- what there is ---

    def find_channel(self, identity: str) -> Channel:
        channel = self.channels.get(identity)
        if channel is None or channel.deleted:
            raise Refused(10003)
        return channel

    def find_message(self, channel: Channel, identity: str) -> Message:
        message = self.everything.get(identity)
        if message is None or message.deleted or message.ephemeral or message.channel != channel:
            raise Refused(10008)
        return message

    def find_guild(self, identity: str) -> Guild:
        guild = self.guilds.get(identity)
        if guild is None or not self.belongs_to(guild):
            raise Refused(10004)
        return guild

    def history(self, channel: Channel) -> list[Message]:
        """All that stands there for everybody, messages of the system too, the oldest first."""
        return [m for m in self.everything.values()
                if m.channel is channel and not m.deleted and not m.ephemeral]  # fmt: skip

    def messages(self, channel: Channel) -> list[Message]:
        """What people and bots wrote and what stands there, the oldest first."""
        return [message for message in self.history(channel) if message.type not in SYSTEM]

    def threads(self, channel: Channel | Guild | None = None) -> list[Channel]:
        """Threads that were not deleted, archived ones too."""
        threads = [c for c in self.channels.values() if c.is_thread and not c.deleted]
        return [c for c in threads if channel is None or channel in {c.parent, c.guild}]

    def ephemerals(self, user: User) -> list[Message]:
        """What this person alone sees."""
        return [m for m in self.everything.values() if m.only_for == user.id and not m.deleted]

    def direct(self, user: User) -> Channel:
        """The direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.kind is Kind.DM and user.id in channel.people:
                return channel
        people = {self.bot.id: self.bot, user.id: user}
        made = Channel(self.new_id(), Kind.DM, "", self.now(), people=people)
        self.channels[made.id] = made
        return made

    # --- what the bot may do ---

    def permissions(self, channel: Channel) -> int:
        return channel.guild.permissions(self.bot.id, channel) if channel.guild else EVERYTHING

    def belongs_to(self, guild: Guild | None) -> bool:
        return guild is not None and self.bot.id in guild.members

    def sees(self, channel: Channel) -> bool:
        if channel.guild is None:
            return self.bot.id in channel.people
        held = self.permissions(channel)
        if not self.belongs_to(channel.guild) or not held & Permission.VIEW_CHANNEL:
            return False
        if channel.kind is not Kind.PRIVATE_THREAD or self.bot.id in channel.people:
            return True
        return bool(held & Permission.MANAGE_THREADS)

    def require(self, channel: Channel, *needed: Permission) -> None:
        """Raises Refused where the bot does not see the channel, or lacks a permission there."""
        if not self.sees(channel):
            raise Refused(50001)
        if any(not self.permissions(channel) & permission for permission in needed):
            raise Refused(50013)

    def may_identify(self, intents: int) -> bool:
        """Whether the application was given every privileged intent that is asked for. For the
        limited flags of small applications one bit higher, the same holds."""
        return all(
            not intents & intent or self.flags & (flag | flag << 1)
            for intent, flag in _NEEDED.items()
        )

    # --- what is told over the gateway ---

    def announce(self, event: str, message: Message) -> None:
        """To the sessions that may know of a message, without its content where they may not
        have it."""
        if message.ephemeral or not self._hears(message.channel):
            return
        intent = GUILD_MESSAGES if message.channel.guild else DIRECT_MESSAGES

        def told(session: Session) -> JSON:
            blank = not session.reads_content and not self.is_open(message)
            return message.event(self.bot.id, blank=blank)

        self.gateway.tell(event, told, message.channel.guild, intent)
        self.wake()

    def announce_channel(self, event: str, channel: Channel, **more: object) -> None:
        if self.sees(channel) or event.endswith("DELETE"):
            told = channel.payload(self.bot.id) | more
            self.gateway.tell(event, lambda _: told, channel.guild, GUILDS)
        self.wake()

    def announce_deletion(self, message: Message) -> None:
        if not message.ephemeral and self._hears(message.channel):
            guild = message.channel.guild
            told = {"id": message.id, "channel_id": message.channel.id}
            told |= {"guild_id": guild.id} if guild else {}
            intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
            self.gateway.tell("MESSAGE_DELETE", lambda _: told, guild, intent)
        self.wake()

    def _hears(self, channel: Channel) -> bool:
        """Private threads are heard by their members only, whatever else one may do."""
        private = channel.kind is Kind.PRIVATE_THREAD
        return self.sees(channel) and (not private or self.bot.id in channel.people)

    def is_open(self, message: Message) -> bool:
        """Whether its content is told without the message content intent."""
        if message.author is self.bot or message.channel.guild is None:
            return True
        answered = message.reply_to
        pinged = self.bot in message.mentioned
        if f"<@{self.bot.id}>" in message.content or f"<@!{self.bot.id}>" in message.content:
            return pinged
        # A reply to what answered an interaction is no mention.
        return pinged and answered is not None and answered.interaction is None

    def seen_by_bot(self, message: Message) -> JSON:
        """As HTTP tells it."""
        limited = not self.flags & (MESSAGE_CONTENT_FLAG | MESSAGE_CONTENT_FLAG << 1)
        blank = limited and not self.is_open(message)
        return message.payload(self.bot.id, blank=blank)
