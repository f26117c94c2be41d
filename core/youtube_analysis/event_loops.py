"""What is opened on an event loop ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def begin(work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
    """A task whose failure is nobody's unless somebody awaits it: work that is done ahead."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return task


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
