"""The queues that order the events of each thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from vidthread.thread_key import ThreadKey

from .turn import Turn

_LAST = 1 << 64
_LONGEST_OPENING = 30.0  # seconds


@dataclass(slots=True, order=True)
class ReservedTurn:
    """A place in the queue of a thread: reserved when an event arrives, `ready` when it is filled
    or given up."""

    at: tuple[int, int]
    ready: asyncio.Event = field(default_factory=asyncio.Event, compare=False)
    turn: Turn | None = field(default=None, compare=False)


@dataclass(slots=True)
class _ThreadQueue:
    waiting: list[ReservedTurn] = field(default_factory=list)
    current: Turn | None = None
    task: asyncio.Task[None] | None = None


class ThreadQueues:
    """Serves one turn at a time in each thread, in the order in which the platform says that they
    happened, and many threads at once. What opens a thread is its first turn."""

    def __init__(self, serve: Callable[[Turn], Awaitable[None]]) -> None:
        self._serve = serve
        self._queues: dict[ThreadKey, _ThreadQueue] = {}
        self._openings: dict[asyncio.Task[object], Turn] = {}
        self._arrivals = count(1)
        self._closed = False

    def reserve(self, key: ThreadKey, happened: int) -> ReservedTurn:
        """Keeps the place of an event while it is written down: whoever comes meanwhile is served
        before it only if it happened before."""
        slot = ReservedTurn((happened or _LAST, next(self._arrivals)))
        if key.thread:
            self._queues.setdefault(key, _ThreadQueue()).waiting.append(slot)
        return slot

    def leave(self, key: ThreadKey, slot: ReservedTurn) -> None:
        """Gives a place up."""
        slot.ready.set()
        queue = self._queues.get(key)
        if queue and queue.task is None and slot in queue.waiting:
            queue.waiting.remove(slot)
            if not queue.waiting:
                del self._queues[key]

    def fill(self, slot: ReservedTurn, turn: Turn) -> None:
        """People may write in a thread before we know that it was opened for them: then they wait
        for that."""
        slot.turn = turn
        above = replace(turn.key, thread="")
        openings = [task for task, opens in self._openings.items() if opens.key == above]
        if openings and not turn.known:
            opened = asyncio.gather(*openings, return_exceptions=True)
            opened.add_done_callback(lambda _: self._ready(slot, turn.key))
        else:
            self._ready(slot, turn.key)

    def enter(self, turn: Turn, *, first: bool = False) -> None:
        """What is safe already; `first` for what opened the thread."""
        slot = self.reserve(turn.key, turn.incoming.happened)
        if first:
            slot.at = (0, 0)
        slot.turn = turn
        self._ready(slot, turn.key)

    def open(self, turn: Turn, opening: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs what leads to a thread, and waits for its end where others depend on it."""
        task = asyncio.create_task(opening, name=f"open for row {turn.row}")
        self._openings[task] = turn
        task.add_done_callback(self._openings.pop)
        return task

    async def opened_before(self, turn: Turn) -> None:
        """Waits while the same video is being opened in the same place."""
        opened = self._openings.items()
        if before := [task for task, t in opened if t.key == turn.key and t.row < turn.row]:
            await asyncio.wait(before)

    @property
    def turns(self) -> dict[int, Turn]:
        """All that waits or is under way, by the ledger's rows."""
        queues = self._queues.values()
        waiting = (slot.turn for queue in queues for slot in queue.waiting)
        turns = (*waiting, *(queue.current for queue in queues), *self._openings.values())
        return {turn.row: turn for turn in turns if turn}

    def __len__(self) -> int:
        return len(self._tasks())

    def busy(self, key: ThreadKey) -> bool:
        queue = self._queues.get(key)
        return queue is not None and queue.task is not None

    def stop(self, key: ThreadKey) -> bool:
        """Ends what runs in a thread; False where nothing does."""
        queue = self._queues.get(key)
        if queue is None or queue.current is None:
            return False
        queue.current.stop()
        return True

    async def idle(self, key: ThreadKey) -> None:
        """Waits until no thread is being opened, and all turns of this one are at their end."""
        while self._openings:
            await asyncio.wait(list(self._openings))
        queue = self._queues.get(key)
        if queue and queue.task:
            await asyncio.wait([queue.task])

    async def drop(self, turn: Turn) -> None:
        """It does not begin any more, or is at its end when this returns."""
        if queue := self._queues.get(turn.key):
            queue.waiting = [slot for slot in queue.waiting if slot.turn is not turn]
            turn.begun.set()
            if queue.current is turn:
                turn.stop()
                await turn.ended.wait()

    async def clear(self, key: ThreadKey) -> None:
        """Stops what runs in a thread, and nothing that waits there begins."""
        if queue := self._queues.get(key):
            queue.waiting.clear()
            self.stop(key)
            if queue.task:
                await asyncio.wait([queue.task])

    async def clear_workspace(self, where: ThreadKey) -> None:
        """As `clear`, for all threads of the workspace that a place is in, those that are being
        opened included; whoever is served there and asks for this goes on."""
        workspace, me = (where.platform, where.workspace), asyncio.current_task()
        opened = self._openings.items()
        openings = [t for t, turn in opened if (turn.key.platform, turn.key.workspace) == workspace]
        for opening in openings:
            self._openings[opening].stop()
        if openings:
            await asyncio.wait(openings, timeout=_LONGEST_OPENING)
        for key in [key for key in self._queues if (key.platform, key.workspace) == workspace]:
            if self._queues[key].task is me:
                self._queues[key].waiting.clear()
            else:
                await self.clear(key)

    async def drain(self, longest: float) -> None:
        """What runs may end within so many seconds; what waits does not begin any more."""
        self._closed = True
        if self._openings:
            await asyncio.wait(list(self._openings), timeout=longest)
        for queue in self._queues.values():
            queue.waiting.clear()
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=longest)

    async def close(self) -> None:
        """Leaves everything where it is: what is unfinished is taken up at the next start."""
        self._closed = True
        tasks = [*self._openings, *self._tasks()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [queue.task for queue in self._queues.values() if queue.task]

    def _ready(self, slot: ReservedTurn, key: ThreadKey) -> None:
        queue = self._queues.get(key)
        if self._closed or queue is None or slot not in queue.waiting:
            return
        slot.ready.set()
        if queue.task is None:
            queue.task = asyncio.create_task(self._run(key, queue), name=f"thread {key}")

    async def _run(self, key: ThreadKey, queue: _ThreadQueue) -> None:
        try:
            while queue.waiting:
                slot = min(queue.waiting)
                if not slot.ready.is_set():
                    await slot.ready.wait()
                    continue  # one that happened before may have come meanwhile
                queue.waiting.remove(slot)
                queue.current = slot.turn
                if queue.current:
                    queue.current.begun.set()
                    await self._serve(queue.current)
                    queue.current.ended.set()
                queue.current = None
        finally:
            del self._queues[key]
