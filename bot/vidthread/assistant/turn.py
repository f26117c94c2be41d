"""One event on its way to its reply."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from structlog.contextvars import bound_contextvars

from vidthread.commands import Command, Help
from vidthread.store import WorkspaceSettings, reply_key
from vidthread.surface import Incoming, Reply, Surface
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from youtube_analysis.models.style import Style
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.upstream import bound_tenant


class Stopped(Exception):
    """A person pressed or wrote Stop."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The thread that an event led to, and whether it was there before for the same video."""

    key: ThreadKey
    existing: bool


@dataclass(slots=True, eq=False)
class Turn:
    """An event that will be answered. `row` is its row in the ledger, and `key` the thread that it
    leads to, without a thread until one is open. `known` tells whether we talk in that thread
    already, `is_retry` whether it does once more what was wanted before. `lost_model` is the one
    that the admins chose where the host lists it no longer. `reading` is the video where it was
    read before the thread was opened. `stored` is the final reply once it is made; `age` in seconds
    is None for what was heard just now, not resumed. `afterwards` looks at the reply once more when
    it stands, and makes another if that changes it."""

    row: int
    incoming: Incoming
    transport: Transport
    key: ThreadKey
    known: bool = False
    is_retry: bool = False
    reading: Transcript | None = None
    stored: Reply | None = None
    age: float | None = None
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    lost_model: str = ""
    afterwards: Callable[[], Awaitable[Reply | None]] | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _surface: Surface | None = None
    _stopped: bool = False
    _work: asyncio.Task[None] | None = None

    @property
    def command(self) -> Command:
        return self.incoming.command or Help()

    @property
    def style(self) -> Style:
        """What the admins chose for the channel."""
        return self.settings.style(self.key.channel)

    @property
    def surface(self) -> Surface:
        """One for the whole turn: it may remember what it showed."""
        if self._surface is None:
            self._surface = self.transport.surface_for(self.key, self.incoming.ticket)
        return self._surface

    def leads_to(self, surface: Surface) -> None:
        self._surface, self.key = surface, surface.key

    @property
    def reply(self) -> str:
        return reply_key(self.row)

    @property
    def reference(self) -> str:
        """Told to people when something fails, and bound to every line of the log meanwhile."""
        named = repr((self.key, self.row))
        return hashlib.blake2b(named.encode(), digest_size=4).hexdigest()

    @contextmanager
    def bound(self) -> Iterator[None]:
        """What is done meanwhile counts for its workspace, and its lines of the log name it."""
        key = self.key
        tenant = f"{key.platform}:{key.workspace}"
        named = {"request": self.reference, "tenant": tenant, "channel": key.channel}
        with bound_tenant(tenant), bound_contextvars(**named, thread=key.thread):
            yield

    def stop(self) -> None:
        self._stopped = True
        if self._work:
            self._work.cancel()

    async def stoppable(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work. Raises Stopped if `stop` came in between."""
        self._work = asyncio.create_task(work, name=f"work of {self.reply}")
        if self._stopped:
            self._work.cancel()
        try:
            await asyncio.wait([self._work])
        except asyncio.CancelledError:
            self._work.cancel()
            await asyncio.wait([self._work])
            raise
        if self._work.cancelled():
            raise Stopped
        self._work.result()
