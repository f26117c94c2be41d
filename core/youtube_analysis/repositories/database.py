"""The database in which everything that must last is kept."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from youtube_analysis.concurrency import BLOCKING, Lane, offload, spawn
from youtube_analysis.errors import DatabaseError
from youtube_analysis.logging import get_logger

from .database_errors import FOREIGN, map_database_error
from .migrations import Schema, migrate

_log = get_logger(__name__)
Result = TypeVar("Result")
Work = Callable[[Connection], Result]

# PostgreSQL: connections, each with a thread. Python runs one at a time, so more gain little.
_CONNECTIONS = 8
# Any number that nobody else locks: the letters "vidt".
_MIGRATING = 0x76696474
# How long another process may hold the file before we give up, in seconds.
_BUSY_TIMEOUT = 10.0
_BUSY_PAUSE = 0.02
# With WAL, NORMAL loses nothing when a process dies; a power cut may cost the last seconds.
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT * 1000:.0f}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA secure_delete = ON",
)
_CONNECT_TIMEOUT = 10  # seconds
_ANSWER_TIMEOUT = 30_000  # milliseconds


class Database:
    """Opened when first used; belongs to one event loop. `url` begins with `sqlite:` or
    `postgresql+psycopg:`. Whatever goes wrong is a DatabaseError.

    Work is a function that is done within one transaction, in a thread: it asks the database and
    computes, and waits for nothing else. (An async driver changes threads at every statement, which
    takes three to six times as long.) A file has one thread that writes and one that reads.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_file = url.startswith("sqlite")
        self._pools: tuple[_Pool, _Pool] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self, *schemas: Schema) -> None:
        """Brings the tables up to date, however many processes do so at once."""

        def migrated(connection: Connection) -> None:
            if not self._is_file:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            for schema in schemas:
                migrate(connection, schema)

        def migrated_file() -> None:
            # SQLite changes a table by making it anew; nothing may hang on the old one meanwhile.
            engine = sqlite_engine(self._url, "BEGIN IMMEDIATE", foreign_keys=False)
            try:
                _in_transaction(engine, migrated)
            finally:
                engine.dispose()

        with self._mapping_errors():
            pool = self._opened()[0]
            if self._is_file:
                await pool.run(migrated_file)
            else:
                await pool.transaction(migrated)

    async def read(self, work: Work[Result]) -> Result:
        """One moment of the database, however many questions are asked. Keep it short."""
        with self._mapping_errors():
            return await self._opened()[1].transaction(work)

    async def write(self, work: Work[Result]) -> Result:
        """All or nothing. Keep it short: with SQLite, one writes at a time."""
        with self._mapping_errors():
            return await self._opened()[0].transaction(work)

    async def erase(self, work: Work[Result]) -> Result:
        """As `write`, of work that deletes: afterwards no file of SQLite's holds what was deleted,
        its log included, unless another process reads the file just then; that is logged, and the
        next one cuts the log. A PostgreSQL server has a log and a vacuum of its own."""
        with self._mapping_errors():
            pool = self._opened()[0]

            def erased() -> Result:
                result = _in_transaction(pool.engine, work)
                if self._is_file:
                    _empty_log(pool.engine)
                return result

            return await pool.run(erased)

    async def close(self) -> None:
        """Waits for what is under way; may be called twice. Nothing works afterwards."""
        self._closed = True
        if self._pools and self._closing is None:
            self._closing = spawn(_close(self._pools), "close the database")
        if self._closing:
            # Shielded: who does not wait for this any more takes nobody's turn away.
            await asyncio.shield(self._closing)

    @contextmanager
    def _mapping_errors(self) -> Iterator[None]:
        try:
            yield
        except FOREIGN as error:
            raise map_database_error(error, is_file=self._is_file) from error

    def _opened(self) -> tuple[_Pool, _Pool]:
        """Who writes, and who reads."""
        if self._closed:
            raise DatabaseError("is closed: Vidthread is shutting down", retryable=True)
        if self._pools is None:
            if self._is_file:
                # Who writes takes the only write lock at once, and need not give up in the middle.
                writes = _Pool(sqlite_engine(self._url, "BEGIN IMMEDIATE"), Lane("database"))
                reads = _Pool(sqlite_engine(self._url, "BEGIN"), Lane("database"))
            else:
                engine = postgresql_engine(self._url, _CONNECTIONS)
                lane = Lane("database", _CONNECTIONS)
                writes = _Pool(engine, lane)
                # Where a transaction does not show one moment by itself.
                reads = _Pool(engine.execution_options(isolation_level="REPEATABLE READ"), lane)
            self._pools = writes, reads
        return self._pools


