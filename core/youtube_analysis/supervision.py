"""Work behind the requests: named, counted, begun again when it fails, ended in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from .event_loops import close_with_loop
from .logging import get_logger

_log = get_logger(__name__)
Work = Callable[[], Coroutine[Any, Any, None]]
_LONGEST_WAIT = 60.0


class Supervisor:
    """Belongs to the loop on which it is first used, and ends with it."""

    def __init__(self, *, first_wait: float = 0.5) -> None:
        self._first_wait = first_wait
        # In the order in which they were begun.
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._kept: set[str] = set()
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._failures: Counter[str] = Counter()
        self._held: object = None
        self.restarts = 0
        """How often work was begun again after it had failed."""

    def running(self) -> dict[str, int]:
        """How many tasks of each name are under way."""
        return dict(Counter(self._tasks.copy().values()))

    def keep(self, name: str, work: Work) -> None:
        """Work without an end of its own, of which there is one; it is there already if `name`
        is. When it fails it is begun again, after a wait that doubles."""
        if name in self._kept:
            return
        self._kept.add(name)
        task = self._begin(name, work())
        task.add_done_callback(lambda ended: self._after(name, work, ended))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Work with an end; who begins it need not wait for that."""
        task = self._begin(name, work)
        task.add_done_callback(lambda ended: self._tell(name, ended))
        return task

    async def close(self) -> None:
        """Ends everything, what was begun last first. May be called twice."""
        for handle in self._waiting.values():
            handle.cancel()
        self._waiting.clear()
        self._kept.clear()
        for task in reversed(list(self._tasks)):
            task.cancel()
            await asyncio.wait([task])

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._held is None:
            self._held = close_with_loop(self.close)
        task = asyncio.create_task(work, name=name)
        self._tasks[task] = name
        task.add_done_callback(lambda ended: self._tasks.pop(ended, None))
        return task

    def _after(self, name: str, work: Work, task: asyncio.Task[None]) -> None:
        failed, closed = self._tell(name, task), name not in self._kept
        self._kept.discard(name)
        if closed or not failed:
            self._failures.pop(name, None)
            return
        wait = min(self._first_wait * 2.0 ** self._failures[name], _LONGEST_WAIT)
        self._failures[name] += 1
        self._kept.add(name)
        loop = asyncio.get_running_loop()
        self._waiting[name] = loop.call_later(wait, self._again, name, work)

    def _again(self, name: str, work: Work) -> None:
        del self._waiting[name]
        self._kept.discard(name)
        self.restarts += 1
        self.keep(name, work)

    def _tell(self, name: str, task: asyncio.Task[None]) -> bool:
        """Whether it failed."""
        error = None if task.cancelled() else task.exception()
        if error:
            _log.error("background work failed", task=name, error=repr(error), exc_info=error)
        return error is not None
