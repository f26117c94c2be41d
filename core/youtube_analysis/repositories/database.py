"""The engine behind everything that is remembered, whichever database it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from youtube_analysis.errors import DatabaseError

from .database_errors import FOREIGN, translated
from .schema import Schema, migrate

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# Any number that nobody else locks: the letters "vidt".
_MIGRATING = 0x76696474


class Database:
    """Opened when first used; belongs to one event loop. `url` begins with `sqlite+aiosqlite:` or
    `postgresql+asyncpg:`. Whatever goes wrong is a DatabaseError."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: AsyncEngine | None = None
        self._closed = False
        self._under_way = 0
        self._idle = asyncio.Event()
        # SQLite takes one writer at a time: who waits here waits in line and blocks no thread. Of
        # those who are not to be first, one at most stands in that line.
        self._writer, self._patient = self._line(), self._line()

    async def open(self, *schemas: Schema) -> None:
        """Brings the tables up to date, however many processes do so at once."""
        async with self.write() as connection:
            if not self._is_file:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            for schema in schemas:
                await connection.run_sync(migrate, schema)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One moment of the database, however many questions are asked. Keep it short."""
        options = {} if self._is_file else {"isolation_level": "REPEATABLE READ"}
        async with self._transaction(**options) as connection:
            yield connection

    @asynccontextmanager
    async def write(self, *, first: bool = False) -> AsyncIterator[AsyncConnection]:
        """All or nothing. Keep it short: with SQLite, one writes at a time, and who has somebody
        waiting for an acknowledgement is `first`."""
        patient = nullcontext() if first else self._patient
        async with patient, self._writer, self._transaction(writes=True) as connection:
            yield connection

    async def close(self) -> None:
        """Waits for what is under way; may be called twice. Nothing works afterwards."""
        self._closed = True
        if self._under_way:
            await self._idle.wait()
        if self._made:
            await self._made.dispose()

    def _line(self) -> AbstractAsyncContextManager[object]:
        return asyncio.Lock() if self._is_file else nullcontext()

    @property
    def _is_file(self) -> bool:
        return self._url.startswith("sqlite")

    @asynccontextmanager
    async def _transaction(self, **options: object) -> AsyncIterator[AsyncConnection]:
        if self._closed:
            raise DatabaseError("is closed: Vidthread is shutting down", retryable=True)
        self._under_way += 1
        self._idle.clear()
        try:
            engine = self._engine().execution_options(**options)
            async with engine.begin() as connection:
                yield connection
        except FOREIGN as error:
            raise translated(error, is_file=self._is_file) from error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _engine(self) -> AsyncEngine:
        if self._made is None:
            if self._is_file:
                from .sqlite import create_engine  # noqa: PLC0415 - each has a driver to import
            else:
                from .postgresql import create_engine  # noqa: PLC0415
            self._made = create_engine(self._url)
        return self._made


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict; both databases know the same words."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - one of them is never needed

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)
