"""Which message of a platform shows which page of a reply."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database, insert

from .columns import in_thread, thread_values
from .tables import pages

_KEY = ("platform", "workspace", "channel", "thread", "reply", "number")


@dataclass(frozen=True, slots=True)
class PostedPage:
    """`place` is the message's id; None from before the post until the platform told it."""

    number: int
    nonce: str
    place: str | None


class Outbox:
    """The intent is written down before a post, the place after it: so no crash in between posts
    a page twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pages(self, key: ThreadKey, reply: str) -> tuple[PostedPage, ...]:
        """By number."""
        mine = select(pages).where(in_thread(pages, key), pages.c.reply == reply)
        mine = mine.order_by(pages.c.number)
        rows = await self._database.read(lambda connection: connection.execute(mine).all())
        return tuple(PostedPage(row.number, row.nonce, row.place) for row in rows)

    async def intend(self, key: ThreadKey, reply: str, number: int, nonce: str) -> None:
        """An open intent, also where the page had a place before."""
        which = thread_values(key) | {"reply": reply, "number": number}
        what = {"nonce": nonce, "place": None}

        def intended(connection: Connection) -> None:
            intending = insert(connection, pages).values(which | what)
            connection.execute(intending.on_conflict_do_update(index_elements=_KEY, set_=what))

        await self._database.write(intended)

    async def placed(self, key: ThreadKey, reply: str, number: int, place: str) -> None:
        placing = update(pages).where(_page(key, reply, number)).values(place=place)
        await self._database.write(lambda connection: connection.execute(placing))

    async def remove(self, key: ThreadKey, reply: str, number: int) -> None:
        removing = delete(pages).where(_page(key, reply, number))
        await self._database.write(lambda connection: connection.execute(removing))

    def forget(self, connection: Connection, key: ThreadKey) -> None:
        connection.execute(delete(pages).where(in_thread(pages, key)))

    def forget_workspace(self, connection: Connection, key: ThreadKey) -> None:
        mine = (pages.c.platform == key.platform, pages.c.workspace == key.workspace)
        connection.execute(delete(pages).where(*mine))


def _page(key: ThreadKey, reply: str, number: int) -> ColumnElement[bool]:
    return and_(in_thread(pages, key), pages.c.reply == reply, pages.c.number == number)
