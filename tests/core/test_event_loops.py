"""Threads of our own: an executor like any other, until Python ends."""

import gc
import subprocess
import sys
import threading
from concurrent.futures import CancelledError

import pytest

from youtube_analysis.event_loops import Threads


def names(prefix: str) -> set[str]:
    return {t.name for t in threading.enumerate() if t.name.startswith(prefix)}


def test_answers_and_errors_reach_who_asked() -> None:
    with Threads(2, "work") as threads:
        assert list(threads.map(pow, (2, 3), (3, 2))) == [8, 9]
        with pytest.raises(ZeroDivisionError):
            threads.submit(lambda: 1 / 0).result()
    assert not names("work")


def test_there_are_as_many_threads_as_are_needed_and_never_more_than_the_most() -> None:
    gate = threading.Event()
    with Threads(3, "work") as threads:
        assert not names("work")
        threads.submit(int).result()
        assert len(names("work")) == 1
        waiting = [threads.submit(gate.wait) for _ in range(9)]
        assert len(names("work")) == 3
        gate.set()
        assert all(answer.result() for answer in waiting)


def test_the_end_finishes_what_was_begun_and_may_cancel_the_rest() -> None:
    begun, gate = threading.Event(), threading.Event()

    def begin() -> str:
        begun.set()
        gate.wait()
        return "finished"

    threads = Threads(1, "work")
    first, second = threads.submit(begin), threads.submit(int)
    begun.wait()
    threads.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(CancelledError):
        second.result()
    with pytest.raises(RuntimeError, match="after shutdown"):
        threads.submit(int)
    gate.set()
    threads.shutdown()
    assert first.result() == "finished"
    assert not names("work")


def test_one_that_is_forgotten_leaves_no_thread() -> None:
    threads = Threads(1, "forgotten")
    assert threads.submit(int).result() == 0
    left = [t for t in threading.enumerate() if t.name.startswith("forgotten")]
    del threads
    gc.collect()
    for thread in left:
        thread.join(10)
    assert not names("forgotten")


def test_they_work_when_the_main_thread_has_ended() -> None:
    code = """
import threading
from youtube_analysis.event_loops import Threads
threads = Threads(1, "work")
threads.submit(int).result()
def late():
    threading.main_thread().join()
    print(threads.submit(int).result())
threading.Thread(target=late).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
