"""A database in a file: who writes when, and what becomes of those who do not wait."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from youtube_analysis.repositories.database import Database

INSERT = text("INSERT INTO written (name) VALUES (:name)")
NAMES = text("SELECT name FROM written ORDER BY rowid")
ROOTS = os.pathsep.join(str(Path(__file__).parents[2] / root) for root in ("core", "bot"))


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'vidthread.db'}"


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.write(lambda c: c.execute(text("CREATE TABLE written (name TEXT UNIQUE)")))
    yield database
    await database.close()


def writing(name: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(INSERT, {"name": name})


async def names(database: Database) -> list[str]:
    return await database.read(lambda connection: list(connection.scalars(NAMES)))


class Held:
    """A write that goes on until it is let go."""

    def __init__(self, database: Database, name: str, *, first: bool = False) -> None:
        self._name = name
        self._begun, self._go = threading.Event(), threading.Event()
        self.task = asyncio.create_task(database.write(self._write, first=first))

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, 10)

    def let_go(self) -> None:
        self._go.set()

    def _write(self, connection: Connection) -> None:
        writing(self._name)(connection)
        self._begun.set()
        assert self._go.wait(10)


async def test_who_is_first_waits_for_one_patient_writer_at_most(database: Database) -> None:
    held = Held(database, "under way")
    await held.begun()
    waiting = []
    for name, first in (("a", False), ("b", False), ("A", True), ("c", False), ("B", True)):
        waiting.append(asyncio.create_task(database.write(writing(name), first=first)))
        await asyncio.sleep(0)
    held.let_go()
    await asyncio.gather(held.task, *waiting)
    assert await names(database) == ["under way", "A", "B", "a", "b", "c"]


async def test_a_patient_writer_is_not_passed_by_for_ever(database: Database) -> None:
    held = Held(database, "under way", first=True)
    await held.begun()
    waiting = []
    for name, first in (("A", True), ("patient", False), ("B", True)):
        waiting.append(asyncio.create_task(database.write(writing(name), first=first)))
        await asyncio.sleep(0)
    held.let_go()
    await asyncio.gather(held.task, *waiting)
    assert await names(database) == ["under way", "A", "patient", "B"]


async def test_who_gives_up_in_line_never_writes(database: Database) -> None:
    held = Held(database, "under way")
    await held.begun()
    given_up = [
        asyncio.create_task(database.write(writing(f"given up {first}"), first=first))
        for first in (False, True)
    ]
    patient = asyncio.create_task(database.write(writing("patient")))
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    # Awaited first: the line learns of it a turn of the loop later.
    ended = await asyncio.gather(*given_up, return_exceptions=True)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in ended)
    held.let_go()
    await patient
    assert await names(database) == ["under way", "patient"]


async def test_what_was_begun_is_finished_before_the_next(database: Database) -> None:
    held = Held(database, "left alone")
    await held.begun()
    held.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held.task
    following = asyncio.create_task(database.write(writing("next")))
    await asyncio.sleep(0.05)
    assert not following.done()
    held.let_go()
    await following
    assert await names(database) == ["left alone", "next"]


async def test_closing_waits_for_what_nobody_waits_for(address: str, database: Database) -> None:
    held = Held(database, "left alone")
    await held.begun()
    held.task.cancel()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    held.let_go()
    await closing
    again = Database(address)
    assert await names(again) == ["left alone"]
    await again.close()


async def test_a_write_that_fails_ends_no_thread(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await database.write(lambda _: 1 / 0)
    await database.write(writing("well"))
    assert await names(database) == ["well"]


NEVER_CLOSED = """
import asyncio, sys, time
from sqlalchemy import text
from youtube_analysis.repositories.database import Database

async def main():
    database = Database(sys.argv[1])
    await database.write(lambda c: c.execute(text("CREATE TABLE written (name TEXT)")))
    await database.read(lambda c: c.scalar(text("SELECT count(*) FROM written")))
    if sys.argv[2] == "under way":
        writing = asyncio.create_task(database.write(lambda _: time.sleep(60)))
        await asyncio.sleep(0.1)

asyncio.run(main())
"""


@pytest.mark.parametrize("left", ["idle", "under way"])
def test_a_program_that_never_closes_it_ends_at_once(address: str, left: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", NEVER_CLOSED, address, left],
        env=os.environ | {"PYTHONPATH": ROOTS},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    # In development mode asyncio tells of steps that take long on a busy machine.
    said = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
    assert (done.returncode, done.stdout, said) == (0, "", [])
