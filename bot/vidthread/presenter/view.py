"""One reply on its surface, from its first state to its last."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from dataclasses import replace

from vidthread.pages import divide
from vidthread.replies import away
from vidthread.surface import (
    Answer,
    Notice,
    Opening,
    Reply,
    Section,
    Surface,
    VideoCard,
)
from youtube_analysis.logging import get_logger

from .message import OpeningMessage, PageMessage
from .presenter import Presenter

_log = get_logger(__name__)
# A first text that is shorter than this many characters waits so many seconds for more.
READABLE, _HELD = 24, 0.2


class View:
    """One reply on its surface, which may stand there already: each `show` says what it should
    look like now. Close it.

    Only the latest counts, and the last is always delivered. What is shown keeps the surface's
    pace, but the first text, which breaks it once. Each message has an editor of its own, so that
    one which is rate limited stalls no other.
    """

    def __init__(self, presenter: Presenter, surface: Surface, reply: str) -> None:
        self._presenter = presenter
        self._surface = surface
        self._key = reply
        self._wanted: Reply | None = None
        self._news = asyncio.Event()
        self._urgent = asyncio.Event()
        self._speaks = False
        self._messages: list[PageMessage] = []
        self._opening: OpeningMessage | None = None
        self._task: asyncio.Task[None] | None = None
        self._editors: asyncio.TaskGroup | None = None
        self.context = copy_context()
        presenter.live.add(self)

    def show(self, reply: Reply) -> None:
        """Raises what `delivered` would where nothing can be shown any more, so that nobody goes
        on making what nobody sees."""
        if self._task and self._task.done():
            self._task.result()
        self._wanted = reply
        self._news.set()
        if not reply.live or (_spoken(reply) and not self._speaks):
            self._urgent.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"show {self._key}")

    async def delivered(self) -> None:
        """Waits until the last reply, which is not live, stands there. Raises ThreadGone, or
        SurfaceUnreachable after a long time."""
        if self._task:
            await asyncio.shield(self._task)

    def wait_for_database(self) -> None:
        """Until the next `show`, the last message says what it waits for: an edit needs no
        database, though another message does."""
        reply, limits = self._wanted, self._surface.limits
        runs = self._task and not (self._task.done() or self._task.cancelling())
        if reply and reply.live and self._messages and self._editors and runs:
            room = replace(limits, characters=limits.characters - limits.measure(away()))
            page = divide(reply, room)[: len(self._messages)][-1]
            payload = self._surface.render(replace(page, blocks=(*page.blocks, away())))
            self._messages[page.number].want(payload, self._editors)

    async def report_loss(self, notice: Notice) -> None:
        """Where nothing can be shown in the thread any more: tells so in the message that it hangs
        under, if it hangs under one of ours."""
        if self._wanted is None:
            return
        known = tuple(block for block in self._wanted.blocks if isinstance(block, VideoCard))
        opening = self._surface.opening(replace(self._wanted, blocks=(*known, notice), live=False))
        if opening and opening.payload:
            await self._surface.edit(opening.place, opening.payload)

    async def revise(self, reply: Reply) -> None:
        """Shows another end of a finished reply in the message where it stands, and nowhere else.
        Raises SurfaceError."""
        await self._restore()
        if opening := self._surface.opening(reply):
            reply = opening.rest
        pages = divide(reply, self._surface.limits)
        for message in self._messages[len(pages) :]:
            await message.remove()
        for page, message in zip(pages[-1:], self._messages[len(pages) - 1 :], strict=False):
            await message.revise(self._surface.render(page))

    async def remove(self) -> None:
        """Takes away what stands there, where nothing is shown meanwhile."""
        await self._restore()
        for message in reversed(self._messages):
            await message.remove()

    async def aclose(self) -> None:
        """Leaves what stands there as it is."""
        self._presenter.live.discard(self)
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as editors:
                self._editors = editors
                await self._restore()
                while True:
                    await self._news.wait()
                    await self._hold_first_text()
                    self._news.clear()
                    reply = self._wanted
                    if reply is None:
                        continue
                    await self._show_pages(reply, editors)
                    if not reply.live and reply is self._wanted:
                        return  # the group waits for the editors
                    if self._messages:
                        await self._wait_for_pace(self._surface.pace)
        except ExceptionGroup as failed:
            # The first tells why; editors that fail together fail for one reason.
            raise failed.exceptions[0] from None

    async def _restore(self) -> None:
        """What was posted before a restart, and what may have been."""
        outbox, key = self._presenter.outbox, self._surface.key
        for page in await self._presenter.insist(lambda: outbox.pages(key, self._key)):
            message = self._message(page.number)
            await message.restore(page.nonce, page.place)
            self._messages.append(message)

    async def _hold_first_text(self) -> None:
        """Holds the first text until there is enough of it to read."""
        if self._speaks or not _spoken(self._wanted):
            return
        self._speaks = True
        due = self._presenter.clock() + _HELD
        while (left := due - self._presenter.clock()) > 0 and _is_short(self._wanted):
            self._news.clear()
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                break
        if self._wanted and self._wanted.live:
            self._urgent.clear()

    async def _show_pages(self, reply: Reply, editors: asyncio.TaskGroup) -> None:
        if opening := self._surface.opening(reply):
            self._open(opening, editors)
            if opening.says_all and not self._messages:
                return
            reply = opening.rest
        pages = divide(reply, self._surface.limits)
        for page in pages:
            payload = self._surface.render(page)
            if page.number < len(self._messages):
                self._messages[page.number].want(payload, editors)
                continue
            message = self._message(page.number)
            await message.post(payload)
            self._messages.append(message)
        for message in reversed(self._messages[len(pages) :]):
            await message.remove()
        del self._messages[len(pages) :]

    def _open(self, opening: Opening, editors: asyncio.TaskGroup) -> None:
        if opening.payload is None:
            return
        if self._opening is None:
            self._opening = OpeningMessage(self._presenter, self._surface, self._key, opening.place)
        self._opening.want(opening.payload, editors)

    def _message(self, number: int) -> PageMessage:
        return PageMessage(self._presenter, self._surface, self._key, number)

    async def _wait_for_pace(self, seconds: float) -> None:
        """Nothing is rendered more often than it may be shown, but neither the end nor the first
        text is kept waiting."""
        try:
            async with asyncio.timeout(seconds):
                await self._urgent.wait()
        except TimeoutError:
            return


def _spoken(reply: Reply | None) -> int:
    """Characters of what the model has written."""
    blocks = reply.blocks if reply else ()
    return sum(len(block.text) for block in blocks if isinstance(block, Answer | Section))


def _is_short(reply: Reply | None) -> bool:
    return reply is not None and reply.live and _spoken(reply) < READABLE
