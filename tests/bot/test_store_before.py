"""A database of a version before opens, and what is in it is read."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.msgpack import encode as packb
from sqlalchemy import Connection, MetaData, select

from first_tables import make_by_steps
from talks import talk_of
from vidthread.commands import Analyze
from vidthread.store import SCHEMA as BOT
from vidthread.store import Store, WorkspaceSettings
from vidthread.store.tables import events
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from youtube_analysis import AnalysisType, Length, MessageRole, Style
from youtube_analysis.passages.transcript import Note, NotesKey
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.derived import StoredNotes, StoredVectors
from youtube_analysis.repositories.packing import pack
from youtube_analysis.repositories.sessions import SessionRepository
from youtube_analysis.repositories.tables import SCHEMA as CORE

pytest_plugins = ["databases"]

HERE = ThreadKey("discord", "guild", "channel", "thread")
THERE = replace(HERE, thread="another")
ELSEWHERE = ThreadKey("slack", "T1", "C1", "1700000000.000100")
HAPPENED = 2**62  # as large as a snowflake
TALK = talk_of("A sentence.", title="A talk")
# The heads of the two histories, the oldest first.
VERSIONS = [("0001", "0001"), ("0002", "0003")]


def before(core: str, bot: str, connection: Connection) -> None:
    """Makes the tables as they were, with three threads in them."""
    make_by_steps(connection, replace(CORE, head=core))
    make_by_steps(connection, replace(BOT, head=bot))
    tables = MetaData()
    tables.reflect(connection)
    is_file = connection.dialect.name == "sqlite"
    now = datetime(2026, 1, 1, 12, tzinfo=None if is_file else UTC)

    def add(table: str, **values: Any) -> None:
        connection.execute(tables.tables[table].insert(), values)

    add("talks", fingerprint="fp", content=zlib.compress(pack(TALK)), used_at=now)
    for number, key in enumerate((HERE, THERE, ELSEWHERE), 1):
        where = {"platform": key.platform, "workspace": key.workspace, "channel": key.channel}
        kept = {"language": "de", "quiet": key is THERE, "created_at": now, "updated_at": now}
        add("sessions", id=number, **where, thread=key.thread, title="A talk", **kept)
        video = {"video_id": "v", "title": "A talk", "link": "https://youtu.be/v", "place": 0}
        add("session_videos", session_id=number, fingerprint="fp", **video)
        for place, author in enumerate(("ann", "", "bob", "")):
            role = MessageRole.USER if author else MessageRole.ASSISTANT
            spent = dict.fromkeys(("prompt_tokens", "completion_tokens", "cached_tokens"), 1)
            said = {"text": f"{place} in {key.thread}", "author": author, "role": role.value}
            reply = {"reply": f"r{place // 2}", "place": place // 2, "number": place % 2}
            add("messages", session_id=number, fingerprint="fp", at=now, **reply, **said, **spent)
    event = {"platform": "discord", "event": "1", "workspace": "guild", "channel": "channel"}
    add("events", **event, state="done", tries=2, received_at=now)
    for number in (3, 2):
        waiting = {**event, "event": str(number), "state": "received", "tries": 0}
        asked = Incoming(f"{number}", HERE, "ann", happened=HAPPENED + number)
        add("events", **waiting, incoming=pack(asked), received_at=now)


@pytest.fixture(params=VERSIONS, ids=["first", "before"])
async def database(address: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    core, bot = request.param
    old = Database(address)
    await old.write(lambda connection: before(core, bot, connection))
    await old.close()
    async with closing_database(address) as opened:
        yield opened


async def test_what_admins_chose_holds(address: str) -> None:
    def chosen(connection: Connection) -> None:
        make_by_steps(connection, replace(BOT, head="0006"))
        tables = MetaData()
        tables.reflect(connection)
        values = {"channels": ["C1"], "language": "de", "types": ["Key Moments"]}
        where = {"platform": "slack", "workspace": "T1"}
        connection.execute(tables.tables["workspaces"].insert(), {**where, **values})

    old = Database(address)
    await old.write(chosen)
    await old.close()
    async with closing_database(address) as database:
        workspaces = Store(database).workspaces
        known = await workspaces.get("slack", "T1")
        assert known == WorkspaceSettings(("C1",), "de", (AnalysisType.KEY_MOMENTS,))
        short = Style(Length.SHORT, "for engineers")
        await workspaces.change("slack", "T1", model="fast")
        await workspaces.change_style("slack", "T1", "C1", short)
        kept = await Store(database).workspaces.get("slack", "T1")
        assert kept == replace(known, model="fast", styles={"C1": short})
        assert (kept.style("C1"), kept.style("C2")) == (short, Style())
        assert await Store(database).workspaces.get("slack", "T2") == WorkspaceSettings()
        await Store(database).forget_workspace(ELSEWHERE)
        assert await Store(database).workspaces.get("slack", "T1") == WorkspaceSettings()


@asynccontextmanager
async def closing_database(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await Store(database).open()
    yield database
    await database.close()


def test_what_says_nothing_of_length_is_kept_as_before() -> None:
    assert pack(Analyze("L", question="q")) == packb(
        {"type": "Analyze", "link": "L", "question": "q"}
    )


async def test_threads_go_on(database: Database) -> None:
    sessions, threads = SessionRepository(database), Store(database).threads
    for key in (HERE, THERE, ELSEWHERE):
        session = await sessions.get(key.session)
        assert session
        assert (session.title, session.language) == ("A talk", "de")
        assert session.created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
        assert [m.text for m in session.messages] == [f"{n} in {key.thread}" for n in range(4)]
        assert [video.fingerprint for video in session.videos] == ["fp"]
        assert await threads.is_quiet(key) is (key is THERE)
    assert await sessions.video("fp") == TALK
    assert await sessions.find(ELSEWHERE.place_prefix, "v") == ELSEWHERE.session
    await sessions.open(replace(HERE, thread="new").session, "Another")
    assert len(await sessions.recent(HERE.place_prefix)) == 3


async def test_who_asked_is_still_known(database: Database) -> None:
    sessions, threads = SessionRepository(database), Store(database).threads
    assert await threads.forget_person(HERE, "bob") == 2
    texts = []
    for key in (HERE, ELSEWHERE):
        session = await sessions.get(key.session)
        texts.append([message.text[0] for message in session.messages] if session else [])
    assert texts == [["0", "1"], ["0", "1", "2", "3"]]
    assert await threads.forget_person(HERE, "bob") == 0


async def test_talks_get_vectors_that_go_with_them(database: Database) -> None:
    vectors = Vectors.of([[1.0, 0.0]])
    stored = StoredVectors(database)
    await stored.put("fp", "one", vectors)
    assert await stored.get("fp", "one") == vectors
    for key in (HERE, THERE, ELSEWHERE):
        assert await SessionRepository(database).forget(key.session)
    assert await stored.get("fp", "one") is None


async def test_talks_get_notes_that_go_with_them(database: Database) -> None:
    notes = (Note("It holds.", (1, 2)), Note("So it does.", (3,)))
    stored, key = StoredNotes(database), NotesKey("v", "fp", "model", "1", 1, 9)
    await stored.put(key, notes[:1])
    await stored.put(key, notes)
    assert await stored.get(key) == notes
    for other in (replace(key, model="another"), replace(key, last=8), replace(key, version="2")):
        assert await stored.get(other) is None
    elsewhere = replace(key, fingerprint="of a talk that nobody keeps")
    await stored.put(elsewhere, notes)
    assert await stored.get(elsewhere) is None
    for session in (HERE, THERE, ELSEWHERE):
        assert await SessionRepository(database).forget(session.session)
    assert await stored.get(key) is None


async def test_what_waits_is_resumed_in_the_order_of_the_platform(database: Database) -> None:
    kept = select(events.c.happened).where(events.c.state == "received").order_by(events.c.id)
    column = await database.read(lambda connection: connection.scalars(kept).all())
    assert column == [HAPPENED + 3, HAPPENED + 2]
    waiting = await Store(database).ledger.unfinished("discord")
    assert [one.incoming.happened for one in waiting] == [HAPPENED + 2, HAPPENED + 3]
