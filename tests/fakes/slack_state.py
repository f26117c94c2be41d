"""The memory of a local Slack: who is where, what stands there, and what people saw of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fakes.slack_rules import pings_in
from fakes.slack_shapes import BOT, Asked, Channel, Fault, Judge, Message, Refusal

SCOPES = frozenset(
    "app_mentions:read assistant:write channels:history chat:write commands files:read files:write "
    "groups:history im:history users:read".split()
)
TIERS = {"t1": 1, "t2": 20, "t3": 50, "t4": 100, "t5": 600}
TRIGGER_LIFE, RESPONSE_LIFE, RESPONSE_USES, STREAM_LIFE = 3.0, 1800.0, 5, 300.0


@dataclass(slots=True)
class Ephemeral:
    """What one person was told."""

    channel: str
    user: str
    text: str
    thread: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Session:
    """What people see of an agent's work in a thread: its states, the newest last."""

    title: str = ""
    states: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ticket:
    """Something that Slack handed out and takes back for a while."""

    user: str
    channel: str
    at: float
    uses: int = 0


@dataclass
class SlackState:
    """`generosity` multiplies the tiers, 0 lifts them. `advance` makes time pass. `refused` are
    calls that no good client makes, `pings` whom our messages called. `agent` is whether the app is
    declared as one; a file is seen in its thread after so many looks at it as are `late_shares`.

    `on_accepted` is awaited when a message was posted and before that is answered.
    """

    generosity: float = 0.0
    judge: Judge = lambda *_: None
    on_accepted: Callable[[Message], Awaitable[None]] | None = None
    scopes: frozenset[str] = SCOPES
    streams: bool = True
    agent: bool = True
    late_shares: int = 0
    admins: set[str] = field(default_factory=set)
    locales: dict[str, str] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    ephemeral: list[Ephemeral] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    statuses: list[tuple[str, str]] = field(default_factory=list)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    limited: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    triggers: dict[str, Ticket] = field(default_factory=dict)
    responses: dict[str, Ticket] = field(default_factory=dict)
    url: str = ""
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _said: defaultdict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _later: float = 0.0
    _calls: defaultdict[tuple[str, str], deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> float:
        return time.time() + self._later

    def advance(self, seconds: float) -> None:
        self._later += seconds

    def number(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind]

    def ts(self) -> str:
        """Unique and growing, as ids of messages are."""
        return f"{int(self.now())}.{self.number('message'):06}"

    # --- places ---

    def channel(self, name: str, *people: str, kind: str = "C", bot: bool = True) -> str:
        """A channel with these people, and the bot unless it was not invited; its id."""
        identity = f"{kind}0{self.number('channel'):05}"
        members = {"U0ANNA", *people} | ({BOT} if bot else set())
        self.channels[identity] = Channel(identity, name, members)
        return identity

    def reachable(self, identity: object) -> Channel:
        """Where the bot may write."""
        channel = self.channels.get(str(identity))
        if channel is None or (channel.kind == "group" and BOT not in channel.members):
            raise Refusal("channel_not_found", known=True)
        if BOT not in channel.members:
            raise Refusal("not_in_channel", known=True)
        if channel.archived:
            raise Refusal("is_archived", known=True)
        return channel

    # --- messages ---

    def add(self, message: Message) -> Message:
        self.messages[message.channel, message.ts] = message
        self._said[message.channel].append(message)
        message.seen()
        self.look_for_pings(message)
        self.wake()
        return message

    def own(self, channel: object, ts: object) -> Message:
        message = self.messages.get((str(channel), str(ts)))
        if message is None or message.deleted:
            raise Refusal("message_not_found", known=True)
        if not message.by_bot:
            raise Refusal("cant_update_message")
        return message

    def look_for_pings(self, message: Message) -> None:
        if message.by_bot:
            self.pings += pings_in(message.text, message.blocks)

    def thread(self, channel: str, thread: str) -> list[Message]:
        """What stands in a thread, its root first."""
        return [m for m in self._standing(channel) if thread in {m.ts, m.thread}]

    def shown(self, channel: str, thread: str) -> list[Message]:
        """Our messages in a thread."""
        return [m for m in self.thread(channel, thread) if m.by_bot]

    def _standing(self, channel: str) -> Iterator[Message]:
        for message in self._said[channel]:
            if not message.deleted:
                yield message

    def threads(self) -> list[tuple[str, str]]:
        """Those in which we wrote, in order."""
        written = {(m.channel, m.thread or m.ts): None for m in self.messages.values() if m.by_bot}
        return list(written)

    # --- failures ---

    def lose_answers(self, method: str, share: float) -> None:
        """Of this share of its calls, after they were carried out."""
        chance = random.Random(share)

        def judge(called: str, _: dict[str, Any]) -> Fault | None:
            lost = called == method and chance.random() < share
            return Fault(carried_out=True) if lost else None

        self.judge = judge

    # --- limits ---

    def take_turn(self, method: str, place: str, tier: str) -> float:
        """0, or the seconds after which this method may be called again."""
        if not self.generosity:
            return 0.0
        most = max(1, int(TIERS[tier] * self.generosity))
        calls, now = self._calls[method, place], self.now()
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= most:
            return calls[0] + 60 - now
        calls.append(now)
        return 0.0

    def end_stream_in_time(self, message: Message) -> None:
        """Slack closes a stream after a while, however busy it is."""
        if message.streaming and self.now() - message.started >= STREAM_LIFE:
            message.streaming = False

    # --- waiting ---

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not fulfilled():
                await self._changed.wait()


Arguments = dict[str, Any]
Answer = dict[str, Any]
Method = Callable[[SlackState, Arguments], Answer]
