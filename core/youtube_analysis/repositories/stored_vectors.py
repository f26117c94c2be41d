"""Vectors of talks, kept in the database beside the talk and deleted with it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from youtube_analysis.passages.vectors import Vectors

from .database import Database, insert
from .tables import talk_vectors, talks


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
        # Locked, so that nobody deletes the talk before its vectors are there to go with it.
        mine = select(talks.c.fingerprint).where(talks.c.fingerprint == fingerprint)
        mine = mine.with_for_update()
        values = {"dim": vectors.dim, "content": vectors.packed}

        def kept(connection: Connection) -> None:
            if connection.scalar(mine) is None:
                return
            keeping = insert(connection, talk_vectors)
            keeping = keeping.values(fingerprint=fingerprint, model=model, **values)
            connection.execute(
                keeping.on_conflict_do_update(index_elements=["fingerprint", "model"], set_=values)
            )

        await self._database.write(kept)
