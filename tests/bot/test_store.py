"""What the bot must not lose: each event taken once, each page placed once, each post kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from talks import talk_of
from vidthread.commands import Analyze
from vidthread.store import (
    SCHEMA,
    Ledger,
    Outbox,
    PostedPage,
    Posts,
    Store,
    Threads,
    WorkspaceFigures,
    reply_key,
)
from vidthread.store.encoding import decode_incoming, decode_reply, encode_reply
from vidthread.store.tables import METADATA, events
from vidthread.surface import (
    Actions,
    Addressed,
    Answer,
    Attachment,
    Block,
    Button,
    File,
    Incoming,
    Notice,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from vidthread.thread_key import ThreadKey
from youtube_analysis import AnalysisType, ChatMessage, Citation, MessageRole, TokenUsage
from youtube_analysis import Answer as ChatAnswer
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.packing import pack
from youtube_analysis.repositories.sessions import SessionRepository
from youtube_analysis.repositories.tables import SCHEMA as SESSIONS

pytest_plugins = ["databases"]

CHANNEL = ThreadKey("discord", "guild", "channel")
THREAD = replace(CHANNEL, thread="thread")
OTHER = replace(CHANNEL, thread="another")
CITATIONS = (Citation("dQw4w9WgXcQ", 12.5, 17.0, "https://youtu.be/dQw4w9WgXcQ?t=12", "“so” 🙂"),)
BLOCKS: tuple[Block, ...] = (
    VideoCard("dQw4w9WgXcQ", "Title", None, 61.5, "about", "all", ("chapters",), "https://i.ytimg"),
    Progress("Transcript", 1, 3),
    *(Section(kind, f"**{kind}**", False, CITATIONS) for kind in AnalysisType),
    Answer("So. [0:12]", False, CITATIONS),
    Notice("It broke.", failure=True, reference="abc"),
    File("talk.md", "# Talk\n", "text/markdown"),
    Actions((Button("v1:ask:1", "Ask"), Button("v1:stop:1", "Stop"))),
)
REPLY = Reply("analysis-1", BLOCKS, live=False, to="message")
INCOMING = Incoming(
    "event",
    CHANNEL,
    "ann",
    "message",
    "https://youtu.be/dQw4w9WgXcQ ‘bitte’ 🙂",
    Analyze("https://youtu.be/dQw4w9WgXcQ", (AnalysisType.SUMMARY, AnalysisType.X_POST), "de"),
    Addressed.NOBODY,
    (Attachment("talk.srt", bytes(range(256))),),
    happened=1_700_000_000_000_100,
)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.open(SCHEMA)
    yield database
    await database.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.fixture
def posts(database: Database) -> Posts:
    return Posts(database)


async def rows(database: Database) -> dict[str, int]:
    return await database.read(
        lambda connection: {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }
    )


async def left(database: Database) -> dict[str, int]:
    """The tables that hold anything."""
    return {name: count for name, count in (await rows(database)).items() if count}


def event(name: str, key: ThreadKey = CHANNEL, *, message: str = "") -> Incoming:
    return Incoming(name, key, "ann", message)


async def taken(ledger: Ledger, incoming: Incoming, *, message_key: bool = False) -> int:
    row = await ledger.take(incoming, message_key=message_key)
    assert row is not None
    return row


class TestCodec:
    def test_knows_every_kind_of_block(self) -> None:
        assert {type(block) for block in BLOCKS} == set(get_args(Block))
        assert decode_reply(encode_reply(REPLY)) == REPLY

    @given(st.builds(Incoming, event=st.text(), key=st.just(THREAD), author=st.text()))
    def test_keeps_any_event(self, incoming: Incoming) -> None:
        assert decode_incoming(pack(incoming)) == incoming

    def test_mends_what_is_no_text(self) -> None:
        torn = replace(INCOMING, text="torn \ud83d emoji")
        mended = replace(INCOMING, text="torn \ufffd emoji")
        assert decode_incoming(pack(torn)) == mended
        reply = Reply("r", (Notice("torn \ud83d"), Progress("whole")), live=True)
        whole = replace(reply, blocks=(Notice("torn \ufffd"), Progress("whole")))
        assert decode_reply(encode_reply(reply)) == whole

    def test_tells_what_it_does_not_understand(self) -> None:
        assert decode_incoming(b"\xc1") is None
        assert decode_incoming(encode_reply(REPLY)) is None
        assert decode_reply(b"") is None
        newer = encode_reply(REPLY).replace(b"notice", b"poster")
        assert decode_reply(newer) is None


class TestTaking:
    async def test_an_event_happens_once(self, ledger: Ledger) -> None:
        assert await ledger.take(event("1"), message_key=False) is not None
        assert await ledger.take(event("1"), message_key=False) is None
        assert await ledger.take(event("2"), message_key=False) is not None
        elsewhere = event("1", replace(CHANNEL, platform="slack"))
        assert await ledger.take(elsewhere, message_key=False) is not None

    async def test_a_message_that_comes_as_two_events_is_answered_once(
        self, ledger: Ledger
    ) -> None:
        assert await ledger.take(event("plain", message="m"), message_key=True) is not None
        assert await ledger.take(event("mention", message="m"), message_key=True) is None
        there = event("there", replace(CHANNEL, channel="c"), message="m")
        assert await ledger.take(there, message_key=True) is not None

    async def test_what_is_not_answered_swallows_no_twin(self, ledger: Ledger) -> None:
        assert await ledger.take(event("plain", message="m"), message_key=False) is not None
        assert await ledger.take(event("mention", message="m"), message_key=True) is not None

    async def test_events_without_a_message_are_no_twins(self, ledger: Ledger) -> None:
        assert await ledger.take(event("button 1"), message_key=True) is not None
        assert await ledger.take(event("button 2"), message_key=True) is not None

    async def test_at_the_same_time_takes_each_once(self, ledger: Ledger) -> None:
        twins = [event(f"event {n % 20}", message=f"message {n % 10}") for n in range(60)]
        rows = await asyncio.gather(*(ledger.take(twin, message_key=True) for twin in twins))
        assert len({row for row in rows if row is not None}) == 10
        assert rows.count(None) == 50

    async def test_what_is_done_stays_known(self, ledger: Ledger) -> None:
        row = await taken(ledger, event("1", message="m"), message_key=True)
        await ledger.done(row)
        assert await ledger.take(event("1"), message_key=True) is None
        assert await ledger.take(event("2", message="m"), message_key=True) is None


class TestUnfinished:
    async def test_comes_back_whole_in_order_of_arrival(self, ledger: Ledger) -> None:
        before = datetime.now(UTC)
        first = await taken(ledger, INCOMING)
        second = await taken(ledger, event("2", THREAD))
        third = await taken(ledger, event("3"))
        await taken(ledger, event("4", replace(CHANNEL, platform="slack")))
        await ledger.bind(first, OTHER)
        await ledger.answered(second, REPLY)
        found = await ledger.unfinished("discord")
        assert [one.row for one in found] == [first, second, third]
        assert [one.incoming for one in found] == [INCOMING, event("2", THREAD), event("3")]
        assert [one.key for one in found] == [OTHER, THREAD, None]
        assert [one.reply for one in found] == [None, REPLY, None]
        assert all(before <= one.received_at <= datetime.now(UTC) for one in found)

    async def test_comes_in_the_order_of_the_platform(self, ledger: Ledger) -> None:
        for name, happened in (("untold", 0), ("last", 30), ("first", 10), ("second", 20)):
            await taken(ledger, replace(event(name), happened=happened))
        found = [
            (one.incoming.event, one.incoming.happened)
            for one in await ledger.unfinished("discord")
        ]
        assert found == [("first", 10), ("second", 20), ("last", 30), ("untold", 0)]

    async def test_does_not_name_what_is_done(self, ledger: Ledger, database: Database) -> None:
        row = await taken(ledger, INCOMING)
        await ledger.answered(row, REPLY)
        await ledger.done(row)
        assert await ledger.unfinished("discord") == ()
        events = METADATA.tables["events"]
        blobs = select(events.c.incoming, events.c.reply)
        kept = await database.read(lambda connection: connection.execute(blobs).one())
        assert tuple(kept) == (None, None)

    async def test_does_not_bring_back_what_was_forgotten(
        self, ledger: Ledger, database: Database
    ) -> None:
        row = await taken(ledger, event("1", THREAD))
        await Store(database).forget(THREAD)
        assert not await ledger.retry(row)
        await ledger.bind(row, THREAD)
        await ledger.answered(row, REPLY)
        assert await ledger.unfinished("discord") == ()

    async def test_of_another_version_hinders_nothing(
        self, ledger: Ledger, database: Database
    ) -> None:
        events = METADATA.tables["events"]
        unread, unreadable = await taken(ledger, event("1")), await taken(ledger, event("2"))
        await ledger.answered(unread, REPLY)
        spoiling = events.update().values(reply=b"?")
        await database.write(lambda connection: connection.execute(spoiling))
        spoiling = events.update().where(events.c.id == unreadable).values(incoming=b"?")
        await database.write(lambda connection: connection.execute(spoiling))
        (found,) = await ledger.unfinished("discord")
        assert (found.row, found.reply) == (unread, None)

    async def test_counts_its_tries(self, ledger: Ledger) -> None:
        row = await taken(ledger, INCOMING)
        assert [await ledger.retry(row) for _ in range(3)] == [1, 2, 3]
        (found,) = await ledger.unfinished("discord")
        assert found.tries == 3


class TestPruning:
    async def test_removes_what_is_done_and_old(self, ledger: Ledger, database: Database) -> None:
        done = await taken(ledger, event("1"))
        await taken(ledger, event("2"))
        await ledger.done(done)
        now = datetime.now(UTC)
        assert await prune(ledger, now - timedelta(days=1)) == 0
        assert await prune(ledger, now + timedelta(seconds=1)) == 1
        assert (await rows(database))["events"] == 1

    async def test_takes_the_pages_of_the_reply_along(
        self, ledger: Ledger, outbox: Outbox, database: Database
    ) -> None:
        done, other = await taken(ledger, event("1")), await taken(ledger, event("2"))
        for row in (done, other):
            await ledger.bind(row, THREAD)
            await outbox.intend(THREAD, reply_key(row), 0, "nonce")
        await ledger.done(done)
        assert await prune(ledger, datetime.now(UTC) + timedelta(seconds=1)) == 1
        assert await outbox.pages(THREAD, reply_key(done)) == ()
        assert len(await outbox.pages(THREAD, reply_key(other))) == 1

    async def test_keeps_what_is_named_and_gives_no_number_twice(
        self, ledger: Ledger, database: Database
    ) -> None:
        numbers = [await taken(ledger, event(name)) for name in ("sample", "1", "2", "3")]
        for row in numbers:
            await ledger.done(row)
        later = datetime.now(UTC) + timedelta(seconds=1)
        store = Store(database)
        assert await store.prune(later, keep=("sample",)) == 2
        assert await ledger.take(event("sample"), message_key=False) is None
        assert await taken(ledger, event("4")) > max(numbers)

    async def test_goes_on_in_steps_until_nothing_is_left(
        self, ledger: Ledger, database: Database
    ) -> None:
        for number in range(5):
            await ledger.done(await taken(ledger, event(str(number))))
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert [await prune(ledger, later, limit=3) for _ in range(3)] == [3, 1, 0]
        assert (await rows(database))["events"] == 1


async def prune(ledger: Ledger, older_than: datetime, limit: int = 100) -> int:
    return await ledger.prune(older_than, keep=("sample",), limit=limit)


class TestOutbox:
    async def test_tells_the_pages_of_one_reply(self, outbox: Outbox) -> None:
        await outbox.intend(THREAD, "r", 1, "n1")
        await outbox.intend(THREAD, "r", 0, "n0")
        await outbox.placed(THREAD, "r", 0, "message 0")
        await outbox.intend(THREAD, "another", 0, "n")
        await outbox.intend(OTHER, "r", 0, "n")
        assert await outbox.pages(THREAD, "r") == (
            PostedPage(0, "n0", "message 0"),
            PostedPage(1, "n1", None),
        )

    async def test_an_intent_takes_the_place_away(self, outbox: Outbox) -> None:
        await outbox.intend(THREAD, "r", 0, "n0")
        await outbox.placed(THREAD, "r", 0, "message 0")
        await outbox.intend(THREAD, "r", 0, "n1")
        assert await outbox.pages(THREAD, "r") == (PostedPage(0, "n1", None),)

    async def test_forgets_a_page_or_a_thread(self, outbox: Outbox, database: Database) -> None:
        for number in range(3):
            await outbox.intend(THREAD, "r", number, "n")
        await outbox.intend(OTHER, "r", 0, "n")
        await outbox.remove(THREAD, "r", 1)
        assert [page.number for page in await outbox.pages(THREAD, "r")] == [0, 2]
        await Store(database).forget(THREAD)
        assert await outbox.pages(THREAD, "r") == ()
        assert len(await outbox.pages(OTHER, "r")) == 1


class TestPosts:
    async def test_come_in_order_as_they_were(self, posts: Posts) -> None:
        content = {"text": "zero\0 🙂 torn \ud83d", "blocks": [1, 2.5, None, {"a": True}]}
        first = await posts.add(THREAD, author="ann", content=content)
        second = await posts.add(THREAD, author="", content={}, nonce="n", reply="r")
        await posts.add(OTHER, author="bob", content={})
        assert await posts.of(THREAD) == (first, second)
        assert (first.author, first.content, first.nonce) == ("ann", content, "")
        assert (second.author, second.reply, second.nonce) == ("", "r", "n")
        assert first.at.utcoffset() == timedelta(0)

    async def test_with_one_nonce_are_one(self, posts: Posts) -> None:
        added = await asyncio.gather(
            *(posts.add(THREAD, author="", content={"n": n}, nonce="n") for n in range(20))
        )
        assert len({post.id for post in added}) == 1
        (kept,) = await posts.of(THREAD)
        assert all(post == kept for post in added)
        assert await posts.find(THREAD, "n") == kept.id
        assert (await posts.add(OTHER, author="", content={}, nonce="n")).id != kept.id

    async def test_without_a_nonce_are_each_their_own(self, posts: Posts) -> None:
        for _ in range(2):
            await posts.add(THREAD, author="ann", content={"text": "again"})
        assert len(await posts.of(THREAD)) == 2
        assert await posts.find(THREAD, "") is None

    async def test_change_and_go(self, posts: Posts) -> None:
        post = await posts.add(THREAD, author="", content={"a": 1}, nonce="n")
        assert await posts.update(post.id, {"a": 2})
        assert await posts.of(THREAD) == (replace(post, content={"a": 2}),)
        await posts.remove(post.id)
        assert await posts.of(THREAD) == ()
        assert not await posts.update(post.id, {"a": 3})


async def test_forgetting_leaves_nothing_but_the_ids_of_events(
    ledger: Ledger, outbox: Outbox, posts: Posts, database: Database
) -> None:
    for key in (THREAD, OTHER):
        row = await taken(ledger, event(f"in {key.thread}", key))
        await ledger.answered(row, REPLY)
        await ledger.bind(await taken(ledger, event(f"opened {key.thread}")), key)
        await outbox.intend(key, "r", 0, "n")
        await posts.add(key, author="ann", content={})
    await Store(database).forget(THREAD)
    await posts.forget(THREAD)
    assert await left(database) == {"events": 4, "pages": 1, "posts": 1}
    assert len(await ledger.unfinished(THREAD.platform)) == 2
    await Store(database).forget(OTHER)
    await posts.forget(OTHER)
    assert await left(database) == {"events": 4}
    assert await ledger.unfinished(THREAD.platform) == ()
    kept = await database.read(
        lambda connection: connection.execute(select(events)).mappings().all()
    )
    for name in ("incoming", "reply", "at_workspace", "at_channel", "at_thread"):
        assert {row[name] for row in kept} == {None}
    assert await ledger.take(event(f"in {THREAD.thread}", THREAD), message_key=False) is None


class TestThreads:
    @pytest.fixture
    async def sessions(self, database: Database) -> SessionRepository:
        await database.open(SESSIONS)
        return SessionRepository(database)

    async def test_are_quiet_where_it_was_said(self, database: Database) -> None:
        threads = Threads(database)
        for _ in range(2):
            await threads.set_quiet(THREAD, True)
        assert await threads.is_quiet(THREAD)
        assert not await threads.is_quiet(OTHER)
        await threads.set_quiet(THREAD, False)
        assert not await threads.is_quiet(THREAD)

    async def test_add_up_to_their_workspace(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        await asked(sessions, THREAD, OTHER, replace(THREAD, workspace="guild 2"))
        figures = await Threads(database).figures(CHANNEL)
        assert figures == WorkspaceFigures(2, 1, 4, 2, TokenUsage(20, 4, 6))
        nowhere = await Threads(database).figures(ThreadKey("discord", "nowhere", ""))
        assert nowhere == WorkspaceFigures(0, 0, 0, 0, TokenUsage())

    async def test_tell_the_videos_that_were_opened_last(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        threads = Threads(database)
        for key, video in ((THREAD, "a"), (OTHER, "b"), (replace(THREAD, thread="c"), "a")):
            await sessions.add_video(key.session, talk_of("x", title=video), video, f"link {video}")
        await sessions.add_video(THREAD.session, talk_of("x", title="file"), "file", "")
        recent = await threads.recent_videos(CHANNEL)
        assert [(one.title, one.link) for one in recent] == [("a", "link a"), ("b", "link b")]
        assert {one.key for one in recent} <= {THREAD, OTHER, replace(THREAD, thread="c")}
        assert await threads.recent_videos(replace(CHANNEL, workspace="elsewhere")) == ()

    async def test_forget_what_a_person_asked_in_a_workspace(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        threads = Threads(database)
        away = replace(THREAD, workspace="guild 2")
        await asked(sessions, THREAD, OTHER, away)
        for key in (THREAD, OTHER, away):
            await threads.remember_author(key, "ann's", "ann")
            await threads.remember_author(key, "bob's", "bob")
        assert await threads.forget_person(CHANNEL, "ann") == 2
        assert await texts(sessions, THREAD) == ["bob asks"]
        assert await texts(sessions, away) == ["ann asks", "answer", "bob asks"]
        assert await threads.forget_person(CHANNEL, "ann") == 0

    async def test_keep_no_name_of_who_left_nothing_in_the_log(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        await asked(sessions, THREAD)
        await Threads(database).remember_author(THREAD, "another reply", "cem")
        await Threads(database).remember_author(OTHER, "ann's", "ann")
        assert await left(database) == {}

    async def test_are_forgotten_whole(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        store, away = Store(database), replace(THREAD, workspace="guild 2")
        for key in (THREAD, OTHER, away):
            await asked(sessions, key)
            await store.threads.remember_author(key, "ann's", "ann")
            await store.threads.set_quiet(key, True)
        await store.forget(THREAD)
        assert await left(database) == {"authors": 2, "quiet_threads": 2}
        await store.forget_workspace(CHANNEL)
        assert await left(database) == {"authors": 1, "quiet_threads": 1}


async def asked(sessions: SessionRepository, *keys: ThreadKey) -> None:
    """Ann has asked there and was answered, Bob was not."""
    usage = TokenUsage(10, 2, 3)
    answer = ChatAnswer("", "answer", True, "model", usage=usage)
    for key in keys:
        await sessions.add_video(key.session, talk_of("x"), "fp", "link")
        question = ChatMessage(MessageRole.USER, "ann asks")
        told = ChatMessage(MessageRole.ASSISTANT, "answer", answer=answer)
        await sessions.record(key.session, "ann's", [question, told])
        await sessions.record(key.session, "bob's", [ChatMessage(MessageRole.USER, "bob asks")])


async def texts(sessions: SessionRepository, key: ThreadKey) -> list[str]:
    session = await sessions.get(key.session)
    return [message.text for message in session.messages] if session else []


@given(st.builds(ThreadKey, *[st.text("0123456789-.TCdm")] * 3, st.text()))
def test_a_session_leads_back_to_its_thread(key: ThreadKey) -> None:
    assert ThreadKey.of_session(key.session) == key
    assert key.session.startswith(key.place_prefix)
    assert key.place_prefix.startswith(key.workspace_prefix)


async def test_what_is_forgotten_is_in_no_file_of_the_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'vidthread.db'}")
    store, sessions = Store(database), SessionRepository(database)
    await store.open()
    words = "nobody may read this any more"

    def holding() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if words.encode() in path.read_bytes()]

    row = await taken(store.ledger, replace(event("1", THREAD), text=words))
    await store.ledger.answered(row, Reply("r", (Notice(words),), live=False))
    await sessions.open(THREAD.session, words)
    message = ChatMessage(MessageRole.USER, words * 200)
    await sessions.record(THREAD.session, reply_key(row), [message])
    await store.posts.add(THREAD, author="ann", content={"text": words})
    await store.threads.remember_author(THREAD, reply_key(row), "ann")
    assert holding()
    await sessions.forget(THREAD.session)
    await store.posts.forget(THREAD)
    await store.forget(THREAD)
    assert holding() == []
    await database.close()
    assert holding() == []
