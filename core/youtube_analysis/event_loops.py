"""What is opened on an event loop ends with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable


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
