"""Short texts that an adapter remembers from one start to the next."""

from __future__ import annotations

from sqlalchemy import select

from youtube_analysis.repositories.database import Database, insert

from .tables import marks


class Marks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        async with self._database.read() as connection:
            value: str | None = await connection.scalar(
                select(marks.c.value).where(marks.c.name == name)
            )
        return value

    async def set(self, name: str, value: str) -> None:
        async with self._database.write() as connection:
            setting = insert(connection, marks).values(name=name, value=value)
            await connection.execute(
                setting.on_conflict_do_update(index_elements=["name"], set_={"value": value})
            )
