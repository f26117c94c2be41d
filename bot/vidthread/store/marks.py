"""Short texts that an adapter remembers from one start to the next."""

from __future__ import annotations

from sqlalchemy import Connection, select

from youtube_analysis.repositories.database import Database, insert

from .tables import marks


class Marks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        named = select(marks.c.value).where(marks.c.name == name)
        return await self._database.read(lambda connection: connection.scalar(named))

    async def set(self, name: str, value: str) -> None:
        def kept(connection: Connection) -> None:
            setting = insert(connection, marks).values(name=name, value=value)
            connection.execute(
                setting.on_conflict_do_update(index_elements=["name"], set_={"value": value})
            )

        await self._database.write(kept)
