"""One thread of Discord: a thread, a direct message, or a channel where there can be no thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import discord
from discord import ui

from vidthread.presenter import SharedPace
from vidthread.sentences import say
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
from youtube_analysis.checking.literal import printable
from youtube_analysis.patterns import Pattern

from .layout import LIMITS, Layout, length, render, render_opening, render_sentence, texts
from .places import no_files
from .rest import (
    BlockedByAutoMod,
    DiscordRest,
    PlaceRefused,
    ThreadAsleep,
    TooLarge,
    TooOld,
)

# Of the fifty requests a second that Discord allows a bot: half is for what begins, and for names.
_EDITS_A_SECOND = 25.0
_COMPONENT_IDS = 2**31 - 1_000
_LONGEST_NAME = 100
_CHARACTER = Pattern(r"\X")


@dataclass(frozen=True, slots=True)
class DiscordSurface:
    key: ThreadKey
    rest: DiscordRest
    shared_pace: SharedPace
    limits: Limits = LIMITS

    @property
    def pace(self) -> float:
        return self.shared_pace.seconds(_EDITS_A_SECOND)

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
        layout = layout_of(payload)
        why = self._no_files() if layout.files else ""
        if why:
            return await self._post(render_sentence(why, to=layout.to), nonce)
        try:
            return await self._post(layout, nonce)
        except BlockedByAutoMod:
            return await self._post(render_sentence(say("refused.automod"), to=layout.to), nonce)
        except TooLarge:
            return await self._post(render_sentence(say("refused.large_file"), to=layout.to), nonce)

    async def edit(self, place: str, payload: Payload) -> None:
        layout = layout_of(payload)
        hangs = place == self.key.thread and self.key.channel != place
        self.shared_pace.note(place, grows=layout.grows)
        await self._edit(self.key.channel if hangs else self.key.thread, place, layout)

    async def remove(self, place: str) -> None:
        async def delete(client: discord.Client) -> None:
            thread = client.get_partial_messageable(int(self.key.thread))
            await thread.get_partial_message(int(place)).delete()

        try:
            await self.rest.ask(delete)
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        mark = mark_of(nonce)
        for message in await self.rest.history(self.key.thread):
            if message.components and getattr(message.components[0], "id", None) == mark:
                return str(message.id)
        return None

    async def entitle(self, title: str) -> None:
        """A thread has its name from the beginning."""

    async def _post(self, layout: Layout, nonce: str) -> str:
        """Discord knows a nonce for some minutes, and answers with the message that has it: that
        one is brought up to date. Later it is told by the id of its first component."""
        layout.children[0].id = mark_of(nonce)
        posted = await self.rest.post(self.key.thread, layout, nonce)
        if texts(ui.LayoutView.from_message(posted)) != texts(layout):
            await self._edit(self.key.thread, str(posted.id), layout)
        return str(posted.id)

    async def _edit(self, channel: str, place: str, layout: Layout) -> None:
        try:
            await self.rest.edit(channel, place, layout)
        except BlockedByAutoMod:
            await self.rest.edit(channel, place, render_sentence(say("refused.automod")))
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
        except PlaceRefused as refusal:
            raise PageGone from refusal

    def _no_files(self) -> str:
        """Why no file can be sent there, as far as the client knows."""
        known = self.rest.client.get_channel
        return no_files(known(int(self.key.thread)) or known(int(self.key.channel)))


def thread_name(title: str) -> str:
    """On one line, never cut in the middle of what is one character to the eye."""
    name = ""
    for character in _CHARACTER.findall(" ".join(printable(title).split())):
        if length(name) + length(character) > _LONGEST_NAME:
            break
        name += character
    return name.strip() or say("card.untitled")


def layout_of(payload: Payload) -> Layout:
    return cast("Layout", payload["layout"])


def _only_begun(blocks: Sequence[Block]) -> bool:
    """Neither a text yet nor a wait that is worth a word."""
    return all(
        isinstance(block, Actions) or (isinstance(block, Progress) and block.position is None)
        for block in blocks
    )


def mark_of(nonce: str) -> int:
    """In the range of Discord's ids of components, above those that it gives by itself."""
    digest = hashlib.blake2b(nonce.encode(), digest_size=8).digest()
    return 1_000 + int.from_bytes(digest) % _COMPONENT_IDS
