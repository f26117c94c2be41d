"""An event loop in a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import Any, Generic, Protocol, Self, TypeVar

from .concurrency import complete_future, spawn, wait_for_lanes
from .errors import Interrupted, InvalidRequest

Result = TypeVar("Result")
Make = Callable[[], Coroutine[Any, Any, Result]]
# How long the end of a program, and that of an interrupted call, waits for what does not end.
_LONGEST_END, _LONGEST_INTERRUPTION = 5.0, 10.0


class _Refused(Interrupted):
    """The loop takes no more calls."""


class BackgroundLoop:
    """Coroutines run there, the caller waits here. So Ctrl-C always strikes the waiting caller,
    never the loop in the middle of its own work. Use it as a context manager, or `stop` it."""

    def __init__(self) -> None:
        self._begun: Future[asyncio.AbstractEventLoop] = Future()
        self.over: Future[None] = Future()
        self._lock = threading.Lock()
        self._end = asyncio.Event()
        self.is_ending = False
        self.thread = threading.Thread(target=self._begin, name="vidthread-loop", daemon=True)
        try:
            self.thread.start()
        except RuntimeError as error:  # a Python that is ending starts no more threads
            raise Interrupted from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def takes_calls(self) -> bool:
        return self.thread.is_alive() and not self.is_ending

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._begun.result()

    def run(self, make: Make[Result]) -> Result:
        """What the coroutine returns or raises; Interrupted where the loop ends before it. A wait
        that is interrupted cancels it. Raises InvalidRequest on the loop's own thread."""
        if threading.current_thread() is self.thread:
            raise InvalidRequest("That would wait for itself: await the workflow instead.")
        loop, answer = self.loop, Future[Result]()
        begun: list[asyncio.Task[Result]] = []

        def begin() -> None:
            # On the loop, where Ctrl-C never strikes: no coroutine is made that is not run.
            begun.append(loop.create_task(make(), name="call"))
            begun[0].add_done_callback(partial(_pass_on, answer))

        with self._lock:
            if self.is_ending:
                raise _Refused
            loop.call_soon_threadsafe(begin)
        try:
            return answer.result()
        finally:
            if not answer.done():
                with suppress(RuntimeError):  # the loop has ended this moment
                    loop.call_soon_threadsafe(lambda: [task.cancel() for task in begun])
                wait([answer], _LONGEST_INTERRUPTION)
                wait_for_lanes(_LONGEST_INTERRUPTION)

    def ask_end(self) -> None:
        """What still runs is cancelled. May be called at any time, from any thread."""
        with self._lock:
            if not self.is_ending:
                self.is_ending = True
                self.loop.call_soon_threadsafe(self._end.set)

    def stop(self, longest: float | None = None) -> None:
        """Waits for the end, at most so many seconds where that is given."""
        self.ask_end()
        self.thread.join(longest)

    def _begin(self) -> None:
        # Made in its own thread, where Ctrl-C leaves no loop half made.
        complete_future(self._begun, asyncio.new_event_loop)
        if self._begun.exception():  # no file is left to open
            self.is_ending = True
        else:
            self._run(self.loop)
        self.over.set_result(None)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """As asyncio.Runner, which for the end of its executor needs one thread more, and a
        Python that is ending starts none."""
        executor = ThreadPoolExecutor(thread_name_prefix="vidthread-step")
        loop.set_default_executor(executor)  # for the libraries that use it
        serving = loop.create_task(self._serve())
        try:
            while not serving.done():
                # A listener that leaves the program means its caller, who is told so.
                with suppress(SystemExit, KeyboardInterrupt):
                    loop.run_until_complete(serving)
        finally:
            wait_for_lanes(_LONGEST_END)
            executor.shutdown()
            loop.close()

    async def _serve(self) -> None:
        await self._end.wait()
        # Again for those that tasks of theirs began meanwhile.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others)
        await asyncio.get_running_loop().shutdown_asyncgens()
        await asyncio.sleep(0)
        # A generator that is collected meanwhile closes in a task of its own.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


def _pass_on(answer: Future[Result], task: asyncio.Task[Result]) -> None:
    if task.cancelled():
        answer.set_exception(Interrupted())
    else:
        complete_future(answer, task.result)


class _SharedLoop:
    """The one loop of all blocking calls of a process; begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._every: list[BackgroundLoop] = []  # the last one takes calls, the others are ending
        self._is_over = False

    def begun(self) -> BackgroundLoop:
        with self._lock:
            if self._is_over:
                raise Interrupted
            # The thread of a loop that was begun before a fork runs in the parent alone.
            if not self._every or not self._every[-1].takes_calls:
                self._every.append(BackgroundLoop())
            current = self._every[-1]
            # Made before anybody asks for its end: a call that waits for it is under way already.
            _ = current.loop
            return current

    def ask_end(self) -> list[BackgroundLoop]:
        """Those that are ending. The next call begins a new one."""
        with self._lock:
            self._every = [loop for loop in self._every if loop.thread.is_alive()]
            for loop in self._every:
                loop.ask_end()
            return self._every.copy()

    def end(self) -> None:
        """Ends everything in order, so that Python has nothing to warn of."""
        with suppress(KeyboardInterrupt):  # who cannot wait
            self._is_over = True
            for loop in self.ask_end():
                loop.stop(_LONGEST_END)


_shared = _SharedLoop()
# As early as can be: what a program registers after its imports still finds a loop.
atexit.register(_shared.end)


def run_blocking(make: Make[Result]) -> Result:
    """Runs a coroutine on the one background loop and waits for it in this thread.

    Raises Interrupted where everything is closed meanwhile, or Python itself ends.
    """
    while True:
        with suppress(_Refused):  # it was given up this moment: the next one takes the call
            return _shared.begun().run(make)


async def end_background_loops() -> None:
    """Later calls of `run_blocking` begin a new loop; the one of now ends first."""
    for loop in _shared.ask_end():
        # A wait that is given up must not cancel what others wait for as well.
        await asyncio.wait([asyncio.wrap_future(loop.over)])
        loop.thread.join()


class Closable(Protocol):
    async def close(self) -> None: ...


Value = TypeVar("Value", bound=Closable)


class PerLoop(Generic[Value]):
    """One value for each event loop. Code without a loop shares the background loop's.

    All that a value opens closes with its loop by itself.
    """

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[asyncio.AbstractEventLoop, Value] = {}

    def get(self) -> Value:
        """Raises Interrupted where there is no loop, and Python ends."""
        loop = _running_loop() or _shared.begun().loop
        with self._lock:
            if loop not in self._made:
                self._forget_ended()
                self._made[loop] = self._make()
            return self._made[loop]

    def values(self) -> list[Value]:
        """Those of loops that have not ended."""
        with self._lock:
            self._forget_ended()
            return list(self._made.values())

    async def close(self) -> None:
        """Closes each on its own loop: one that stands still does so when it runs again."""
        with self._lock:
            made, self._made = self._made, {}
        for loop, value in made.items():
            if loop is _running_loop():
                await value.close()
            else:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(_spawn_close, value)

    def _forget_ended(self) -> None:
        for loop in [loop for loop in self._made if loop.is_closed()]:
            del self._made[loop]


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _spawn_close(value: Closable) -> None:
    spawn(value.close(), "close with the others")
