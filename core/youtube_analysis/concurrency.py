"""Off the event loop and back: work in threads, tasks that are watched, ends that are kept."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakSet

from .errors import Interrupted
from .logging import get_logger
from .metrics import Metrics

_log = get_logger(__name__)
Result = TypeVar("Result")
Given = TypeVarTuple("Given")
Work = Callable[[], Coroutine[Any, Any, None]]
# Seconds that a thread waits for more to do, before it ends.
_LONGEST_IDLE = 10.0
# Seconds between the tries of supervised work.
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0


def favor_loop() -> None:
    """For a process that serves: a thread that computes gives way to the loop within a
    millisecond, and the search for garbage, which stops everything, is rarer and leaves out what
    the start has made."""
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 100)


_lanes: WeakSet[Lane] = WeakSet()


class Lane:
    """A queue in front of a few threads, which begin when needed and end when long idle.

    They are daemons: nothing that they do keeps a program from ending.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        self._name = f"vidthread-lane-{name}"
        self._most = threads
        self.forget()
        _lanes.add(self)

    def forget(self) -> None:
        """Begins without threads and steps, as a forked child does: it has none of its parent's."""
        self._changed = threading.Condition()
        self._steps: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._workers: set[_Worker] = set()
        self._idle = 0

    def submit(self, step: Callable[[], Result]) -> Future[Result]:
        """A step that is cancelled before its turn never begins; one that has begun is finished.

        Raises Interrupted where there is no thread and Python starts none any more: it is ending,
        from 3.12 on as soon as the main thread has.
        """
        answer: Future[Result] = Future()
        with self._changed:
            if self._idle <= len(self._steps) and len(self._workers) < self._most:
                worker = _Worker(self, self._name)
                try:
                    worker.start()
                    self._workers.add(worker)
                except RuntimeError as error:
                    if not self._workers:
                        raise Interrupted from error
            self._steps.append((answer, step))
            self._changed.notify()
        return answer

    def take(self, worker: _Worker) -> tuple[Future[Any], Callable[[], Any]] | None:
        """The next step; None where the thread is to end."""
        with self._changed:
            if not self._steps and not worker.dismissed:
                self._idle += 1
                self._changed.wait(_LONGEST_IDLE)
                self._idle -= 1
            if self._steps:
                return self._steps.popleft()
            self._workers.discard(worker)
            return None

    def dismiss(self) -> set[_Worker]:
        """Idle threads end now, the others when the queue is empty."""
        with self._changed:
            for worker in self._workers:
                worker.dismissed = True
            self._changed.notify_all()
            return self._workers.copy()

    def close(self) -> None:
        """Waits for all that is queued, and for the end of the threads. A later step begins new
        ones."""
        for worker in self.dismiss():
            worker.join()


class _Worker(threading.Thread):
    def __init__(self, lane: Lane, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.lane = lane
        self.dismissed = False

    def run(self) -> None:
        while job := self.lane.take(self):
            complete_future(*job)
            del job  # it may be long until the next one


def _forget_threads() -> None:
    for lane in _lanes:
        lane.forget()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_forget_threads)


def complete_future(answer: Future[Result], step: Callable[[], Result]) -> None:
    """Takes the step that somebody waits for, unless nobody does any more."""
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(step())
    except BaseException as error:  # noqa: BLE001 - it belongs to who waits for the answer
        answer.set_exception(error)
    finally:
        del answer, step  # or the error's traceback would keep both


# Python runs one thread at a time: a second one that computes gains nothing and makes the event
# loop stutter. So each lane that computes has one thread.
SHORT = Lane("short")
"""Computing that is over in a moment, such as what stands before an answer."""
LONG = Lane("long")
"""Computing that takes seconds. It delays nobody but other long work: between the two lanes, the
interpreter changes thread every few milliseconds."""
BLOCKING = Lane("blocking", 8)
"""What waits for a disk or an import, or computes outside of the interpreter, as zlib does."""
# An hour of talk has 60,000 characters, and is divided in a fifth of a second.
_LONG = 250_000


