"""A database in a file: who writes when, and what becomes of those who do not wait."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

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

    def __init__(self, database: Database, name: str) -> None:
        self._name = name
        self._begun, self._go = threading.Event(), threading.Event()
        self.task = asyncio.create_task(database.write(self._write))

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, 10)

    def let_go(self) -> None:
        self._go.set()

    def _write(self, connection: Connection) -> None:
        writing(self._name)(connection)
        self._begun.set()
        assert self._go.wait(10)


async def test_who_gives_up_in_line_never_writes(database: Database) -> None:
    held = Held(database, "under way")
    await held.begun()
    given_up = [asyncio.create_task(database.write(writing("given up"))) for _ in range(2)]
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


async def test_a_database_that_is_never_closed_leaves_no_connection(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 warns of those that are collected while they are open."""
    opened: list[sqlite3.Connection] = []

    class Noted(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened.append(self)

    connect = sqlite3.dbapi2.connect
    monkeypatch.setattr(
        sqlite3.dbapi2, "connect", lambda *a, **k: connect(*a, **k | {"factory": Noted})
    )
    database = Database(address)
    await database.write(lambda c: c.execute(text("CREATE TABLE written (name TEXT)")))
    await names(database)
    assert len(opened) == 2
    del database
    gc.collect()
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.execute("SELECT 1")


async def test_what_is_erased_is_in_no_file(tmp_path: Path, database: Database) -> None:
    secret = "a word that nobody may read any more" * 100

    def holding() -> list[str]:
        files = tmp_path.iterdir()
        return [path.name for path in files if b"nobody may read" in path.read_bytes()]

    await database.write(writing(secret))
    assert holding()
    await names(database)
    deleting = text("DELETE FROM written")
    await database.erase(lambda connection: connection.execute(deleting))
    assert holding() == []
    assert await names(database) == []
