"""Every event that will be answered, from its arrival until its answer stands in the thread; and
which message of the platform shows which page of an answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    select,
    update,
)

from vidthread.surface import Incoming, Reply
from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database, insert

from .codec import decode_incoming, decode_reply, encode_incoming, encode_reply
from .tables import events, in_thread, pages, thread_values

_REPLY = "r"
_PAGE = ("platform", "workspace", "channel", "thread", "reply", "number")


class _State(StrEnum):
    RECEIVED = "received"
    ANSWERED = "answered"
    DONE = "done"


_NOTHING = ("at_workspace", "at_channel", "at_thread", "incoming", "reply")
_FORGOTTEN = {"state": _State.DONE, **dict.fromkeys(_NOTHING)}


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`key` is the thread that the event led to, None where none was opened yet; `reply` the
    answer that is yet to be shown, None where there is none; `tries` counts resumptions."""

    row: int
    incoming: Incoming
    key: ThreadKey | None
    reply: Reply | None
    tries: int
    received_at: datetime


def reply_key(row: int) -> str:
    """The reply to the event of a row."""
    return f"{_REPLY}{row}"


class Ledger:
    """What concerns a row that was forgotten meanwhile changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, incoming: Incoming, *, message_key: bool) -> int | None:
        """The event's row; None if it was taken before, or with `message_key` its message was."""
        key = incoming.key
        values = {
            "platform": key.platform,
            "event": incoming.event,
            "workspace": key.workspace,
            "channel": key.channel,
            "message": (incoming.message or None) if message_key else None,
            "state": _State.RECEIVED,
            "tries": 0,
            "incoming": encode_incoming(incoming),
            "received_at": datetime.now(UTC),
            "happened": incoming.happened or None,
        }
        if key.thread:
            values |= _thread(key)

        def taken(connection: Connection) -> int | None:
            taking = insert(connection, events).values(values).on_conflict_do_nothing()
            row: int | None = connection.scalar(taking.returning(events.c.id))
            return row

        return await self._database.write(taken)

    async def bind(self, row: int, key: ThreadKey) -> None:
        """Remembers the thread that the event led to."""
        await self._set(row, **_thread(key))

    async def answered(self, row: int, reply: Reply, served: Incoming | None = None) -> None:
        """Keeps the finished answer until it is shown; and where something else than what was
        heard was served, that."""
        changed = {"incoming": encode_incoming(served)} if served else {}
        await self._set(row, state=_State.ANSWERED, reply=encode_reply(reply), **changed)

    async def done(self, row: int, *, again: Incoming | None = None) -> None:
        """Keeps nothing of the event but that it was answered; where its reply offers to do it
        `again`, also what was wanted."""
        kept = encode_incoming(again) if again else None
        await self._set(row, state=_State.DONE, incoming=kept, reply=None)

    async def wanted(self, key: ThreadKey, reply: str) -> Incoming | None:
        """What was wanted with a reply of this thread that offered to do it again."""
        number = reply.removeprefix(_REPLY)
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        mine = (events.c[name] == value for name, value in _thread(key).items())
        chosen = select(events.c.incoming).where(
            events.c.id == int(number),
            events.c.platform == key.platform,
            events.c.state == _State.DONE,
            *mine,
        )
        content = await self._database.read(lambda connection: connection.scalar(chosen))
        return decode_incoming(content) if content else None

    async def unfinished(self, platform: str) -> tuple[Unfinished, ...]:
        """In the platform's order, what tells none in order of arrival behind it. What another
        version wrote and this one does not understand is not among them."""
        open_states = (_State.RECEIVED, _State.ANSWERED)
        chosen = select(events).where(
            events.c.state.in_(open_states), events.c.platform == platform
        )
        chosen = chosen.order_by(events.c.happened.nulls_last(), events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple(filter(None, map(_unfinished, rows)))

    async def retry(self, row: int) -> int:
        """Counts one more try and tells how many there were; 0 where it is done, or forgotten."""
        waits = (events.c.id == row, events.c.state != _State.DONE)
        counting = update(events).where(*waits).values(tries=events.c.tries + 1)
        counting = counting.returning(events.c.tries)
        return await self._database.write(lambda connection: connection.scalar(counting)) or 0

    def forget(self, connection: Connection, key: ThreadKey) -> None:
        """Keeps nothing but the ids of the events, so that none is heard once more."""
        mine = and_(*(events.c[name] == value for name, value in _thread(key).items()))
        forgetting = update(events).where(events.c.platform == key.platform, mine)
        connection.execute(forgetting.values(_FORGOTTEN))

    def forget_workspace(self, connection: Connection, key: ThreadKey) -> None:
        """As `forget`, of all its threads."""
        mine = (events.c.platform == key.platform, events.c.workspace == key.workspace)
        connection.execute(update(events).where(*mine).values(_FORGOTTEN))

    async def forget_person(self, platform: str, workspace: str, author: str) -> None:
        """What somebody wanted there, and could have again."""
        kept = select(events.c.id, events.c.incoming).where(
            events.c.platform == platform,
            events.c.workspace == workspace,
            events.c.state == _State.DONE,
            events.c.incoming.is_not(None),
        )

        def forgotten(connection: Connection) -> None:
            rows = [(row.id, decode_incoming(row.incoming)) for row in connection.execute(kept)]
            theirs = [row for row, event in rows if event is None or event.author == author]
            forgetting = update(events).where(events.c.id.in_(theirs)).values(incoming=None)
            connection.execute(forgetting)

        await self._database.erase(forgotten)

    async def prune(self, older_than: datetime, *, keep: Collection[str], limit: int) -> int:
        """Removes what is done and was received before, the pages of its reply too, but events of
        these names; tells how many there were, at most `limit`."""
        # The newest row stays: its number must not be given again, since replies are named by it.
        newest = select(func.max(events.c.id)).scalar_subquery()
        old = select(events).where(
            events.c.state == _State.DONE,
            events.c.received_at < older_than,
            events.c.event.not_in(keep),
            events.c.id < newest,
        )
        old = old.order_by(events.c.id).limit(limit)

        def pruned(connection: Connection) -> int:
            rows = connection.execute(old).all()
            for row in rows:
                if key := _thread_of(row):
                    its = pages.c.reply == reply_key(row.id)
                    connection.execute(delete(pages).where(in_thread(pages, key), its))
            gone = events.c.id.in_([row.id for row in rows])
            connection.execute(delete(events).where(gone))
            return len(rows)

        return await self._database.write(pruned)

    async def _set(self, row: int, **values: object) -> None:
        waits = (events.c.id == row, events.c.state != _State.DONE)
        setting = update(events).where(*waits).values(values)
        await self._database.write(lambda connection: connection.execute(setting))


def _thread(key: ThreadKey) -> dict[str, str]:
    return {"at_workspace": key.workspace, "at_channel": key.channel, "at_thread": key.thread}


def _thread_of(row: Row[Any]) -> ThreadKey | None:
    """Where its reply stands, or will."""
    if row.at_thread is None:
        return None
    return ThreadKey(row.platform, row.at_workspace, row.at_channel, row.at_thread)


def _unfinished(row: Row[Any]) -> Unfinished | None:
    incoming = decode_incoming(row.incoming) if row.incoming else None
    if incoming is None:
        return None
    return Unfinished(
        row=row.id,
        incoming=replace(incoming, happened=row.happened or 0),
        key=_thread_of(row),
        reply=decode_reply(row.reply) if row.reply else None,
        tries=row.tries,
        received_at=row.received_at,
    )


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
        which = thread_values(key) | {"reply": reply, "number": number}
        what = {"nonce": nonce, "place": None}

        def intended(connection: Connection) -> None:
            intending = insert(connection, pages).values(which | what)
            connection.execute(intending.on_conflict_do_update(index_elements=_PAGE, set_=what))

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