class _Pool:
    """An engine, and a lane with a thread for each of its connections."""

    def __init__(self, engine: Engine, lane: Lane) -> None:
        self.engine = engine
        self._lane = lane
        # A program that never closes its database leaves no connection open.
        weakref.finalize(self, engine.dispose)

    async def transaction(self, work: Work[Result]) -> Result:
        return await self.run(lambda: _in_transaction(self.engine, work))

    async def run(self, step: Callable[[], Result]) -> Result:
        """Who gives up takes back what has not begun; the rest is finished without them."""
        return await offload(step, lane=self._lane)

    async def close(self) -> None:
        """Waits for what is under way."""
        await offload(self._lane.close, lane=BLOCKING)
        # SQLite's last connection brings the whole file up to date.
        await offload(self.engine.dispose, lane=BLOCKING)


async def _close(pools: tuple[_Pool, _Pool]) -> None:
    async with AsyncExitStack() as closing:
        for pool in pools:
            closing.push_async_callback(pool.close)


def _in_transaction(engine: Engine, work: Work[Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _empty_log(engine: Engine) -> None:
    """Moves the write-ahead log into the file, where deleted pages are zeros, and cuts it."""
    connection = engine.raw_connection()
    try:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            _log.warning("database log not emptied: another process reads the file")
    finally:
        connection.close()


def sqlite_engine(url: str, begin: str, *, foreign_keys: bool = True) -> Engine:
    """One connection, whose transactions start with `begin`. The file is made where there is none;
    PermissionError if it cannot be used."""
    address = make_url(url)
    if address.database:
        address = address.set(database=str(_prepared(Path(address.database).expanduser())))
    engine = create_engine(address, pool_size=1, max_overflow=0, hide_parameters=True)
    pragmas = (*_PRAGMAS, f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    def connected(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        _set_up(connection, pragmas)

    def begun(connection: Connection) -> None:
        _wait_while_busy(lambda: connection.exec_driver_sql(begin))

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def postgresql_engine(url: str, connections: int) -> Engine:
    server = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def connect() -> object:
        import psycopg  # noqa: PLC0415 - nothing that a file needs

        # libpq reads the address itself: it knows sslmode, sockets and several hosts.
        connection = psycopg.connect(
            server,
            application_name="vidthread",
            connect_timeout=_CONNECT_TIMEOUT,
            tcp_user_timeout=_ANSWER_TIMEOUT,
        )
        with ExitStack() as failing:
            failing.callback(connection.close)
            connection.execute(f"SET statement_timeout = {_ANSWER_TIMEOUT}")
            connection.commit()
            failing.pop_all()
        return connection

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_size=connections,
        max_overflow=0,
        # Connections that a restart of the server closed are replaced unseen.
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _prepared(path: Path) -> Path:
    """What people said is nobody else's business: folder and file are ours alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    if not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError("this file cannot be read and written")
    return path


def _set_up(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    with ExitStack() as failing:
        failing.callback(connection.close)
        # The driver begins no transactions of its own then; the engine's listener does.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)
        _wait_while_busy(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        failing.pop_all()


def _wait_while_busy(step: Callable[[], object]) -> None:
    """SQLite does not wait by itself while another process opens or closes the file, or changes
    a new one to WAL."""
    deadline = time.monotonic() + _BUSY_TIMEOUT
    while True:
        try:
            step()
        except (sqlite3.OperationalError, OperationalError) as error:
            if time.monotonic() > deadline or not _is_busy(error):
                raise
        else:
            return
        time.sleep(_BUSY_PAUSE)


def _is_busy(error: sqlite3.OperationalError | OperationalError) -> bool:
    original = error.orig if isinstance(error, OperationalError) else error
    return isinstance(original, sqlite3.Error) and original.sqlite_errorname.startswith(
        "SQLITE_BUSY"
    )
