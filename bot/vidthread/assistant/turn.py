"""One event on its way to its reply, and the order of turns in a thread."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from vidthread.commands import Command
from vidthread.store import WorkspaceSettings, reply_key
from vidthread.surface import Incoming, Reply, Surface, Transport
from vidthread.thread_key import ThreadKey


class Stopped(Exception):
    """A person wanted no more of this."""


@dataclass(slots=True)
class Turn:
    """`row` is its row in the ledger; `stored` the final reply, where a crash came after it was
    made and before it was seen to stand there. `afterwards` looks at it once more when it stands,
    and makes another if that changes it."""

    row: int
    incoming: Incoming
    command: Command
    surface: Surface
    transport: Transport
    stored: Reply | None = None
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    afterwards: Callable[[], Awaitable[Reply | None]] | None = None
    _stopped: bool = False
    _work: asyncio.Task[None] | None = None

    @property
    def key(self) -> ThreadKey:
        return self.surface.key

    @property
    def reply(self) -> str:
        return reply_key(self.row)

    @property
    def reference(self) -> str:
        """Told to people when something fails, and bound to every line of the log meanwhile."""
        named = repr((self.key, self.row))
        return hashlib.blake2b(named.encode(), digest_size=4).hexdigest()

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


Serve = Callable[[Turn], Awaitable[None]]


@dataclass(slots=True)
class _Lane:
    waiting: deque[Turn] = field(default_factory=deque)
    current: Turn | None = None
    task: asyncio.Task[None] | None = None


class Lanes:
    """In each thread one turn at a time, in the order in which they came."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._lanes: dict[ThreadKey, _Lane] = {}

    def enter(self, turn: Turn) -> None:
        lane = self._lanes.get(turn.key)
        if lane is None:
            lane = self._lanes[turn.key] = _Lane()
            lane.task = asyncio.create_task(self._run(turn.key, lane), name=f"thread {turn.key}")
        lane.waiting.append(turn)

    def stop(self, key: ThreadKey) -> bool:
        """Ends what runs in a thread; False where nothing does."""
        lane = self._lanes.get(key)
        if lane is None or lane.current is None:
            return False
        lane.current.stop()
        return True

    def busy(self, key: ThreadKey) -> bool:
        return key in self._lanes

    async def idle(self, key: ThreadKey) -> None:
        """Waits for the end of all turns of a thread."""
        lane = self._lanes.get(key)
        if lane and lane.task:
            await asyncio.wait([lane.task])

    def __len__(self) -> int:
        return len(self._lanes)

    async def drain(self, longest: float) -> None:
        """What runs may end within so many seconds; what waits does not begin any more."""
        for lane in self._lanes.values():
            lane.waiting.clear()
        if tasks := [lane.task for lane in self._lanes.values() if lane.task]:
            await asyncio.wait(tasks, timeout=longest)

    async def clear(self, key: ThreadKey) -> None:
        """Stops what runs in a thread, and nothing that waits there begins."""
        if lane := self._lanes.get(key):
            lane.waiting.clear()
            self.stop(key)
            await self.idle(key)

    async def clear_workspace(self, place: ThreadKey) -> None:
        """As `clear`, for all threads of the workspace that a place is in."""
        where = (place.platform, place.workspace)
        for key in [key for key in self._lanes if (key.platform, key.workspace) == where]:
            await self.clear(key)

    async def close(self) -> None:
        """Leaves everything where it is: what is unfinished is taken up at the next start."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, key: ThreadKey, lane: _Lane) -> None:
        try:
            while lane.waiting:
                lane.current = lane.waiting.popleft()
                await self._serve(lane.current)
                lane.current = None
        finally:
            del self._lanes[key]
