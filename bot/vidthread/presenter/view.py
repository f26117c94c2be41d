"""One reply on its surface, from its first state to its last; and its messages, each posted once
and edited to its end."""

from __future__ import annotations

import asyncio
import hashlib
from contextvars import copy_context
from dataclasses import replace

from vidthread.pages import divide
from vidthread.replies import away
from vidthread.surface import (
    Answer,
    Notice,
    Opening,
    PageGone,
    Payload,
    Reply,
    Section,
    Surface,
    SurfaceUnreachable,
    VideoCard,
)
from youtube_analysis.logging import get_logger

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
        self._messages: list[_PageMessage] = []
        self._opening: _OpeningMessage | None = None
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
            self._opening = _OpeningMessage(
                self._presenter, self._surface, self._key, opening.place
            )
        self._opening.want(opening.payload, editors)

    def _message(self, number: int) -> _PageMessage:
        return _PageMessage(self._presenter, self._surface, self._key, number)

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


class _PageMessage:
    """One message of a reply, and its editor while there is something to edit."""

    def __init__(self, presenter: Presenter, surface: Surface, reply: str, number: int) -> None:
        self._presenter = presenter
        self._surface = surface
        self._reply = reply
        self._number = number
        self._place = ""
        self._tries = 0
        self._wanted: Payload | None = None
        self._shown: Payload | None = None
        self._editing: asyncio.Task[None] | None = None

    def want(self, payload: Payload, editors: asyncio.TaskGroup) -> None:
        self._wanted = payload
        idle = self._editing is None or self._editing.done()
        if idle and payload != self._shown:
            self._editing = editors.create_task(self._edit())

    async def restore(self, nonce: str, place: str | None) -> None:
        found = place or await self._presenter.insist(lambda: self._surface.find(nonce))
        if found and not place:
            await self._placed(found)
        self._place = found or ""

    async def post(self, payload: Payload) -> None:
        nonce, number = self._nonce(), self._number
        insist, outbox, key = self._presenter.insist, self._presenter.outbox, self._surface.key
        await insist(lambda: outbox.intend(key, self._reply, number, nonce))
        await self._placed(await insist(lambda: self._posted(payload, nonce)))
        self._shown = payload

    async def remove(self) -> None:
        if self._editing:
            self._editing.cancel()
        insist, outbox, key = self._presenter.insist, self._presenter.outbox, self._surface.key
        if self._place:
            await insist(lambda: self._surface.remove(self._place))
        await insist(lambda: outbox.remove(key, self._reply, self._number))

    async def _edit(self) -> None:
        """Until what stands there is what is wanted."""
        while (payload := self._wanted) is not None and payload != self._shown:
            if not self._place:
                await self.post(payload)
                continue
            try:
                # Looked up anew at each try: the latest wins.
                self._shown = await self._presenter.insist(self._edited)
            except PageGone:
                self._gone()

    def _gone(self) -> None:
        _log.info("message gone, posted anew", reply=self._reply, page=self._number)
        self._place, self._tries = "", self._tries + 1

    async def _edited(self) -> Payload | None:
        payload = self._wanted
        if payload is not None:
            await self._surface.edit(self._place, payload)
        return payload

    async def _posted(self, payload: Payload, nonce: str) -> str:
        """Where nobody knows whether a post was carried out, it is looked for before another."""
        try:
            return await self._surface.post(payload, nonce)
        except SurfaceUnreachable:
            if found := await self._surface.find(nonce):
                return found
            raise

    async def _placed(self, place: str) -> None:
        self._place = place
        outbox, key = self._presenter.outbox, self._surface.key
        await self._presenter.insist(lambda: outbox.placed(key, self._reply, self._number, place))

    def _nonce(self) -> str:
        """The same for the same page, so that a platform can tell a second try."""
        named = repr((self._surface.key, self._reply, self._number, self._tries))
        return hashlib.blake2b(named.encode(), digest_size=12).hexdigest()


class _OpeningMessage(_PageMessage):
    """The message that a thread hangs under: it stands there already, and is never posted anew."""

    def __init__(self, presenter: Presenter, surface: Surface, reply: str, place: str) -> None:
        super().__init__(presenter, surface, reply, number=-1)
        self._place = place

    def _gone(self) -> None:
        _log.info("opening message gone", reply=self._reply)
        self._shown = self._wanted
