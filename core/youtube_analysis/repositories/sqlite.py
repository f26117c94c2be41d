"""A database in a file."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import aiosqlite
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from .sqlite_driver import PATIENCE, connect

_CONNECTIONS = 5
_PAUSE = 0.02
# With WAL, NORMAL loses nothing when a process dies; a power cut may cost the last seconds.
_SET_UP = (
    f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
)


def create_engine(address: str) -> AsyncEngine:
    """A transaction with the option `writes` takes the file's only write lock at its beginning,
    so that it need not give up in the middle."""
    url = make_url(address)
    if url.database:
        url = url.set(database=str(_prepared(Path(url.database).expanduser())))
    arguments, options = url.get_dialect()().create_connect_args(url)
    engine = create_async_engine(
        url,
        async_creator=partial(connect, *arguments, **options),
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepared(path: Path) -> Path:
    """What people said is nobody else's business: folder and file are ours alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    # Asked beforehand: a connection that fails leaves a thread behind for a moment.
    if not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError("this file cannot be read and written")
    return path


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    with ExitStack() as failing:
        failing.callback(connection.close)
        # The driver begins no transactions of its own then; _begin does.
        connection.isolation_level = None
        connection.run_async(_prepare)
        failing.pop_all()


async def _prepare(connection: aiosqlite.Connection) -> None:
    for statement in _SET_UP:
        await connection.execute(statement)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not await _writes_ahead(connection):
        if asyncio.get_running_loop().time() > deadline:
            raise aiosqlite.OperationalError("database is locked")
        await asyncio.sleep(_PAUSE)


async def _writes_ahead(connection: aiosqlite.Connection) -> bool:
    """SQLite does not wait by itself while another process changes a new file to WAL."""
    try:
        await connection.execute("PRAGMA journal_mode = WAL")
    except aiosqlite.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return False
        raise
    return True


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
