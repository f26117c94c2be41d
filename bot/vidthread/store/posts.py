"""Which message of a platform shows which page of a reply; and the playground's messages, where
the platform is us."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, select, update

from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import insert, upsert

from .tables import pages, posts


@dataclass(frozen=True, slots=True)
class PostedPage:
    """`place` is the message's id; None from before the post until the platform gave it."""

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
        which = asdict(key) | {"reply": reply, "number": number}
        what = {"nonce": nonce, "place": None}
        await self._database.write(lambda connection: upsert(connection, pages, which, what))

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


@dataclass(frozen=True, slots=True)
class Post:
    """`author` is empty for ours. `content` is what JSON can tell."""

    id: str
    author: str
    reply: str
    nonce: str
    content: dict[str, Any]
    at: datetime


class Posts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        key: ThreadKey,
        *,
        author: str,
        content: dict[str, Any],
        nonce: str = "",
        reply: str = "",
    ) -> Post:
        """At the end of the thread. What was added with the same nonce before stays as it is and
        is returned again."""
        values = asdict(key) | {
            "author": author,
            "reply": reply,
            "nonce": nonce or None,
            "content": content,
            "at": datetime.now(UTC),
        }

        def added(connection: Connection) -> Row[Any]:
            # An update that changes nothing, so that the row that is there already comes back.
            adding = insert(connection, posts).values(values)
            adding = adding.on_conflict_do_update(
                index_elements=["platform", "workspace", "channel", "thread", "nonce"],
                set_={"nonce": nonce},
            )
            return connection.execute(adding.returning(*posts.c)).one()

        return _post(await self._database.write(added))

    async def update(self, place: str, content: dict[str, Any]) -> bool:
        """`place` is its id. False where there is no such post any more."""
        changing = update(posts).where(posts.c.id == int(place)).values(content=content)
        return await self._database.write(
            lambda connection: connection.execute(changing).rowcount > 0
        )

    async def remove(self, place: str) -> None:
        removing = delete(posts).where(posts.c.id == int(place))
        await self._database.erase(lambda connection: connection.execute(removing))

    async def find(self, key: ThreadKey, nonce: str) -> str | None:
        """The id of the post with this nonce."""
        chosen = select(posts.c.id).where(in_thread(posts, key), posts.c.nonce == nonce)
        found = await self._database.read(lambda connection: connection.scalar(chosen))
        return None if found is None else str(found)

    async def of(self, key: ThreadKey) -> tuple[Post, ...]:
        """All of a thread, in order."""
        chosen = select(posts).where(in_thread(posts, key)).order_by(posts.c.id)
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple(map(_post, rows))

    async def forget(self, key: ThreadKey) -> None:
        forgetting = delete(posts).where(in_thread(posts, key))
        await self._database.erase(lambda connection: connection.execute(forgetting))


def _post(row: Row[Any]) -> Post:
    return Post(str(row.id), row.author, row.reply, row.nonce or "", row.content, row.at)


def in_thread(table: Table, key: ThreadKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in asdict(key).items()))
