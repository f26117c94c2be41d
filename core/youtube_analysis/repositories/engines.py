"""SQLAlchemy engines for the two databases: a file of SQLite's, a PostgreSQL server."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

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
