"""Notes of the parts of long talks, kept in the database beside the talk and deleted with it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, and_, select

from youtube_analysis.passages.transcript import Notes, NotesKey

from .database import Database, insert
from .tables import talk_notes, talks

_KEY = ("fingerprint", "model", "version", "first", "last")


class StoredNotes:
    """Raises DatabaseError, as the database does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: NotesKey) -> Notes | None:
        same = and_(*(talk_notes.c[name] == value for name, value in _columns(key).items()))
        kept = select(talk_notes.c.notes).where(same)
        notes: Notes | None = await self._database.read(lambda connection: connection.scalar(kept))
        return notes

    async def put(self, key: NotesKey, notes: Notes) -> None:
        """Nothing where no session is about the talk, or none is any more."""
        # Locked, so that nobody deletes the talk before its notes are there to go with it.
        mine = select(talks.c.fingerprint).where(talks.c.fingerprint == key.fingerprint)
        mine = mine.with_for_update()

        def kept(connection: Connection) -> None:
            if connection.scalar(mine) is None:
                return
            keeping = insert(connection, talk_notes).values(**_columns(key), notes=notes)
            again = {"notes": notes}
            connection.execute(keeping.on_conflict_do_update(index_elements=_KEY, set_=again))

        await self._database.write(kept)


def _columns(key: NotesKey) -> dict[str, object]:
    return {name: value for name, value in asdict(key).items() if name in _KEY}
