"""An event loop in a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from .service_factory import adopt_loop, close_service_factories

Result = TypeVar("Result")
# How long the end of a program waits for what is still open.
_LONGEST_END = 5.0


class BackgroundLoop:
    """Coroutines run there, the caller waits here. So Ctrl-C always strikes the waiting caller,
    never the loop in the middle of its own work. Use it as a context manager."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="vidthread-loop", daemon=True)
        self._started = threading.Event()
        self._ended: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the loop; what still runs on it is cancelled."""
        self.stop()

    def stop(self, longest: float | None = None) -> None:
        """Waits for the end, at most so many seconds where that is given."""
        if self.loop and self._ended and self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(longest)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns or raises. An interrupted wait cancels it."""
        if self.loop is None or threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError(
                "the loop is not running: use `with BackgroundLoop() as loop`"
                if self.loop is None
                else "this blocks the background loop itself: await the workflow instead"
            )
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._started.set()
        await self._ended.wait()


class _SharedLoop:
    """The one loop of all blocking calls of a process; begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: BackgroundLoop | None = None

    def get(self) -> BackgroundLoop:
        with self._lock:
            if self._running is None:
                self._running = BackgroundLoop().__enter__()
                adopt_loop(self._running.loop)
                atexit.register(self.at_exit)
            return self._running

    def take(self) -> BackgroundLoop | None:
        """The loop, which is nobody's from now on."""
        with self._lock:
            running, self._running = self._running, None
            atexit.unregister(self.at_exit)
            adopt_loop(None)
        return running

    def at_exit(self) -> None:
        """Ends everything in order, so that Python has nothing to warn of."""
        if running := self.take():
            running.stop(_LONGEST_END)


_shared = _SharedLoop()


def run_blocking(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine on the one background loop and waits for it in this thread."""
    return _shared.get().run(work)


async def close_all() -> None:
    """Closes every service factory on its own loop and ends the background loop.

    May be called twice; a later `run_blocking` begins anew.
    """
    await close_service_factories()
    if running := _shared.take():
        await asyncio.to_thread(running.stop)
