"""The messages of a reply, each posted once and edited to its end."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress

from vidthread.surface import (
    PageGone,
    Payload,
    Surface,
    SurfaceUnreachable,
)
from youtube_analysis.logging import get_logger

from .presenter import Presenter

_log = get_logger(__name__)


class PageMessage:
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

    async def revise(self, payload: Payload) -> None:
        """Shows another final state; nothing happens where the message was deleted."""
        self._wanted = payload
        if self._place:
            with suppress(PageGone):
                await self._presenter.insist(self._edited)

    async def _edit(self) -> None:
        """Edits the message until it shows what is wanted."""
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


class OpeningMessage(PageMessage):
    """The message that a thread hangs under: it stands there already, and is never posted anew."""

    def __init__(self, presenter: Presenter, surface: Surface, reply: str, place: str) -> None:
        super().__init__(presenter, surface, reply, number=-1)
        self._place = place

    def _gone(self) -> None:
        _log.info("opening message gone", reply=self._reply)
        self._shown = self._wanted