def lane_for(characters: int) -> Lane:
    """For work that grows with a text of this length."""
    return LONG if characters > _LONG else SHORT


async def offload(
    function: Callable[[*Given], Result], /, *args: *Given, lane: Lane = SHORT
) -> Result:
    """Runs the function in a thread, in turn with what else is in its lane.

    Who gives up takes back what has not begun; what has begun is finished without them.
    """
    return await asyncio.wrap_future(lane.submit(partial(function, *args)))


def wait_for_lanes(longest: float) -> None:
    """Until what is under way in a thread has ended: a Python that ends in the middle of an import
    does so with another exit status."""
    deadline = time.monotonic() + longest
    for thread in threading.enumerate():
        if isinstance(thread, _Worker):
            thread.lane.dismiss()
            thread.join(max(0.0, deadline - time.monotonic()))


# The event loop itself does not keep a task from being collected as garbage.
_spawned: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
    """A task whose failure is nobody's unless somebody awaits it: work that is done ahead."""
    task = asyncio.create_task(work, name=name)
    _spawned.add(task)
    task.add_done_callback(_spawned.discard)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return task


@asynccontextmanager
async def running(
    *works: Coroutine[Any, Any, Result],
) -> AsyncIterator[list[asyncio.Task[Result]]]:
    """Tasks that end with the block."""
    tasks = [spawn(work, "within a block") for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def close_with_loop(close: Callable[[], Awaitable[None]]) -> object:
    """Has `close` awaited on the running loop when that shuts down in order (asyncio.run does).

    So a script that never closes what it used ends without a warning. Keep what is returned for
    as long as `close` may be needed.
    """

    async def hold() -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await close()

    holder = hold()
    # Its first step makes it known to the loop, which closes every open generator at its end.
    try:
        holder.__anext__().send(None)
    except StopIteration:
        return holder
    raise RuntimeError("a step without a wait did not end")


class Supervisor:
    """Work behind the requests: named, counted, begun again when it fails, ended in order.

    Belongs to the loop on which it is first used, and ends with it.
    """

    def __init__(self, metrics: Metrics | None = None, *, first_wait: float = _FIRST_WAIT) -> None:
        self.metrics = metrics or Metrics()
        self._first_wait = first_wait
        # In the order in which they were begun.
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._kept: dict[str, asyncio.Task[None]] = {}
        self._held: object = None

    def running(self) -> dict[str, int]:
        """How many tasks of each name are under way."""
        return dict(Counter(self._tasks.copy().values()))

    def keep(self, name: str, work: Work) -> None:
        """Work without an end of its own, of which there is one; it is there already if `name`
        is. When it fails it is begun again, after a wait that doubles."""
        known = self._kept.get(name)
        if known is None or known.done():
            self._kept[name] = self.once(name, self._insist(name, work))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Work with an end; who begins it need not wait for that."""
        if self._held is None:
            self._held = close_with_loop(self.close)
        task = asyncio.create_task(work, name=name)
        self._tasks[task] = name
        self.metrics.tasks.labels(name).inc()
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Ends everything, what was begun last first. May be called twice."""
        for task in reversed(list(self._tasks)):
            task.cancel()
            await asyncio.wait([task])

    async def _insist(self, name: str, work: Work) -> None:
        wait = self._first_wait
        while True:
            try:
                return await work()
            except Exception as error:  # noqa: BLE001 - a bug in it must not end it for good
                _log_failure(name, error)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
            self.metrics.task_restarts.inc()

    def _ended(self, task: asyncio.Task[None]) -> None:
        name = self._tasks.pop(task)
        self.metrics.tasks.labels(name).dec()
        if not task.cancelled() and (error := task.exception()):
            _log_failure(name, error)


def _log_failure(name: str, error: BaseException) -> None:
    _log.error("background work failed", task=name, error=repr(error), exc_info=error)
