"""An event loop in a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Generic, Protocol, Self, TypeVar

from .concurrency import PerProcess, running_loop, spawn, wait_for_lanes
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
        self._is_ending = False
        self._end = asyncio.Event()
        self.thread = threading.Thread(target=self._begin, name="vidthread-loop", daemon=True)
        try:
            self.thread.start()
            self.loop = self._begun.result()
        except RuntimeError as error:  # a Python that is ending starts no more threads
            raise Interrupted from error
        except KeyboardInterrupt:
            self._begun.add_done_callback(self._end_unused)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, make: Make[Result]) -> Result:
        """What the coroutine returns or raises; Interrupted where the loop ends before it. A wait
        that is interrupted cancels it. Raises InvalidRequest on the loop's own thread."""
        if threading.current_thread() is self.thread:
            raise InvalidRequest("That would wait for itself: await the workflow instead.")
        answer: Future[Result] = Future()
        begun: list[asyncio.Task[Result]] = []

        def begin() -> None:
            # On the loop, where Ctrl-C never strikes: no coroutine is made that is not run.
            begun.append(self.loop.create_task(make(), name="call"))
            begun[0].add_done_callback(partial(_pass_on, answer))

        with self._lock:
            if self._is_ending:
                raise _Refused
            self.loop.call_soon_threadsafe(begin)
        try:
            return answer.result()
        finally:
            if not answer.done():
                with suppress(RuntimeError):  # the loop has ended this moment
                    self.loop.call_soon_threadsafe(lambda: [task.cancel() for task in begun])
                wait([answer], _LONGEST_INTERRUPTION)
                wait_for_lanes(_LONGEST_INTERRUPTION)

    def ask_end(self) -> None:
        """What still runs is cancelled. May be called at any time, from any thread."""
        with self._lock:
            if not self._is_ending:
                self._is_ending = True
                self.loop.call_soon_threadsafe(self._end.set)

    def stop(self, longest: float | None = None) -> None:
        """Waits for the end, at most so many seconds where that is given."""
        self.ask_end()
        self.thread.join(longest)

    async def stopped(self) -> None:
        """As `stop`, for who is on another loop."""
        self.ask_end()
        # A wait that is given up must not cancel what others wait for as well.
        await asyncio.wait([asyncio.wrap_future(self.over)])
        self.thread.join()

    def _end_unused(self, begun: Future[asyncio.AbstractEventLoop]) -> None:
        if not begun.exception():
            self.ask_end()

    def _begin(self) -> None:
        """Makes the loop in its own thread, where Ctrl-C does not leave one half made."""
        try:
            loop = asyncio.new_event_loop()
        except OSError as error:  # no file is left to open
            self._begun.set_exception(error)
        else:
            self.loop = loop
            self._begun.set_result(loop)
            self._run()

    def _run(self) -> None:
        """As asyncio.Runner, which for the end of its executor needs one thread more, and a
        Python that is ending starts none."""
        executor = ThreadPoolExecutor(thread_name_prefix="vidthread-step")
        self.loop.set_default_executor(executor)  # for the libraries that use it
        serving = self.loop.create_task(self._serve())
        try:
            while not serving.done():
                # A listener that leaves the program means its caller, who is told so.
                with suppress(SystemExit, KeyboardInterrupt):
                    self.loop.run_until_complete(serving)
            self.loop.run_until_complete(self._close_generators())
        finally:
            wait_for_lanes(_LONGEST_END)
            executor.shutdown()
            self.loop.close()
            self.over.set_result(None)

    async def _serve(self) -> None:
        await self._end.wait()
        # Again for those that tasks of theirs began meanwhile.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others)

    async def _close_generators(self) -> None:
        await self.loop.shutdown_asyncgens()
        await asyncio.sleep(0)
        # A generator that is collected meanwhile closes in a task of its own.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


def _pass_on(answer: Future[Result], task: asyncio.Task[Result]) -> None:
    if task.cancelled():
        answer.set_exception(Interrupted())
    elif error := task.exception():
        answer.set_exception(error)
    else:
        answer.set_result(task.result())


class _SharedLoop:
    """The one loop of all blocking calls of a process; begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[BackgroundLoop] = []
        self._is_over = False
        self.current: BackgroundLoop | None = None

    def begun(self) -> BackgroundLoop:
        with self._lock:
            if self._is_over:
                raise Interrupted
            if self.current is None:
                self.current = BackgroundLoop()
                self._all.append(self.current)
            return self.current

    def give_up(self) -> list[BackgroundLoop]:
        """All loops that are to end. The next call begins a new one."""
        with self._lock:
            self.current = None
            self._all = [loop for loop in self._all if loop.thread.is_alive()]
            return self._all.copy()

    def end(self) -> None:
        """Ends everything in order, so that Python has nothing to warn of."""
        with suppress(KeyboardInterrupt):  # who cannot wait
            self._is_over = True
            for loop in self.give_up():
                loop.stop(_LONGEST_END)


_shared = PerProcess(_SharedLoop)
# As early as can be: what a program registers after its imports still finds a loop.
atexit.register(lambda: _shared().end())


def run_blocking(make: Make[Result]) -> Result:
    """Runs a coroutine on the one background loop and waits for it in this thread.

    Raises Interrupted where everything is closed meanwhile, or Python itself ends.
    """
    while True:
        with suppress(_Refused):  # it was given up this moment: the next one takes the call
            return _shared().begun().run(make)


@asynccontextmanager
async def ending_background_loop() -> AsyncIterator[None]:
    """Later calls of `run_blocking` begin a new loop. The one of now ends first; where it is the
    running one, it ends after the context, as soon as the caller waits for anything."""
    here = asyncio.get_running_loop()
    loops = _shared().give_up()
    try:
        for loop in loops:
            if loop.loop is not here:
                await loop.stopped()
        yield
    finally:
        for loop in loops:
            loop.ask_end()


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
        self._made: dict[asyncio.AbstractEventLoop | None, Value] = {}

    def get(self) -> Value:
        current = _shared().current
        background = current.loop if current else None
        loop = running_loop() or background
        with self._lock:
            if loop is background and None in self._made:
                # Given out while there was no background loop.
                self._made[loop] = self._made.pop(None)
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
            if loop is None or loop is running_loop():
                await value.close()
            else:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(_spawn_close, value)

    def _forget_ended(self) -> None:
        for loop in [loop for loop in self._made if loop and loop.is_closed()]:
            del self._made[loop]


def _spawn_close(value: Closable) -> None:
    spawn(value.close(), "close with the others")
