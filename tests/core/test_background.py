"""A loop in a thread of its own: results, errors and an end without leftovers."""

import asyncio
import threading

import pytest

from youtube_analysis.background import BackgroundLoop


def test_what_a_coroutine_returns_or_raises_reaches_the_caller() -> None:
    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    async def fail() -> None:
        raise LookupError("no")

    with BackgroundLoop() as loop:
        assert loop.run(double(21)) == 42
        with pytest.raises(LookupError):
            loop.run(fail())
        assert loop.run(double(1)) == 2


def test_what_still_runs_is_cancelled_and_the_thread_ends() -> None:
    ended: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    kept: list[asyncio.Task[None]] = []

    async def leave_running() -> None:
        kept.append(asyncio.create_task(wait_for_ever()))
        await asyncio.sleep(0)

    with BackgroundLoop() as loop:
        loop.run(leave_running())
        assert any(thread.name == "vidthread-loop" for thread in threading.enumerate())
    assert ended == ["cancelled"]
    assert not any(thread.name == "vidthread-loop" for thread in threading.enumerate())


def test_it_must_be_started() -> None:
    async def nothing() -> None:
        return None

    with pytest.raises(RuntimeError, match="with BackgroundLoop"):
        BackgroundLoop().run(nothing())
