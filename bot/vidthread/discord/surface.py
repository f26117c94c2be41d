"""One thread of Discord: a thread, a direct message, or a channel where there can be no thread."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from vidthread.surface import (
    Actions,
    Block,
    Limits,
    Opening,
    Page,
    PageGone,
    Payload,
    Progress,
    Reply,
    VideoCard,
)
from vidthread.thread_key import ThreadKey

from .refusals import BlockedByAutoMod, Refused, ThreadAsleep, TooLarge, TooOld
from .rendering import LIMITS, render, render_opening, render_sentence, texts_of

PLATFORM = "discord"
JSON = dict[str, Any]
# Observed of Discord: five edits in five seconds of a channel, fifty requests a second of a bot.
PACE, _EDITS_A_SECOND = 1.2, 40.0
_STREAMING_FOR = 10.0
_V2 = 1 << 15
_COMPONENT_IDS = 2**31 - 1_000
_BLOCKED = (
    "This server's AutoMod blocks what I would write here. An admin can make an exception for me "
    "in its rules."
)
_TOO_LARGE = "That file is larger than this server allows."


class Messages(Protocol):
    """What a surface needs of the wire; what it raises is a SurfaceError."""

    async def post(self, channel: str, body: Mapping[str, Any]) -> JSON: ...

    async def edit(self, channel: str, message: str, body: Mapping[str, Any]) -> JSON: ...

    async def delete(self, channel: str, message: str) -> None: ...

    async def history(self, channel: str) -> list[JSON]: ...

    async def wake(self, thread: str) -> None: ...


@dataclass(slots=True)
class Traffic:
    """How many messages grow at once: they share what one bot may ask in a second. `slowest` is
    the pace of one that grows alone, in seconds."""

    slowest: float = PACE
    clock: Callable[[], float] = time.monotonic
    _edited: dict[str, float] = field(default_factory=dict)

    def edited(self, message: str) -> None:
        self._edited[message] = self.clock()

    @property
    def pace(self) -> float:
        recent = self.clock() - _STREAMING_FOR
        self._edited = {place: at for place, at in self._edited.items() if at > recent}
        return max(self.slowest, len(self._edited) / _EDITS_A_SECOND)


@dataclass(frozen=True, slots=True)
class DiscordSurface:
    """`name` gives the thread its name, where it is ours to name; `without_files` tells why no
    file can be sent there, if none can."""

    key: ThreadKey
    messages: Messages
    traffic: Traffic
    name: Callable[[ThreadKey, str], None]
    without_files: Callable[[ThreadKey], str]
    limits: Limits = LIMITS

    @property
    def pace(self) -> float:
        return self.traffic.pace

    def render(self, page: Page) -> Payload:
        payload = dict(render(page))
        # The message that a thread hangs under is not in it, and cannot be replied to there.
        if page.number == 0 and page.to not in {"", self.key.thread}:
            payload["message_reference"] = {"message_id": page.to, "fail_if_not_exists": False}
        return payload

    def opening(self, reply: Reply) -> Opening | None:
        """The message with the thread's own id, unless it is a person's."""
        if not reply.opens or reply.to or self.key.channel == self.key.thread:
            return None
        known = any(isinstance(block, VideoCard) for block in reply.blocks)
        shown = render_opening(reply) if known or not reply.live else None
        left = tuple(block for block in reply.blocks if not isinstance(block, VideoCard))
        rest = replace(reply, blocks=left)
        return Opening(self.key.thread, shown, rest, says_all=reply.live and _only_begun(left))

    async def post(self, payload: Payload, nonce: str) -> str:
        """What cannot stand there is told there instead."""
        why = self.without_files(self.key) if payload["files"] else ""
        if why:
            return await self._post(_instead(payload, why), nonce)
        try:
            return await self._post(payload, nonce)
        except BlockedByAutoMod:
            return await self._post(_instead(payload, _BLOCKED), nonce)
        except TooLarge:
            return await self._post(_instead(payload, _TOO_LARGE), nonce)

    async def _post(self, payload: Payload, nonce: str) -> str:
        """Discord knows a nonce for some minutes, and answers with the message that has it: that
        one is brought up to date. Later it is told by the id of its first component."""
        body = marked(payload, nonce) | {"nonce": nonce, "enforce_nonce": True}
        posted = await self.messages.post(self.key.thread, body)
        place = str(posted["id"])
        if texts_of(posted.get("components") or ()) != texts_of(body["components"]):
            await self._edit(self.key.thread, place, marked(payload, nonce))
        return place

    async def edit(self, place: str, payload: Payload) -> None:
        hangs = place == self.key.thread and self.key.channel != place
        self.traffic.edited(place)
        await self._edit(self.key.channel if hangs else self.key.thread, place, payload)

    async def remove(self, place: str) -> None:
        try:
            await self.messages.delete(self.key.thread, place)
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        mark = _mark(nonce)
        for message in await self.messages.history(self.key.thread):
            components = message.get("components") or []
            if components and components[0].get("id") == mark:
                return str(message["id"])
        return None

    async def entitle(self, title: str) -> None:
        self.name(self.key, title)

    async def _edit(self, channel: str, place: str, payload: Payload) -> None:
        left_out = {"message_reference", "files"}
        body = {name: value for name, value in payload.items() if name not in left_out}
        body["flags"] = _V2
        try:
            await self.messages.edit(channel, place, body)
        except BlockedByAutoMod:
            told = render_sentence(_BLOCKED)["components"]
            await self.messages.edit(channel, place, body | {"components": told})
        except ThreadAsleep:
            await self._wake(channel)
            await self.messages.edit(channel, place, body)
        except TooOld:
            # The one that is posted in its place is not to be the second.
            if place != self.key.thread:
                await self.remove(place)
            raise

    async def _wake(self, thread: str) -> None:
        """Whoever writes in a thread takes it out of the archive; whoever edits does not."""
        try:
            await self.messages.wake(thread)
        except Refused as refusal:
            raise PageGone from refusal


def _only_begun(blocks: Sequence[Block]) -> bool:
    """Neither a text yet nor a place in the line."""
    return all(
        isinstance(block, Actions) or (isinstance(block, Progress) and not block.position)
        for block in blocks
    )


def _instead(payload: Payload, sentence: str) -> JSON:
    """In the same place."""
    kept = {name: payload[name] for name in payload if name == "message_reference"}
    return render_sentence(sentence) | kept


def marked(payload: Payload, nonce: str) -> JSON:
    """With the nonce in the id of the first component, which Discord keeps."""
    components: Any = payload["components"]
    first, *others = components
    return {**payload, "components": [{**first, "id": _mark(nonce)}, *others]}


def _mark(nonce: str) -> int:
    """In the range of Discord's ids of components, above those that it gives by itself."""
    digest = hashlib.blake2b(nonce.encode(), digest_size=8).digest()
    return 1_000 + int.from_bytes(digest) % _COMPONENT_IDS
