"""An event loop in a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from typing import Any, Generic, Self, TypeVar

from .errors import Interrupted
from .event_loops import Threads
from .service_factory import adopt_loop, close_service_factories, forget_service_factories

Result = TypeVar("Result")
Make = Callable[[], Coroutine[Any, Any, Result]]
# How long the end of a program, and that of an interrupted call, waits for what does not end.
_LONGEST_END, _LONGEST_INTERRUPTION = 5.0, 10.0
# For steps beside the loop; Python runs one thread at a time, so more would gain nothing.
_MOST_THREADS = 8


class BackgroundLoop:
    """Coroutines run there, the caller waits here. So Ctrl-C always strikes the waiting caller,
    never the loop in the middle of its own work. Use it as a context manager."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="vidthread-loop", daemon=True)
        self._threads = Threads(_MOST_THREADS, "vidthread-step")
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._ending = asyncio.Event()
        self._must_end = False
        self._over: Future[None] = Future()
        self.loop: asyncio.AbstractEventLoop | None = None
        # A forked child neither uses the parent's connections nor may it close them. Python never
        # frees the frames of threads that are not there in the child, and they hold this object.
        self.left: object = None

    def __enter__(self) -> Self:
        try:
            self._thread.start()
            self._started.wait()
        finally:
            # Where Ctrl-C strikes here, nobody is left who would end the loop.
            if not self._started.is_set():
                self.ask_end()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the loop; what still runs on it is cancelled."""
        self.stop()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns or raises; Interrupted where the loop ended before it.

        A wait that is interrupted cancels it.
        """
        call = _Call(lambda: work)
        try:
            return call.result(self.begin)
        finally:
            if call.home is None:
                work.close()

    def begin(self, call: _Call[Any]) -> None:
        """Whatever is begun also ends: a loop that is to end takes nothing more."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("this blocks the background loop itself: await the workflow instead")
        with self._lock:
            if self.loop is None:
                raise RuntimeError("the loop is not running: use `with BackgroundLoop() as loop`")
            if self._must_end:
                raise Interrupted
            call.home = self
            self.loop.call_soon_threadsafe(call.begin)

    def cancel(self, call: _Call[Any]) -> None:
        """Waits for its end, and for what its steps still do in threads: Python ends with another
        exit code after Ctrl-C while something is being imported."""
        if self.loop:
            with suppress(RuntimeError):  # the loop has ended this moment, and the call before it
                self.loop.call_soon_threadsafe(call.cancel)
            wait([call.answer], _LONGEST_INTERRUPTION)
            self._threads.wait(_LONGEST_INTERRUPTION)

    def ask_end(self) -> None:
        """May be called at any time, from any thread."""
        with self._lock, suppress(RuntimeError):  # it has ended
            self._must_end = True
            if self.loop:
                self.loop.call_soon_threadsafe(self._ending.set)

    def stop(self, longest: float | None = None) -> None:
        """Waits for the end, at most so many seconds where that is given."""
        self.ask_end()
        if self.alive:
            self._thread.join(longest)

    async def ended(self) -> None:
        """As `stop`, for who is on another loop."""
        self.ask_end()
        if self.alive:
            # A wait that is given up must not cancel what others wait for as well.
            await asyncio.wait([asyncio.wrap_future(self._over)])
            self._thread.join()

    def _run(self) -> None:
        """As asyncio.Runner, which for the end of its executor needs one thread more, and a
        Python that is ending gives none."""
        loop = asyncio.new_event_loop()
        loop.set_default_executor(self._threads)
        try:
            serving = loop.create_task(self._serve())
            while not serving.done():
                # A listener that leaves the program means its caller, who is told so.
                with suppress(SystemExit, KeyboardInterrupt):
                    loop.run_until_complete(serving)
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            self._threads.shutdown()
            loop.close()
            self._over.set_result(None)

    async def _serve(self) -> None:
        with self._lock:
            self.loop = asyncio.get_running_loop()
            if self._must_end:
                return
        self._started.set()
        await self._ending.wait()
        # Again for those that threads of theirs began meanwhile.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others)


class _Call(Generic[Result]):
    """A coroutine on the loop, and the answer that its caller waits for in another thread."""

    def __init__(self, make: Make[Result]) -> None:
        self.answer: Future[Result] = Future()
        self.home: BackgroundLoop | None = None
        self._make = make
        self._task: asyncio.Task[Result] | None = None

    def result(self, begin: Callable[[_Call[Result]], None]) -> Result:
        try:
            begin(self)
            return self.answer.result()
        finally:
            if self.home and not self.answer.done():
                self.home.cancel(self)

    def begin(self) -> None:
        """On the loop, where Ctrl-C never strikes: no coroutine is made that is not run."""
        self._task = asyncio.get_running_loop().create_task(self._make(), name="call")
        self._task.add_done_callback(self._finish)

    def cancel(self) -> None:
        if self._task:
            self._task.cancel()

    def _finish(self, task: asyncio.Task[Result]) -> None:
        if task.cancelled():
            self.answer.set_exception(Interrupted())
        elif error := task.exception():
            self.answer.set_exception(error)
        else:
            self.answer.set_result(task.result())


class _SharedLoop:
    """The one loop of all blocking calls of a process; begins with the first of them.

    A call is begun under the same lock as the loop is given up: it either runs on a loop that
    lives until the call has ended, or begins a new one.
    """

    def __init__(self) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._current: BackgroundLoop | None = None
        self._ending: list[BackgroundLoop] = []
        self._closed = False

    def begin(self, call: _Call[Any]) -> None:
        with self._lock:
            self._begun().begin(call)

    def give_up(self) -> list[BackgroundLoop]:
        """All loops that are to end. The next call begins a new one."""
        with self._lock:
            self._drop()
            self._ending = [loop for loop in self._ending if loop.alive]
            return self._ending.copy()

    def at_exit(self) -> None:
        """Ends everything in order, so that Python has nothing to warn of."""
        with suppress(KeyboardInterrupt):  # who cannot wait
            self._closed = True
            for loop in self.give_up():
                loop.stop(_LONGEST_END)

    def forget(self) -> None:
        """In a forked child, where none of the parent's threads is."""
        left = forget_service_factories()
        for loop in (self._current, *self._ending):
            if loop:
                loop.left = left
        self._begin_anew()

    def _begun(self) -> BackgroundLoop:
        if self._closed:
            raise Interrupted
        if self._current is None:
            with ExitStack() as interrupted:
                interrupted.callback(self._drop)
                self._current = BackgroundLoop()
                adopt_loop(self._current.__enter__().loop)
                interrupted.pop_all()
        return self._current

    def _drop(self) -> None:
        if self._current:
            adopt_loop(None)
            self._ending.append(self._current)
            self._current = None


_shared = _SharedLoop()
# As early as can be: what a program registers after its imports still finds a loop.
atexit.register(_shared.at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.forget)


def run_blocking(make: Make[Result]) -> Result:
    """Runs a coroutine on the one background loop and waits for it in this thread.

    Raises Interrupted where everything is closed meanwhile, or Python itself ends.
    """
    try:
        return _Call(make).result(_shared.begin)
    except (RuntimeError, ExceptionGroup) as error:
        # A Python that is ending gives no more threads.
        if threading.main_thread().is_alive():
            raise
        raise Interrupted from error


async def close_all() -> None:
    """Ends the background loop and closes every service factory on its own loop.

    May be called twice, at once too; a later `run_blocking` begins anew. On the background loop
    itself, that ends as soon as the caller waits for anything.
    """
    here = asyncio.get_running_loop()
    ending = _shared.give_up()
    own = [loop for loop in ending if loop.loop is here]
    others = [loop for loop in ending if loop.loop is not here]
    try:
        for loop in others:
            loop.ask_end()
        for loop in others:
            await loop.ended()
        await close_service_factories(but=here if own else None)
    finally:
        for loop in own:
            loop.ask_end()
