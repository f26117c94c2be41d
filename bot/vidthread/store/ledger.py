"""Every event that will be answered, from its arrival until its answer stands in the thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    delete,
    func,
    select,
    update,
)

from vidthread.surface import (
    Incoming,
    Reply,
)
from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.packing import pack
from youtube_analysis.repositories.tables import insert

from .encoding import decode_incoming, decode_reply, encode_reply
from .posts import in_thread
from .tables import events, pages

_REPLY = "r"


class EventState(StrEnum):
    RECEIVED = "received"
    ANSWERED = "answered"
    DONE = "done"


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
            "state": EventState.RECEIVED,
            "tries": 0,
            "incoming": pack(incoming),
            "received_at": datetime.now(UTC),
            "happened": incoming.happened or None,
        }
        if key.thread:
            values |= at_thread(key)

        def taken(connection: Connection) -> int | None:
            taking = insert(connection, events).values(values).on_conflict_do_nothing()
            row: int | None = connection.scalar(taking.returning(events.c.id))
            return row

        return await self._database.write(taken)

    async def bind(self, row: int, key: ThreadKey) -> None:
        """Remembers the thread that the event led to."""
        await self._set(row, **at_thread(key))

    async def answered(self, row: int, reply: Reply, served: Incoming | None = None) -> None:
        """Keeps the finished answer until it is shown; and where something else than what was
        heard was served, that."""
        changed = {"incoming": pack(served)} if served else {}
        await self._set(row, state=EventState.ANSWERED, reply=encode_reply(reply), **changed)

    async def done(
        self, row: int, *, again: Incoming | None = None, standing: Reply | None = None
    ) -> None:
        """Keeps nothing of the event but that it was answered; where its reply offers to do it
        `again`, also what was wanted; and a reply whose buttons are to go when another has some."""
        kept = pack(again) if again else None
        shown = encode_reply(standing) if standing else None
        await self._set(row, state=EventState.DONE, incoming=kept, reply=shown)

    async def standing(self, key: ThreadKey) -> tuple[Reply, ...]:
        """The replies of a thread that have buttons."""
        mine = (events.c[name] == value for name, value in at_thread(key).items())
        chosen = select(events.c.reply).where(
            events.c.platform == key.platform,
            events.c.state == EventState.DONE,
            events.c.reply.is_not(None),
            *mine,
        )
        found = await self._database.read(lambda connection: connection.scalars(chosen).all())
        return tuple(filter(None, map(decode_reply, found)))

    async def amended(self, reply: Reply) -> bool:
        """Keeps another state of a reply that has buttons; False where it has none any more."""
        number = int(reply.key.removeprefix(_REPLY))
        standing = (events.c.state == EventState.DONE, events.c.reply.is_not(None))
        amending = update(events).where(events.c.id == number, *standing)
        amending = amending.values(reply=encode_reply(reply))
        return await self._database.write(
            lambda connection: connection.execute(amending).rowcount > 0
        )

    async def retired(self, reply: str) -> None:
        """Notes that the reply has lost its buttons."""
        retiring = update(events).where(
            events.c.id == int(reply.removeprefix(_REPLY)), events.c.state == EventState.DONE
        )
        retiring = retiring.values(reply=None)
        await self._database.write(lambda connection: connection.execute(retiring))

    async def wanted(self, key: ThreadKey, reply: str) -> Incoming | None:
        """What was wanted with a reply of this thread, or of this place where it led to none, that
        offered to do it again."""
        number = reply.removeprefix(_REPLY)
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        mine = [events.c[name] == value for name, value in at_thread(key).items()]
        if not key.thread:
            here = (events.c.workspace == key.workspace, events.c.channel == key.channel)
            mine = [*here, events.c.at_thread.is_(None)]
        chosen = select(events.c.incoming).where(
            events.c.id == int(number),
            events.c.platform == key.platform,
            events.c.state == EventState.DONE,
            *mine,
        )
        content = await self._database.read(lambda connection: connection.scalar(chosen))
        return decode_incoming(content) if content else None

    async def unfinished(self, platform: str) -> tuple[Unfinished, ...]:
        """In the platform's order, what tells none in order of arrival behind it. What another
        version wrote and this one does not understand is not among them."""
        waits = events.c.state.in_((EventState.RECEIVED, EventState.ANSWERED))
        chosen = select(events).where(waits, events.c.platform == platform)
        chosen = chosen.order_by(events.c.happened.nulls_last(), events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple(filter(None, map(_unfinished, rows)))

    async def retry(self, row: int) -> int:
        """Counts one more try and tells how many there were; 0 where it is done, or forgotten."""
        waits = (events.c.id == row, events.c.state != EventState.DONE)
        counting = update(events).where(*waits).values(tries=events.c.tries + 1)
        counting = counting.returning(events.c.tries)
        return await self._database.write(lambda connection: connection.scalar(counting)) or 0

    async def prune(self, older_than: datetime, *, keep: Collection[str], limit: int) -> int:
        """Removes what is done and was received before, the pages of its reply too, but events of
        these names; tells how many there were, at most `limit`."""
        # The newest row stays: its number must not be given again, since replies are named by it.
        newest = select(func.max(events.c.id)).scalar_subquery()
        old = select(events).where(
            events.c.state == EventState.DONE,
            events.c.received_at < older_than,
            events.c.event.not_in(keep),
            events.c.id < newest,
        )
        old = old.order_by(events.c.id).limit(limit)

        def pruned(connection: Connection) -> int:
            rows = connection.execute(old).all()
            for row in rows:
                if key := thread_of(row):
                    its = pages.c.reply == reply_key(row.id)
                    connection.execute(delete(pages).where(in_thread(pages, key), its))
            gone = events.c.id.in_([row.id for row in rows])
            connection.execute(delete(events).where(gone))
            return len(rows)

        return await self._database.write(pruned)

    async def _set(self, row: int, **values: object) -> None:
        waits = (events.c.id == row, events.c.state != EventState.DONE)
        setting = update(events).where(*waits).values(values)
        await self._database.write(lambda connection: connection.execute(setting))


def at_thread(key: ThreadKey) -> dict[str, str]:
    return {"at_workspace": key.workspace, "at_channel": key.channel, "at_thread": key.thread}


def thread_of(row: Row[Any]) -> ThreadKey | None:
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
        key=thread_of(row),
        reply=decode_reply(row.reply) if row.reply else None,
        tries=row.tries,
        received_at=row.received_at,
    )
