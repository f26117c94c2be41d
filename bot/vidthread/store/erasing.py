"""What is deleted of events: of a thread, a workspace, a person, a message. Their ids are kept, so
that none is heard once more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from msgspec.structs import replace as replace_struct
from sqlalchemy import Connection, Row, select, update

from vidthread.commands import Analyze, Make
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.packing import pack

from .encoding import decode_incoming
from .ledger import EventState, at_thread, thread_of
from .tables import events

_UNKEPT = {"state": EventState.DONE, "incoming": None, "reply": None}
_FORGOTTEN = {**_UNKEPT, "at_workspace": None, "at_channel": None, "at_thread": None}


@dataclass(frozen=True, slots=True)
class AskedRow:
    """`key` is the thread that the event led to, `incoming` what is still kept of it; None where
    there is none."""

    row: int
    key: ThreadKey | None
    incoming: Incoming | None

    @property
    def is_question(self) -> bool:
        """Whether nothing that is everybody's was asked for, as an analysis is."""
        command = self.incoming.command if self.incoming else None
        return not isinstance(command, Analyze | Make)


def asked_beside(event: str) -> str:
    """The event of a question that came with the link of another one."""
    return f"{event} asks"


def unasked(incoming: Incoming) -> Incoming:
    """An analysis without the words that asked for it."""
    command = incoming.command
    match command:
        case Analyze():
            command = replace_struct(command, question="", instruction="")
        case Make():
            command = replace_struct(command, instruction="")
    return replace(incoming, text="", command=command)


class Erasing:
    def __init__(self, database: Database) -> None:
        self._database = database

    def forget(self, connection: Connection, key: ThreadKey) -> None:
        mine = (events.c[name] == value for name, value in at_thread(key).items())
        forgetting = update(events).where(events.c.platform == key.platform, *mine)
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
            events.c.state == EventState.DONE,
            events.c.incoming.is_not(None),
        )

        # Of replies that are kept for their buttons nobody knows any more who asked for them.
        answered = update(events).where(
            events.c.platform == platform,
            events.c.workspace == workspace,
            events.c.state == EventState.DONE,
        )
        answered = answered.values(reply=None)

        def forgotten(connection: Connection) -> None:
            rows = [(row.id, decode_incoming(row.incoming)) for row in connection.execute(kept)]
            theirs = [row for row, event in rows if event is None or event.author == author]
            forgetting = update(events).where(events.c.id.in_(theirs)).values(incoming=None)
            connection.execute(forgetting)
            connection.execute(answered)

        await self._database.erase(forgotten)

    async def asked_in(self, place: ThreadKey, message: str) -> tuple[AskedRow, ...]:
        """What a message of this place led to, what was asked beside a link in it last."""
        platform = events.c.platform == place.platform
        where = (events.c.workspace == place.workspace, events.c.channel == place.channel)
        chosen = select(events).where(platform, *where, events.c.message == message)

        def found(connection: Connection) -> list[Row[Any]]:
            rows = list(connection.execute(chosen))
            named = [asked_beside(row.event) for row in rows]
            beside = select(events).where(platform, events.c.event.in_(named))
            return [*rows, *connection.execute(beside)] if rows else []

        rows = await self._database.read(found)
        return tuple(AskedRow(row.id, thread_of(row), _incoming(row)) for row in rows)

    def take_back(self, connection: Connection, row: AskedRow) -> None:
        """Nobody answers it any more, and nothing of its words is kept."""
        kept: dict[str, object] = dict(_UNKEPT)
        if row.incoming and not row.is_question:
            kept = {"incoming": pack(unasked(row.incoming))}
        connection.execute(update(events).where(events.c.id == row.row).values(kept))


def _incoming(row: Row[Any]) -> Incoming | None:
    return decode_incoming(row.incoming) if row.incoming else None
