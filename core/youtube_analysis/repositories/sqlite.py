"""A database in a file."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from youtube_analysis.concurrency import Lane

from .line import Line

Result = TypeVar("Result")

# Python runs one thread at a time: more that read let the loop and the writer wait for them, and
# gain nothing.
_READERS = 1
# How long another process may write before we give up, in seconds.
_PATIENCE = 10.0
_PAUSE = 0.02
# With WAL, NORMAL loses nothing when a process dies; a power cut may cost the last seconds.
_SET_UP = (
    f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


class File:
    """Each transaction is one step in a thread: one there and back for each statement would
    wait for the event loop and for the interpreter as often. One writes at a time, and beside it
    others read."""

    def __init__(self, address: str) -> None:
        url = make_url(address)
        if url.database:
            url = url.set(database=str(_prepared(Path(url.database).expanduser())))
        # Who writes takes the file's only write lock at once, and need not give up in the middle.
        self._writes = _engine(url, 1, "BEGIN IMMEDIATE")
        self._reads = _engine(url, _READERS, "BEGIN")
        self._line = Line("sqlite-writer")
        self._readers = Lane("sqlite-reader", _READERS)
        self._under_way: set[Future[Any]] = set()

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        return await self._answer(self._readers.submit(partial(_within, self._reads, work)))

    async def write(self, work: Callable[[Connection], Result], *, first: bool) -> Result:
        step = partial(_within, self._writes, work)
        return await self._answer(self._line.submit(step, first=first))

    async def close(self) -> None:
        waiting = map(asyncio.wrap_future, self._under_way.copy())
        # Shielded: who does not wait for this any more takes nobody's turn away.
        await asyncio.shield(asyncio.gather(*waiting, return_exceptions=True))
        for engine in (self._reads, self._writes):
            # The last connection brings the whole file up to date.
            await asyncio.wrap_future(self._line.submit(engine.dispose, first=True))
        self._readers.close()
        self._line.close()

    async def _answer(self, answer: Future[Result]) -> Result:
        """Who gives up takes back what has not begun; the rest is finished without him."""
        self._under_way.add(answer)
        answer.add_done_callback(self._under_way.discard)
        return await asyncio.wrap_future(answer)


def _within(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _engine(url: URL, connections: int, begin: str) -> Engine:
    engine = create_engine(url, pool_size=connections, max_overflow=0, hide_parameters=True)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", lambda connection: _begin(connection, begin))
    return engine


def _prepared(path: Path) -> Path:
    """What people said is nobody else's business: folder and file are ours alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    if not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError("this file cannot be read and written")
    return path


def _set_up(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    with ExitStack() as failing:
        failing.callback(connection.close)
        # The driver begins no transactions of its own then; _begin does.
        connection.isolation_level = None
        for statement in _SET_UP:
            connection.execute(statement)
        _insist(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        failing.pop_all()


def _begin(connection: Connection, statement: str) -> None:
    _insist(lambda: connection.exec_driver_sql(statement))


def _insist(step: Callable[[], object]) -> None:
    """SQLite does not wait by itself while another process opens or closes the file, or changes
    a new one to WAL."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            step()
        except (sqlite3.OperationalError, OperationalError) as error:
            if time.monotonic() > deadline or not _is_busy(error):
                raise
        else:
            return
        time.sleep(_PAUSE)


def _is_busy(error: sqlite3.OperationalError | OperationalError) -> bool:
    original = error.orig if isinstance(error, OperationalError) else error
    return isinstance(original, sqlite3.Error) and original.sqlite_errorname.startswith(
        "SQLITE_BUSY"
    )
