"""What is opened on an event loop ends with it."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

Result = TypeVar("Result")
Given = ParamSpec("Given")


def favor_loop() -> None:
    """For a process that serves: a thread that computes gives way to the loop within a
    millisecond, and the search for garbage, which stops everything, is rarer and leaves out what
    the start has made."""
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 100)


def running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def begin(work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
    """A task whose failure is nobody's unless somebody awaits it: work that is done ahead."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return task


# Python runs one thread at a time: a second one that computes makes the loop stutter, and gains
# nothing.
_AT_ONCE = 1
_turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
    weakref.WeakKeyDictionary()
)


async def beside(
    work: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """Computes in a thread beside the running loop, in turn with everything else that does.

    Who gives up does not end what was begun, and the next one waits for its end.
    """
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    await turns.acquire()
    computing = begin(asyncio.to_thread(work, *args, **kwargs), "compute")
    computing.add_done_callback(lambda _: turns.release())
    return await asyncio.shield(computing)


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


class Threads(ThreadPoolExecutor):
    """Works to the very end of a program.

    Its base takes no more work once the main thread has ended, although other threads may still
    wait for theirs, and lets Python's end wait for all that it has. A loop's default executor
    must be of that kind, so this is one by name; all that it does is here.
    """

    def __init__(self, most: int, name: str) -> None:
        super().__init__(most, name)
        self._most = most
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        # How many threads have nothing to do.
        self._idle = threading.Semaphore(0)
        self._guard = threading.Lock()
        self._workers: list[threading.Thread] = []
        self._under_way: set[Future[Any]] = set()
        self._open = True
        # Forgotten without an end, its threads end too; not at Python's end, when they still work.
        weakref.finalize(self, self._jobs.put, None).atexit = False

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        answer: Future[Result] = Future()
        with self._guard:
            if not self._open:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if not self._idle.acquire(blocking=False) and len(self._workers) < self._most:
                self._add_worker()
            self._under_way.add(answer)
            self._jobs.put((answer, partial(fn, *args, **kwargs)))
        answer.add_done_callback(self._under_way.discard)
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """May be called twice. What was begun is always finished."""
        with self._guard:
            self._open = False
        if cancel_futures:
            self._cancel_waiting()
        self._jobs.put(None)
        if wait:
            for worker in self._workers:
                worker.join()

    def wait(self, longest: float) -> None:
        """Until what is under way now has ended, whether anybody still wants it or not."""
        wait(self._under_way.copy(), longest)

    def _add_worker(self) -> None:
        name = f"{self._name}-{len(self._workers)}"
        # It must not hold on to this object, which would then never be forgotten.
        worker = threading.Thread(
            target=_work, args=(self._jobs, self._idle), name=name, daemon=True
        )
        worker.start()
        self._workers.append(worker)

    def _cancel_waiting(self) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return
            if job:
                job[0].cancel()


def settle(answer: Future[Result], step: Callable[[], Result]) -> None:
    """Takes the step that somebody waits for, unless nobody does any more."""
    if answer.set_running_or_notify_cancel():
        with _Raised(answer):
            answer.set_result(step())


_Job = tuple[Future[Any], Callable[[], Any]]


def _work(jobs: SimpleQueue[_Job | None], idle: threading.Semaphore) -> None:
    while job := jobs.get():
        answer, step = job
        settle(answer, step)
        del job, answer, step  # or an idle thread would keep what the last one was given
        idle.release()
    jobs.put(None)  # the next thread ends too


class _Raised:
    """Whatever is raised here belongs to who waits for the answer."""

    def __init__(self, answer: Future[Any]) -> None:
        self._answer = answer

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if error:
            self._answer.set_exception(error)
        return True
