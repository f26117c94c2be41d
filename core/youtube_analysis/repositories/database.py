"""The engine behind everything that is remembered, whichever database it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table, text

from youtube_analysis.concurrency import spawn
from youtube_analysis.errors import DatabaseError

from .database_errors import FOREIGN, translated
from .schema import Schema, migrate

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    from .postgresql import Server
    from .sqlite import File

Result = TypeVar("Result")

# Any number that nobody else locks: the letters "vidt".
_MIGRATING = 0x76696474


class Database:
    """Opened when first used; belongs to one event loop. `url` begins with `sqlite:` or
    `postgresql+asyncpg:`. Whatever goes wrong is a DatabaseError.

    Work is a function that is done within one transaction, wherever that is: with SQLite in a
    thread beside the loop, with PostgreSQL on the loop, which goes on while the server is asked.
    So it asks the database and computes, and waits for nothing else.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: File | Server | None = None
        self._closed = False
        self._closing: asyncio.Task[None] | None = None

    async def open(self, *schemas: Schema) -> None:
        """Brings the tables up to date, however many processes do so at once."""

        def bring_up_to_date(connection: Connection) -> None:
            if not self._is_file:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            for schema in schemas:
                migrate(connection, schema)

        await self.write(bring_up_to_date)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """One moment of the database, however many questions are asked. Keep it short."""
        with self._told():
            return await self._engine().read(work)

    async def write(self, work: Callable[[Connection], Result], *, first: bool = False) -> Result:
        """All or nothing. Keep it short: with SQLite, one writes at a time, and who has somebody
        waiting for an acknowledgement is `first`."""
        with self._told():
            return await self._engine().write(work, first=first)

    async def close(self) -> None:
        """Waits for what is under way; may be called twice. Nothing works afterwards."""
        self._closed = True
        if self._made and self._closing is None:
            self._closing = spawn(self._made.close(), "close the database")
        if self._closing:
            await asyncio.shield(self._closing)

    @property
    def _is_file(self) -> bool:
        return self._url.startswith("sqlite")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FOREIGN as error:
            raise translated(error, is_file=self._is_file) from error

    def _engine(self) -> File | Server:
        if self._closed:
            raise DatabaseError("is closed: Vidthread is shutting down", retryable=True)
        if self._made is None:
            # Each has a driver to import.
            if self._is_file:
                from .sqlite import File  # noqa: PLC0415

                self._made = File(self._url)
            else:
                from .postgresql import Server  # noqa: PLC0415

                self._made = Server(self._url)
        return self._made


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict; both databases know the same words."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - one of them is never needed

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)
