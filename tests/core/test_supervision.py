"""Background work: counted, begun again when it fails, ended in reverse."""

import asyncio
import logging

import pytest

from youtube_analysis.concurrency import Supervisor


async def test_work_is_counted_by_its_name() -> None:
    supervisor, may_end = Supervisor(), asyncio.Event()

    async def wait() -> None:
        await may_end.wait()

    supervisor.keep("keep", wait)
    supervisor.keep("keep", wait)
    tasks = [supervisor.once("once", wait()) for _ in range(2)]
    assert supervisor.running() == {"keep": 1, "once": 2}
    assert supervisor.metrics.value("tasks", "once") == 2
    may_end.set()
    await asyncio.wait(tasks)
    await asyncio.sleep(0)
    assert supervisor.running() == {}
    supervisor.keep("keep", wait)
    assert supervisor.running() == {"keep": 1}
    await supervisor.close()


async def test_what_fails_is_told_and_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    supervisor, begun, well = Supervisor(first_wait=0.001), 0, asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise OSError("no disk")
        well.set()
        await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        supervisor.keep("work", work)
        async with asyncio.timeout(5):
            await well.wait()
    assert (begun, supervisor.metrics.value("task_restarts_total")) == (3, 2)
    assert supervisor.running() == {"work": 1}
    assert [record.message for record in caplog.records] == ["background work failed"] * 2
    await supervisor.close()
    assert supervisor.running() == {}


async def test_the_end_comes_in_reverse_and_each_waits_for_the_one_before() -> None:
    supervisor, ended = Supervisor(), list[str]()

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    for name in ("first", "second", "third"):
        supervisor.once(name, work(name))
    await asyncio.sleep(0)
    await supervisor.close()
    await supervisor.close()
    assert ended == ["third", "second", "first"]


async def test_nothing_is_begun_again_after_the_end() -> None:
    supervisor, begun = Supervisor(first_wait=0.001), 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        raise OSError

    supervisor.keep("work", work)
    while not begun:  # noqa: ASYNC110 - the work tells nobody
        await asyncio.sleep(0)
    await supervisor.close()
    before = begun
    await asyncio.sleep(0.05)
    assert begun == before
