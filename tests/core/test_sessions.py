"""What threads remember: kept once, in order, apart from each other, and forgotten wholly."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from talks import talk_of
from youtube_analysis import (
    AnalysisType,
    Answer,
    ChatMessage,
    Citation,
    Classification,
    ContentCategory,
    ContextTag,
    MessageRole,
    Settings,
    TaskOutput,
    TokenUsage,
    VideoData,
)
from youtube_analysis.models.chat import SessionVideo
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.sessions import SessionRepository
from youtube_analysis.repositories.tables import METADATA, SCHEMA, messages
from youtube_analysis.service_factory import ServiceFactory

pytest_plugins = ["databases"]

HERE = "guild/channel/thread"
THERE = "guild/channel/another thread"
CITATION = Citation("dQw4w9WgXcQ", 12.5, 17.0, "https://youtu.be/dQw4w9WgXcQ?t=12", "“genau so” 🙂")
ANSWER = Answer("Was?", "So. [0:12]", True, "offline", (CITATION,), TokenUsage(100, 20, 60))
SECTION = TaskOutput(
    AnalysisType.SUMMARY,
    "**TL;DR**",
    "gpt",
    (CITATION,),
    Classification(ContentCategory.HEALTH, ContextTag.HOW_TO),
    TokenUsage(7, 5, 3),
    1.25,
    cached=True,
)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.open(SCHEMA)
    yield database
    await database.close()


@pytest.fixture
def sessions(database: Database) -> SessionRepository:
    return SessionRepository(database)


def said(text: str, *, ours: bool = False) -> ChatMessage:
    return ChatMessage(MessageRole.ASSISTANT if ours else MessageRole.USER, text)


async def log(sessions: SessionRepository, key: str = HERE) -> list[str]:
    session = await sessions.get(key, messages=None)
    return [message.text for message in session.messages] if session else []


async def rows(database: Database) -> dict[str, int]:
    return await database.read(
        lambda connection: {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }
    )


class TestOpening:
    async def test_makes_a_session_once(self, sessions: SessionRepository) -> None:
        made = await sessions.open(HERE, "A talk")
        again = await sessions.open(HERE, "Another title")
        assert made == again
        assert (made.key, made.title, made.language) == (HERE, "A talk", None)
        assert made.created_at == again.created_at
        assert made.created_at.utcoffset() == timedelta(0)

    async def test_at_the_same_time_makes_one(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        opened = await asyncio.gather(*(sessions.open(HERE, f"title {n}") for n in range(50)))
        assert len({(session.title, session.created_at) for session in opened}) == 1
        assert (await rows(database))["sessions"] == 1

    async def test_is_needed_before_there_is_one(self, sessions: SessionRepository) -> None:
        assert await sessions.get(HERE) is None


class TestMessages:
    async def test_come_back_as_they_were(self, sessions: SessionRepository) -> None:
        await sessions.open(HERE)
        question = said("Was?")
        answer = ChatMessage(
            MessageRole.ASSISTANT, ANSWER.text, reply="r", fingerprint="fp", answer=ANSWER
        )
        section = ChatMessage(MessageRole.TOOL, "t", reply="r", section=SECTION)
        await sessions.record(HERE, "r", [question, answer, section])
        session = await sessions.open(HERE)
        assert session.messages == (replace(question, reply="r"), answer, section)
        assert [m.at for m in session.messages] == [question.at, answer.at, section.at]

    async def test_are_replaced_where_they_stand(self, sessions: SessionRepository) -> None:
        """A run that is resumed writes the same again, or more of it."""
        await sessions.open(HERE)
        await sessions.record(HERE, "1", [said("question 1")])
        await sessions.record(HERE, "2", [said("question 2"), said("answer 2", ours=True)])
        for _ in range(2):
            await sessions.record(HERE, "1", [said("question 1"), said("answer 1", ours=True)])
        assert await log(sessions) == ["question 1", "answer 1", "question 2", "answer 2"]

    async def test_amended_do_not_come_back(self, sessions: SessionRepository) -> None:
        await sessions.open(HERE)
        await sessions.record(HERE, "1", [said("question"), said("answer", ours=True)])
        assert await sessions.record(
            HERE, "1", [said("question"), said("better", ours=True)], amends=True
        )
        assert await log(sessions) == ["question", "better"]
        await sessions.forget(HERE)
        assert not await sessions.record(HERE, "1", [said("question")], amends=True)
        await sessions.open(HERE)
        assert not await sessions.record(HERE, "1", [said("question")], amends=True)
        assert await log(sessions) == []

    async def test_written_at_the_same_time_are_all_there_once(
        self, sessions: SessionRepository
    ) -> None:
        await sessions.open(HERE)

        async def write(number: int) -> None:
            pair = [said(f"question {number}"), said(f"answer {number}", ours=True)]
            await sessions.record(HERE, f"reply {number}", pair)

        await asyncio.gather(*(write(number % 25) for number in range(50)))
        texts = await log(sessions)
        assert sorted(texts) == sorted(
            text for n in range(25) for text in (f"question {n}", f"answer {n}")
        )
        pairs = [(a.split()[1], b.split()[1]) for a, b in zip(texts[::2], texts[1::2], strict=True)]
        assert all(first == second for first, second in pairs)

    async def test_of_long_threads_come_newest_last(self, sessions: SessionRepository) -> None:
        await sessions.open(HERE)
        for number in range(12):
            pair = [said(f"{number} a"), said(f"{number} b")]
            await sessions.record(HERE, str(number), pair)
        session = await sessions.get(HERE, messages=3)
        assert session
        assert [message.text for message in session.messages] == ["10 b", "11 a", "11 b"]
        assert len(await log(sessions)) == 24

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("naïve ‘quotes’ 日本語 العربية 👩‍👩‍👧‍👦 \u200b\u2028", None),
            ("' OR 1=1; -- %s ? :x {}", None),
            ("", None),
            ("zero\0byte", "zero\ufffdbyte"),
            ("torn \ud83d emoji", "torn \ufffd emoji"),
        ],
    )
    async def test_may_hold_any_text(
        self, sessions: SessionRepository, text: str, kept: str | None
    ) -> None:
        await sessions.open(HERE, text)
        answer = replace(ANSWER, text=text.replace("\0", " "))
        await sessions.record(HERE, "r", [replace(said(text), answer=answer)])
        session = await sessions.get(HERE)
        assert session
        assert session.messages[0].text == session.title == (text if kept is None else kept)

    async def test_keep_the_moment_whatever_the_zone(self, sessions: SessionRepository) -> None:
        await sessions.open(HERE)
        at = datetime(2026, 3, 1, 1, 30, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
        await sessions.record(HERE, "r", [replace(said("late"), at=at)])
        session = await sessions.get(HERE)
        assert session
        assert session.messages[0].at == at
        assert session.messages[0].at.tzinfo is UTC

    async def test_count_the_tokens_that_they_took(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        await sessions.open(HERE)
        worked = [replace(said(""), answer=ANSWER), replace(said(""), section=SECTION), said("")]
        await sessions.record(HERE, "r", worked)
        columns = (messages.c.prompt_tokens, messages.c.completion_tokens, messages.c.cached_tokens)
        summing = select(*map(func.sum, columns))
        sums = await database.read(lambda connection: connection.execute(summing).one())
        assert tuple(map(int, sums)) == (107, 25, 63)

    async def test_of_another_version_hinder_nothing(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        await sessions.open(HERE)
        await sessions.record(HERE, "r", [replace(said("So."), answer=ANSWER)])
        spoiling = messages.update().values(answer=b"?")
        await database.write(lambda connection: connection.execute(spoiling))
        session = await sessions.get(HERE)
        assert session
        assert [(m.text, m.answer) for m in session.messages] == [("So.", None)]

    async def test_of_one_thread_are_never_seen_in_another(
        self, sessions: SessionRepository
    ) -> None:
        keys = [HERE, THERE, "", "guild/channel/", "Guild/channel/thread", f"{HERE}s"]
        for number, key in enumerate(keys):
            await sessions.open(key)
            await sessions.record(key, "same reply", [said(f"secret {number}")])
        await sessions.record(HERE, "same reply", [said("changed")])
        assert [await log(sessions, key) for key in keys] == [
            ["changed"],
            *([f"secret {number}"] for number in range(1, 6)),
        ]


class TestVideos:
    async def test_are_kept_whole_and_once(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        talk = talk_of("Ein Satz.", "Noch einer 🙂", title="Über alles")
        for key in (HERE, THERE):
            await sessions.open(key)
            await sessions.add_video(key, talk, "fp", "https://youtu.be/dQw4w9WgXcQ")
        assert await sessions.video("fp") == talk
        assert await sessions.video("unknown") is None
        assert (await rows(database))["talks"] == 1
        session = await sessions.open(HERE)
        assert session.videos == (
            SessionVideo("fp", "dQw4w9WgXcQ", "Über alles", "https://youtu.be/dQw4w9WgXcQ"),
        )

    async def test_make_the_thread_and_call_it_after_them(
        self, sessions: SessionRepository
    ) -> None:
        await sessions.open(HERE, "what was asked")
        for key in (HERE, THERE):
            await sessions.add_video(key, talk_of("x", title="A talk"), "fp", "link")
            session = await sessions.get(key)
            assert session
            assert (session.title, len(session.videos)) == ("A talk", 1)

    async def test_become_the_newest_when_they_come_again(
        self, sessions: SessionRepository
    ) -> None:
        await sessions.open(HERE)
        for fingerprint in ("a", "b", "a"):
            await sessions.add_video(HERE, talk_of("x", title=fingerprint), fingerprint, "link")
        session = await sessions.open(HERE)
        assert [video.fingerprint for video in session.videos] == ["b", "a"]

    async def test_lead_to_the_thread_that_is_about_them(self, sessions: SessionRepository) -> None:
        place = "guild/channel/"
        assert await sessions.find(place, "dQw4w9WgXcQ") is None
        for key in (HERE, THERE, "guild/channels/thread"):
            await sessions.open(key)
            await sessions.add_video(key, talk_of("x"), "fp", "link")
        assert await sessions.find(place, "dQw4w9WgXcQ") == THERE
        await sessions.record(HERE, "r", [said("used again")])
        assert await sessions.find(place, "dQw4w9WgXcQ") == HERE
        assert await sessions.find(place, "another") is None


class TestSettings:
    async def test_are_remembered(self, sessions: SessionRepository) -> None:
        await sessions.open(HERE)
        await sessions.open(THERE)
        await sessions.set_language(HERE, "pt-BR")
        here, there = await sessions.get(HERE), await sessions.get(THERE)
        assert here
        assert there
        assert here.language == "pt-BR"
        assert there.language is None
        await sessions.set_language(HERE, None)
        assert (await sessions.open(HERE)).language is None


class TestRecent:
    async def test_lists_a_place_by_last_use(self, sessions: SessionRepository) -> None:
        keys = [f"guild/channel/{number}" for number in range(5)]
        for key in keys:
            await sessions.open(key, f"thread {key}")
        await sessions.open("guild/channels/thread")
        await sessions.add_video(keys[1], talk_of("x"), "fp", "link")
        await sessions.record(keys[3], "r", [said("hello")])
        found = await sessions.recent("guild/channel/")
        assert [session.key.rpartition("/")[2] for session in found] == ["3", "1", "4", "2", "0"]
        assert [len(session.videos) for session in found] == [0, 1, 0, 0, 0]
        assert not any(session.messages for session in found)
        newest = await sessions.recent("guild/channel/", limit=2)
        assert newest == found[:2]
        assert await sessions.recent("elsewhere/") == ()


class TestForgetting:
    async def test_leaves_nothing(self, sessions: SessionRepository, database: Database) -> None:
        await fill(sessions, HERE, talk_of("x"))
        assert await sessions.forget(HERE)
        assert set((await rows(database)).values()) == {0}
        assert not await sessions.forget(HERE)

    async def test_leaves_what_others_are_about(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        shared, alone = talk_of("shared"), talk_of("alone")
        await fill(sessions, HERE, shared, alone)
        await fill(sessions, THERE, shared)
        assert await sessions.forget(HERE)
        assert await sessions.video("talk 0") == shared
        assert await sessions.video("talk 1") is None
        assert await log(sessions, THERE) == ["question", "answer"]
        assert (await rows(database))["sessions"] == 1

    async def test_of_all_that_begin_alike_leaves_the_others(
        self, sessions: SessionRepository
    ) -> None:
        shared, alone = talk_of("shared"), talk_of("alone")
        await fill(sessions, HERE, shared, alone)
        await fill(sessions, THERE, shared)
        for key in ("guild/channels/thread", "Guild/channel/thread"):
            await fill(sessions, key, shared)
        assert await sessions.forget_all("guild/channel/") == 2
        assert await sessions.get(HERE) is None
        assert await sessions.video("talk 0") == shared
        assert await sessions.video("talk 1") is None
        assert await log(sessions, "guild/channels/thread") == ["question", "answer"]
        assert await sessions.forget_all("guild/channel/") == 0

    async def test_is_final_for_what_is_still_under_way(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        await sessions.open(HERE)
        await sessions.forget(HERE)
        await sessions.record(HERE, "r", [said("too late")])
        await sessions.set_language(HERE, "de")
        assert set((await rows(database)).values()) == {0}

    async def test_while_others_add_the_same_talk_loses_no_talk(
        self, sessions: SessionRepository, database: Database
    ) -> None:
        """Threads come and go; whoever is there at the end has the talk."""
        talk = talk_of("x")
        keys = [f"guild/channel/{number}" for number in range(30)]

        async def live(key: str, *, stays: bool) -> None:
            await sessions.open(key)
            await sessions.add_video(key, talk, "talk", "link")
            if not stays:
                assert await sessions.forget(key)

        await asyncio.gather(*(live(key, stays=n % 10 == 0) for n, key in enumerate(keys)))
        assert await sessions.video("talk") == talk
        assert [len((await sessions.open(key)).videos) for key in keys[::10]] == [1, 1, 1]
        await asyncio.gather(*map(sessions.forget, keys))
        assert set((await rows(database)).values()) == {0}


async def fill(sessions: SessionRepository, key: str, *videos: VideoData) -> None:
    await sessions.open(key, "title")
    for number, video in enumerate(videos):
        await sessions.add_video(key, video, f"talk {number}", "link")
    await sessions.record(key, "r", [said("question"), said("answer", ours=True)])


class TestTheFactory:
    async def test_gives_a_repository_on_its_database(self, address: str) -> None:
        async with ServiceFactory(Settings(database_url=address)) as factory:
            await factory.get_database().open(SCHEMA)
            await factory.get_session_repository().open(HERE, "A talk")
            session = await factory.get_session_repository().get(HERE)
            assert session
            assert session.title == "A talk"

    def test_needs_no_database_engine_without_one(self) -> None:
        program = """
import asyncio, sys
from youtube_analysis import ServiceFactory, Settings

async def main():
    async with ServiceFactory(Settings()):
        assert not {"alembic", "sqlalchemy", "psycopg"} & set(sys.modules)

asyncio.run(main())
"""
        subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
