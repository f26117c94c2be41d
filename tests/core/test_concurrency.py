"""Work in threads: in turn, taken back or finished, and never in the way of a program's end."""

import asyncio
import subprocess
import sys
import threading

import pytest

from youtube_analysis.concurrency import LONG, SHORT, Lane, lane_for, offload


def threads(name: str) -> int:
    return [thread.name for thread in threading.enumerate()].count(f"vidthread-lane-{name}")


async def test_answers_and_errors_reach_who_asked() -> None:
    assert await offload(pow, 2, 3) == 8
    with pytest.raises(ZeroDivisionError):
        await offload(divmod, 1, 0)
    with pytest.raises(SystemExit):
        await offload(sys.exit, 3)
    assert await offload(int) == 0


async def test_there_are_as_many_threads_as_are_needed_and_never_more_than_the_most() -> None:
    lane, gate, together = Lane("work", 3), threading.Event(), threading.Barrier(3)
    assert [await offload(int, lane=lane) for _ in range(3)] == [0] * 3
    # One that has just ended its work may not be free yet.
    assert threads("work") < 3
    meeting = [asyncio.create_task(offload(together.wait, 10, lane=lane)) for _ in range(3)]
    await asyncio.gather(*meeting)  # three at once, or it would break
    waiting = [lane.submit(gate.wait) for _ in range(9)]
    assert threads("work") == 3
    gate.set()
    lane.close()
    assert all(answer.result(0) for answer in waiting)
    assert threads("work") == 0


async def test_long_work_does_not_delay_short_work() -> None:
    gate = threading.Event()
    long = [asyncio.create_task(offload(gate.wait, lane=LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(offload(pow, 2, 3, lane=SHORT), 30) == 8
    gate.set()
    assert await asyncio.gather(*long) == [True] * 3


def test_the_length_of_a_text_chooses_the_lane() -> None:
    assert lane_for(60_000) is SHORT
    assert lane_for(7_000_000) is LONG


async def test_what_is_given_up_is_taken_back_or_finished() -> None:
    lane, begun, gate, done = Lane("work"), threading.Event(), threading.Event(), list[str]()

    def work(name: str) -> None:
        begun.set()
        gate.wait(10)
        done.append(name)

    tasks = [asyncio.create_task(offload(work, name, lane=lane)) for name in ("begun", "waiting")]
    last = asyncio.create_task(offload(work, "last", lane=lane))
    while not begun.is_set():  # noqa: ASYNC110 - a thread tells nobody
        await asyncio.sleep(0.001)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    gate.set()
    await last
    assert done == ["begun", "last"]


def test_a_thread_in_the_middle_of_its_work_keeps_no_program_from_ending() -> None:
    code = """
import asyncio, threading
from youtube_analysis.concurrency import LONG, offload
LONG.submit(threading.Event().wait)
print(asyncio.run(offload(pow, 2, 3)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "8\n", "")
