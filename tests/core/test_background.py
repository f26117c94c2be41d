"""A loop in a thread of its own: results, errors and an end without leftovers."""

import asyncio
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from youtube_analysis.analysis_v2 import cleanup_analysis_resources as close_all
from youtube_analysis.background import BackgroundLoop, run_blocking
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import Interrupted, InvalidRequest


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def answer() -> str:
    await asyncio.sleep(0)
    return "answered"


def loop_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("vidthread")]


def test_what_a_coroutine_returns_or_raises_reaches_the_caller() -> None:
    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    async def fail() -> None:
        raise LookupError("no")

    with BackgroundLoop() as loop:
        assert loop.run(lambda: double(21)) == 42
        with pytest.raises(LookupError):
            loop.run(fail)
        assert loop.run(lambda: double(1)) == 2


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
        loop.run(leave_running)
        assert loop_threads() == ["vidthread-loop"]
    assert ended == ["cancelled"]
    assert not loop_threads()


def test_who_waits_when_the_loop_ends_is_told_so() -> None:
    begun = threading.Event()

    async def begin_and_wait() -> None:
        begun.set()
        await wait_for_ever()

    with ThreadPoolExecutor(1) as callers:
        with BackgroundLoop() as loop:
            waiting = callers.submit(loop.run, begin_and_wait)
            begun.wait()
        with pytest.raises(Interrupted):
            waiting.result()
    with pytest.raises(Interrupted):
        loop.run(answer)


def test_a_call_from_its_own_thread_is_refused_and_harms_nothing() -> None:
    async def call_itself() -> None:
        loop.run(wait_for_ever)

    with BackgroundLoop() as loop:
        with pytest.raises(InvalidRequest, match="wait for itself"):
            loop.run(call_itself)
        assert loop.run(answer) == "answered"


def test_who_leaves_the_program_from_the_loop_means_the_caller() -> None:
    async def leave() -> None:
        sys.exit(3)

    with BackgroundLoop() as loop:
        with pytest.raises(SystemExit):
            loop.run(leave)
        assert loop.run(answer) == "answered"


def test_steps_beside_the_loop_end_with_it() -> None:
    async def step() -> str:
        return await offload(lambda: threading.current_thread().name)

    with BackgroundLoop() as loop:
        assert loop.run(step) == "vidthread-lane-short"
    assert not loop_threads()


def test_calls_that_race_with_the_end_are_answered_or_told_so() -> None:
    told: Counter[str] = Counter()
    over = threading.Event()

    def call_again_and_again() -> None:
        while not over.is_set():
            try:
                told[run_blocking(answer)] += 1
            except Interrupted:
                told["interrupted"] += 1

    callers = [threading.Thread(target=call_again_and_again) for _ in range(8)]
    for caller in callers:
        caller.start()
    for _ in range(100):
        asyncio.run(asyncio.wait_for(close_all(), 30))
    over.set()
    for caller in callers:
        caller.join(30)
    assert not any(caller.is_alive() for caller in callers)
    assert set(told) <= {"answered", "interrupted"}
    assert told["answered"]
    asyncio.run(close_all())
    assert not loop_threads()


def test_closing_twice_at_once_waits_both_times() -> None:
    async def close_twice() -> None:
        await asyncio.gather(close_all(), close_all())
        assert not loop_threads()

    assert run_blocking(answer) == "answered"
    with ThreadPoolExecutor(4) as closers:
        for closing in [closers.submit(asyncio.run, close_twice()) for _ in range(4)]:
            closing.result(30)
    assert run_blocking(answer) == "answered"
    asyncio.run(close_all())
