"""Work that is done once, however many want what it makes: a run whose log each listener reads at
their own pace, and a value that is kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from .concurrency import Lane, lane_for, offload, spawn
from .errors import Interrupted, Unexpected, VideoAnalysisError
from .logging import get_logger
from .passages.transcript import Transcript

_log = get_logger(__name__)
Entry = TypeVar("Entry")
Result = TypeVar("Result")
Work = Callable[[Callable[[Entry], None]], Awaitable[None]]
# For the next sections and questions; of an hour of talk, such things hold about 1 MB.
_KEPT_TALKS = 16
_PASSAGE = 250  # characters, about


class SharedRuns(Generic[Entry]):
    """Runs under way, by what they make. Belongs to one event loop."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Run[Entry]] = {}
        # Those that nobody listens to any more and that have not ended yet, too.
        self._tasks: set[asyncio.Future[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._under_way)

    async def follow(self, key: Hashable, work: Work[Entry]) -> AsyncGenerator[Entry]:
        """Everything that the run with this key writes, from its beginning; the first step of
        this starts one if there is none.

        Whoever stops listening detaches; when the last one does, the run is cancelled. Raises
        what the run raised, each listener an instance of its own: Unexpected for a bug, and
        Interrupted after `close`.
        """
        if self._closed:
            raise Interrupted
        run = self._under_way.get(key) or self._start(key, work)
        run.listeners += 1
        try:
            heard = 0
            while heard < len(run.log) or not run.task.done():
                if heard == len(run.log):
                    await run.news.wait()
                else:
                    heard += 1
                    yield run.log[heard - 1]
            run.raise_failure()
        finally:
            run.listeners -= 1
            if not run.listeners and not run.task.done():
                # Whoever asks from now on gets a run that is not about to end.
                self._forget(key, run)
                run.task.cancel()

    async def close(self) -> None:
        """Ends every run; its listeners are told that it was interrupted, as is whoever comes
        later."""
        self._closed = True
        for run in self._under_way.values():
            run.task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, key: Hashable, work: Work[Entry]) -> _Run[Entry]:
        run = self._under_way[key] = _Run(work)
        self._tasks.add(run.task)
        run.task.add_done_callback(self._tasks.discard)
        run.task.add_done_callback(lambda _: self._forget(key, run))
        return run

    def _forget(self, key: Hashable, run: _Run[Entry]) -> None:
        if self._under_way.get(key) is run:
            del self._under_way[key]


class _Run(Generic[Entry]):
    def __init__(self, work: Work[Entry]) -> None:
        self.log: list[Entry] = []
        self.news = asyncio.Event()
        self.listeners = 0
        self.task = asyncio.ensure_future(work(self._write))
        self.task.add_done_callback(self._end)

    def _write(self, entry: Entry) -> None:
        self.log.append(entry)
        self._wake()

    def _end(self, task: asyncio.Future[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, VideoAnalysisError):
            _log.error("a shared run failed", error=repr(error), exc_info=error)
        self._wake()

    def _wake(self) -> None:
        """Listeners wait for the next news, not for the last."""
        self.news.set()
        self.news = asyncio.Event()

    def raise_failure(self) -> None:
        if self.task.cancelled():
            raise Interrupted
        if error := self.task.exception():
            if isinstance(error, VideoAnalysisError):
                raise error.copy()
            raise Unexpected from error


class Once(Generic[Result]):
    """A value made by a task of its own when first wanted, and anew after a failure. Who stops
    waiting leaves it to the others. Belongs to one event loop."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> None:
        self._make = make
        self.task: asyncio.Task[Result] | None = None

    @property
    def is_made(self) -> bool:
        task = self.task
        return bool(task and task.done() and not task.cancelled() and not task.exception())

    def start(self) -> asyncio.Task[Result]:
        """Under way or done; whoever awaits it meets any error."""
        task = self.task
        if task is None or (task.done() and not self.is_made):
            task = self.task = spawn(self._make(), "make once")
        return task

    async def get(self) -> Result:
        return await asyncio.shield(self.start())


class TalkMemo(Generic[Result]):
    """An LRU memo, by fingerprint, of what is computed from a talk beside the event loop."""

    def __init__(self, make: Callable[[Transcript], Result], most: int = _KEPT_TALKS) -> None:
        self._make = make
        self._most = most
        self._made: OrderedDict[str, Once[Result]] = OrderedDict()

    def start(self, reading: Transcript) -> Once[Result]:
        once = self._made.pop(reading.fingerprint, None)
        if once is None:
            once = Once(lambda: offload(self._make, reading, lane=lane_of(reading)))
        self._made[reading.fingerprint] = once
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        once.start()
        return once

    async def get(self, reading: Transcript) -> Result:
        return await self.start(reading).get()


def lane_of(reading: Transcript) -> Lane:
    """For work that grows with the talk."""
    return lane_for(len(reading.passages) * _PASSAGE)
