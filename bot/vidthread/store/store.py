"""Everything that the bot must not lose, in one database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import SCHEMA as SESSIONS
from youtube_analysis.repositories.tables import upsert

from .erasing import AskedRow, Erasing
from .feedback import Feedback
from .ledger import Ledger, reply_key
from .posts import Outbox, Posts
from .tables import SCHEMA, marks
from .threads import Threads
from .workspaces import Workspaces

# Rows that are pruned in one transaction.
_STEP = 200


class Store:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.ledger = Ledger(database)
        self.erasing = Erasing(database)
        self.outbox = Outbox(database)
        self.posts = Posts(database)
        self.threads = Threads(database)
        self.feedback = Feedback(database)
        self.workspaces = Workspaces(database)
        self.marks = Marks(database)

    async def open(self) -> None:
        """Brings all tables up to date, those of the core included. Raises DatabaseError."""
        # In this order: steps of ours take over what steps of the sessions give up.
        await self._database.open(SCHEMA, SESSIONS)

    async def prune(self, older_than: datetime, keep: Collection[str]) -> int:
        """Removes what was answered before, in steps that hold nobody up; tells how much."""
        removed = 0
        while step := await self.ledger.prune(older_than, keep=keep, limit=_STEP):
            removed += step
        return removed

    async def forget(self, key: ThreadKey) -> None:
        """What was heard and posted in a thread; not the playground's messages themselves."""

        def forgotten(connection: Connection) -> None:
            for part in (self.erasing, self.outbox, self.threads):
                part.forget(connection, key)

        await self._database.erase(forgotten)

    async def take_back(self, row: AskedRow) -> bool:
        """What was asked in an event, from everywhere; False where an analysis stays."""

        def taken(connection: Connection) -> bool:
            self.erasing.take_back(connection, row)
            reply, key = reply_key(row.row), row.key
            stays = key and not self.threads.take_back(connection, key, reply)
            return row.is_question and not stays

        return await self._database.erase(taken)

    async def forget_workspace(self, key: ThreadKey) -> None:
        """As `forget`, of all threads of the workspace that a place is in; its settings too."""

        def forgotten(connection: Connection) -> None:
            for part in (self.erasing, self.outbox, self.threads, self.workspaces):
                part.forget_workspace(connection, key)

        await self._database.erase(forgotten)
        self.workspaces.drop(key)


class Marks:
    """Short texts that an adapter remembers from one start to the next."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        named = select(marks.c.value).where(marks.c.name == name)
        return await self._database.read(lambda connection: connection.scalar(named))

    async def set(self, name: str, value: str) -> None:
        which, what = {"name": name}, {"value": value}
        await self._database.write(lambda connection: upsert(connection, marks, which, what))
