"""One thread of Discord: a thread, a direct message, or a channel where there can be no thread."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import discord
from discord import ui

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

from .layout import LIMITS, Layout, render, render_opening, render_sentence, texts
from .rest import BlockedByAutoMod, Refused, Rest, ThreadAsleep, TooLarge, TooOld

PLATFORM = "discord"
# Observed of Discord: five edits in five seconds of a channel, fifty requests a second of a bot.
PACE, _EDITS_A_SECOND = 1.2, 40.0
_STREAMING_FOR = 10.0
_COMPONENT_IDS = 2**31 - 1_000
_BLOCKED = (
    "This server's AutoMod blocks what I would write here. An admin can make an exception for me "
    "in its rules."
)
_TOO_LARGE = "That file is larger than this server allows."


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
    rest: Rest
    traffic: Traffic
    name: Callable[[ThreadKey, str], None]
    without_files: Callable[[ThreadKey], str]
    limits: Limits = LIMITS

    @property
    def pace(self) -> float:
        return self.traffic.pace

    def render(self, page: Page) -> Payload:
        # The message that a thread hangs under is not in it, and cannot be replied to there.
        replies = page.number == 0 and page.to != self.key.thread
        return {"layout": render(page, page.to if replies else "")}

    def opening(self, reply: Reply) -> Opening | None:
        """The message with the thread's own id, unless it is a person's."""
        if not reply.opens or reply.to or self.key.channel == self.key.thread:
            return None
        known = any(isinstance(block, VideoCard) for block in reply.blocks)
        shown = {"layout": render_opening(reply)} if known or not reply.live else None
        left = tuple(block for block in reply.blocks if not isinstance(block, VideoCard))
        rest = replace(reply, blocks=left)
        return Opening(self.key.thread, shown, rest, says_all=reply.live and _only_begun(left))

    async def post(self, payload: Payload, nonce: str) -> str:
        """What cannot stand there is told there instead."""
        layout = _layout(payload)
        why = self.without_files(self.key) if layout.files else ""
        if why:
            return await self._post(render_sentence(why, to=layout.to), nonce)
        try:
            return await self._post(layout, nonce)
        except BlockedByAutoMod:
            return await self._post(render_sentence(_BLOCKED, to=layout.to), nonce)
        except TooLarge:
            return await self._post(render_sentence(_TOO_LARGE, to=layout.to), nonce)

    async def _post(self, layout: Layout, nonce: str) -> str:
        """Discord knows a nonce for some minutes, and answers with the message that has it: that
        one is brought up to date. Later it is told by the id of its first component."""
        layout.children[0].id = _mark(nonce)
        posted = await self.rest.post(self.key.thread, layout, nonce)
        if texts(ui.LayoutView.from_message(posted)) != texts(layout):
            await self._edit(self.key.thread, str(posted.id), layout)
        return str(posted.id)

    async def edit(self, place: str, payload: Payload) -> None:
        hangs = place == self.key.thread and self.key.channel != place
        self.traffic.edited(place)
        await self._edit(self.key.channel if hangs else self.key.thread, place, _layout(payload))

    async def remove(self, place: str) -> None:
        async def delete(client: discord.Client) -> None:
            thread = client.get_partial_messageable(int(self.key.thread))
            await thread.get_partial_message(int(place)).delete()

        try:
            await self.rest.ask(delete)
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        mark = _mark(nonce)
        for message in await self.rest.history(self.key.thread):
            if message.components and getattr(message.components[0], "id", None) == mark:
                return str(message.id)
        return None

    async def entitle(self, title: str) -> None:
        self.name(self.key, title)

    async def _edit(self, channel: str, place: str, layout: Layout) -> None:
        try:
            await self.rest.edit(channel, place, layout)
        except BlockedByAutoMod:
            await self.rest.edit(channel, place, render_sentence(_BLOCKED))
        except ThreadAsleep:
            await self._wake(channel)
            await self.rest.edit(channel, place, layout)
        except TooOld:
            # The one that is posted in its place is not to be the second.
            if place != self.key.thread:
                await self.remove(place)
            raise

    async def _wake(self, thread: str) -> None:
        """Whoever writes in a thread takes it out of the archive; whoever edits does not."""
        try:
            await self.rest.edit_thread(thread, archived=False)
        except Refused as refusal:
            raise PageGone from refusal


def _layout(payload: Payload) -> Layout:
    return cast("Layout", payload["layout"])


def _only_begun(blocks: Sequence[Block]) -> bool:
    """Neither a text yet nor a place in the line."""
    return all(
        isinstance(block, Actions) or (isinstance(block, Progress) and not block.position)
        for block in blocks
    )


def _mark(nonce: str) -> int:
    """In the range of Discord's ids of components, above those that it gives by itself."""
    digest = hashlib.blake2b(nonce.encode(), digest_size=8).digest()
    return 1_000 + int.from_bytes(digest) % _COMPONENT_IDS
