"""What models make of talks, kept in the database beside the talk and deleted with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import Connection, Table, and_, select

from youtube_analysis.passages.transcript import Notes, NotesKey
from youtube_analysis.passages.vectors import Vectors

from .database import Database
from .tables import talk_notes, talk_vectors, talks, upsert


class StoredVectors:
    """Raises DatabaseError, as the database does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, fingerprint: str, model: str) -> Vectors | None:
        kept = select(talk_vectors.c.dim, talk_vectors.c.content)
        kept = kept.where(talk_vectors.c.fingerprint == fingerprint, talk_vectors.c.model == model)
        row = await self._database.read(lambda connection: connection.execute(kept).one_or_none())
        return Vectors(row.dim, row.content) if row else None

    async def put(self, fingerprint: str, model: str, vectors: Vectors) -> None:
        """Nothing where no session is about the talk, or none is any more."""
        key = {"fingerprint": fingerprint, "model": model}
        values = {"dim": vectors.dim, "content": vectors.packed}
        await self._database.write(lambda connection: _keep(connection, talk_vectors, key, values))


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
        values = {"notes": notes}
        await self._database.write(
            lambda connection: _keep(connection, talk_notes, _columns(key), values)
        )


def _keep(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    # Locked, so that nobody deletes the talk before what is made of it is there to go with it.
    mine = select(talks.c.fingerprint).where(talks.c.fingerprint == key["fingerprint"])
    if connection.scalar(mine.with_for_update()) is not None:
        upsert(connection, table, key, values)


def _columns(key: NotesKey) -> dict[str, object]:
    return {name: value for name, value in asdict(key).items() if name in talk_notes.c}
