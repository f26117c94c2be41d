"""An event loop in a thread of its own, for callers that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

Result = TypeVar("Result")


class BackgroundLoop:
    """Coroutines run there, the caller waits here. So Ctrl-C always strikes the waiting caller,
    never the loop in the middle of its own work. Use it as a context manager."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="vidthread-loop", daemon=True)
        self._started = threading.Event()
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the loop; what still runs on it is cancelled."""
        if self._loop and self._ended:
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine returns or raises. An interrupted wait cancels it."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the loop is not running: use `with BackgroundLoop() as loop`")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._started.set()
        await self._ended.wait()
