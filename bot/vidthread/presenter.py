"""The only implementation of showing a reply: divide, render, compare with what stands there, pace.

A post is made exactly once: its intent is written down before, its place after. Whoever comes
back from a crash looks for what an open intent may have left.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from youtube_analysis.logging import get_logger

from .pages import divide
from .store import Outbox
from .surface import (
    Notice,
    Opening,
    PageGone,
    Payload,
    RateLimited,
    Reply,
    Surface,
    SurfaceUnreachable,
    VideoCard,
)

_log = get_logger(__name__)
Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
# A platform that is gone for longer is asked again at the next start.
PATIENCE = 900.0


class Presenter:
    def __init__(
        self,
        outbox: Outbox,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.outbox = outbox
        self.sleep = sleep
        self.clock = clock
        self.rng = rng

    def view(self, surface: Surface, reply: str) -> View:
        """The reply with this key, which may stand there already. Close it."""
        return View(self, surface, reply)

    async def insist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Does what is asked of a platform, however often it takes. Raises what is final, and
        SurfaceUnreachable when PATIENCE is at its end."""
        began, tries = self.clock(), 0
        while True:
            try:
                return await work()
            except RateLimited as limited:
                await self.sleep(limited.retry_after)
            except SurfaceUnreachable:
                if self.clock() - began > PATIENCE:
                    raise
                await self.sleep(self.wait(tries))
                tries += 1

    def wait(self, tries: int) -> float:
        """Doubling, a quarter up or down by chance; seconds."""
        backoff: float = min(_FIRST_WAIT * 2.0**tries, _LONGEST_WAIT)
        return backoff * (0.75 + 0.5 * self.rng())


class View:
    """One reply on its surface: each `show` says what it should look like now.

    Only the latest counts, and the last is always delivered. Each message has an editor of its
    own, so that one which is rate limited stalls no other.
    """

    def __init__(self, presenter: Presenter, surface: Surface, reply: str) -> None:
        self._presenter = presenter
        self._surface = surface
        self._key = reply
        self._wanted: Reply | None = None
        self._news = asyncio.Event()
        self._final = asyncio.Event()
        self._messages: list[_Message] = []
        self._opening: _Opening | None = None
        self._task: asyncio.Task[None] | None = None

    def show(self, reply: Reply) -> None:
        """Raises what `delivered` would where nothing can be shown any more, so that nobody goes
        on making what nobody sees."""
        if self._task and self._task.done():
            self._task.result()
        self._wanted = reply
        self._news.set()
        if not reply.live:
            self._final.set()
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name=f"show {self._key}")

    async def delivered(self) -> None:
        """Waits until the last reply, which is not live, stands there. Raises ThreadGone, or
        SurfaceUnreachable after a long time."""
        if self._task:
            await asyncio.shield(self._task)

    async def lose(self, notice: Notice) -> None:
        """Where nothing can be shown in the thread any more: tells so in the message that it hangs
        under, if it hangs under one of ours."""
        if self._wanted is None:
            return
        known = tuple(block for block in self._wanted.blocks if isinstance(block, VideoCard))
        opening = self._surface.opening(replace(self._wanted, blocks=(*known, notice), live=False))
        if opening and opening.payload:
            await self._surface.edit(opening.place, opening.payload)

    async def close(self) -> None:
        """Leaves what stands there as it is."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()

    async def _keep(self) -> None:
        try:
            async with asyncio.TaskGroup() as editors:
                await self._recall()
                while True:
                    await self._news.wait()
                    self._news.clear()
                    reply = self._wanted
                    if reply is None:
                        continue
                    await self._place(reply, editors)
                    if not reply.live and reply is self._wanted:
                        return  # the group waits for the editors
                    if self._messages:
                        await self._rest(self._surface.pace)
        except ExceptionGroup as failed:
            # The first tells why; editors that fail together fail for one reason.
            raise failed.exceptions[0] from None

    async def _recall(self) -> None:
        """What was posted before a restart, and what may have been."""
        for page in await self._presenter.outbox.pages(self._surface.key, self._key):
            message = self._message(page.number)
            await message.recall(page.nonce, page.place)
            self._messages.append(message)

    async def _place(self, reply: Reply, editors: asyncio.TaskGroup) -> None:
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
            self._opening = _Opening(
                self._presenter, self._surface, self._key, self._rest, opening.place
            )
        self._opening.want(opening.payload, editors)

    def _message(self, number: int) -> _Message:
        return _Message(self._presenter, self._surface, self._key, self._rest, number)

    async def _rest(self, seconds: float) -> None:
        """Nothing is rendered more often than it may be shown, but the end is not kept waiting."""
        try:
            async with asyncio.timeout(seconds):
                await self._final.wait()
        except TimeoutError:
            return


class _Message:
    """One message of a reply, and its editor while there is something to edit. `rest` waits so
    many seconds, or until the reply ends."""

    def __init__(
        self, presenter: Presenter, surface: Surface, reply: str, rest: Sleep, number: int
    ) -> None:
        self._presenter = presenter
        self._surface = surface
        self._reply = reply
        self._rest = rest
        self._number = number
        self._place = ""
        self._tries = 0
        self._wanted: Payload | None = None
        self._shown: Payload | None = None
        self._editing: asyncio.Task[None] | None = None
        self._edited_at = -1e9

    def want(self, payload: Payload, editors: asyncio.TaskGroup) -> None:
        self._wanted = payload
        idle = self._editing is None or self._editing.done()
        if idle and payload != self._shown:
            self._editing = editors.create_task(self._edit())

    async def recall(self, nonce: str, place: str | None) -> None:
        found = place or await self._presenter.insist(lambda: self._surface.find(nonce))
        if found and not place:
            await self._placed(found)
        self._place = found or ""

    async def post(self, payload: Payload) -> None:
        nonce = self._nonce()
        outbox, key = self._presenter.outbox, self._surface.key
        await outbox.intend(key, self._reply, self._number, nonce)
        await self._placed(await self._presenter.insist(lambda: self._posted(payload, nonce)))
        self._shown, self._edited_at = payload, self._presenter.clock()

    async def remove(self) -> None:
        if self._editing:
            self._editing.cancel()
        if self._place:
            await self._presenter.insist(lambda: self._surface.remove(self._place))
        await self._presenter.outbox.remove(self._surface.key, self._reply, self._number)

    async def _edit(self) -> None:
        """Until what stands there is what is wanted."""
        while (payload := self._wanted) is not None and payload != self._shown:
            if not self._place:
                await self.post(payload)
                continue
            due = self._edited_at + self._surface.pace
            await self._rest(max(0.0, due - self._presenter.clock()))
            await self._edit_once()

    async def _edit_once(self) -> None:
        try:
            # Looked up anew at each try: the latest wins.
            self._shown = await self._presenter.insist(self._edited)
        except PageGone:
            self._gone()
        self._edited_at = self._presenter.clock()

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
        key = self._surface.key
        await self._presenter.outbox.placed(key, self._reply, self._number, place)

    def _nonce(self) -> str:
        """The same for the same page, so that a platform can tell a second try."""
        named = repr((self._surface.key, self._reply, self._number, self._tries))
        return hashlib.blake2b(named.encode(), digest_size=12).hexdigest()


class _Opening(_Message):
    """The message that a thread hangs under: it stands there already, and is never posted anew."""

    def __init__(
        self, presenter: Presenter, surface: Surface, reply: str, rest: Sleep, place: str
    ) -> None:
        super().__init__(presenter, surface, reply, rest, number=-1)
        self._place = place

    def _gone(self) -> None:
        _log.info("opening message gone", reply=self._reply)
        self._shown = self._wanted
