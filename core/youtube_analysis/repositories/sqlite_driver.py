"""The driver of SQLite, with one step in its thread for each statement.

A step there and back costs more than most statements. The driver takes one for the cursor, one
for the statement, one for its rows, one for the cursor's end, and one for a rollback of nothing.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

import aiosqlite

# How long another process may write before we give up, in seconds.
PATIENCE = 10.0
_PAUSE = 0.02
Result = TypeVar("Result")
Given = ParamSpec("Given")


class Cursor(aiosqlite.Cursor):
    """Has all rows when `execute` returns."""

    def __init__(self, connection: aiosqlite.Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        step = self._execute(self._fetched, sql, parameters or ())  # type: ignore[no-untyped-call]
        self._rows = await step
        return self

    async def fetchall(self) -> Iterable[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left in it."""

    def _fetched(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._cursor.execute(sql, parameters)
                return self._cursor.fetchall()
            except sqlite3.OperationalError as error:
                # SQLite does not wait by itself while another process opens or closes the file.
                waits = sql.startswith("BEGIN") and time.monotonic() < deadline
                if not waits or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    raise
            time.sleep(_PAUSE)


class Connection(aiosqlite.Connection):
    """Must be made with `check_same_thread=False`."""

    _settled = True  # nothing was begun of which the end is unknown

    def cursor(self) -> Cursor:  # type: ignore[override]  # what the caller enters is the cursor
        return Cursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        if self.in_transaction or not self._settled:
            await super().rollback()

    async def _execute(
        self, fn: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        self._settled = False
        step = super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        result: Result = await step
        self._settled = True
        return result


async def connect(database: str, **options: Any) -> Connection:
    connection = Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    # A program may end without having closed it.
    connection._thread.daemon = True  # noqa: SLF001 - there is no other way to say so
    await connection
    return connection
