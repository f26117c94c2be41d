"""The one behaviour where something goes wrong on the way: what is wanted is neither lost nor
changed, and a thread never ends in silence."""

from __future__ import annotations

import asyncio
import random
import re
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from fakes.chat import Fault
from fakes.chat_adapter import open_chat
from fakes.model_answers import compose
from fakes.youtube_bodies import Track, Video
from vidthread.adapter import Adapter
from vidthread.commands import Ask, Statistics
from vidthread.store import Store, Unfinished
from vidthread.surface import Incoming, Notice
from worlds import ChatWorld, PlaygroundWorld, link, open_world
from youtube_analysis.repositories.database import Database

READ = "## Key Moments"
SRT = "".join(
    f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\nThe lock has {n} gates of oak.\n\n"
    for n in range(40)
)


@asynccontextmanager
async def open_chat_world(
    folder: Path, kind: type[ChatWorld] = ChatWorld, **model: Any
) -> AsyncIterator[ChatWorld]:
    async with open_world("chat", folder, kind=kind, **model) as world:
        assert isinstance(world, ChatWorld)
        yield world


def echo(body: dict[str, Any]) -> str:
    """Answers with the number of the question; everything else as the local model does."""
    number = re.search(r"Question number (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


async def unfinished(world: ChatWorld) -> tuple[Unfinished, ...]:
    return await world.house.store.ledger.unfinished("chat")


async def ended(world: ChatWorld) -> None:
    """Waits until nothing is left to be answered or delivered."""
    async with asyncio.timeout(60):
        while await unfinished(world):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.02)


# --- again is the same command again ---


async def stopped_and_tried_again(world: PlaygroundWorld, body: dict[str, Any] | None) -> str:
    """What comes of a thread that is opened by this JSON, or by a file, stopped and tried again."""
    world.model.hold = asyncio.Event()
    async with aiohttp.ClientSession(world.house.server.url) as session:
        form = aiohttp.FormData()
        form.add_field("file", SRT.encode(), filename="What is a lock.en.srt")
        sent: dict[str, Any] = {"json": body} if body else {"data": form}
        async with session.post("/api/threads", **sent) as answer:
            thread = str((await answer.json())["id"])
    world.watch(thread)
    await world.until(lambda: any("v1:stop:" in m.buttons for m in world.shown(thread)))
    await world.until(lambda: bool(world.model.calls))
    await world.press(thread, "v1:stop:")
    await world.idle(thread, "! Stopped.")
    world.model.hold.set()
    again = next(b for m in world.shown(thread) for b in m.buttons if b.startswith("v1:retry:r"))
    await world.press(thread, again)
    return await world.idle(thread, replies=2)


async def test_what_is_tried_again_has_the_types_and_the_language_of_the_first_try(
    tmp_path: Path,
) -> None:
    async with open_world("playground", tmp_path) as world:
        assert isinstance(world, PlaygroundWorld)
        body = {"link": link(1), "types": ["Action Plan"], "language": "de"}
        text = (await stopped_and_tried_again(world, body)).split("! Stopped.")[1]
        assert "## Action Plan" in text
        assert "## Summary" not in text
        assert "language: de" in world.model.calls[-1].last_message


async def test_a_file_that_is_tried_again_is_read_and_its_name_is_no_question(
    tmp_path: Path,
) -> None:
    async with open_world("playground", tmp_path) as world:
        assert isinstance(world, PlaygroundWorld)
        text = (await stopped_and_tried_again(world, None)).split("! Stopped.")[1]
        assert READ in text


async def test_what_could_be_tried_again_is_forgotten_with_the_person(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, hold=asyncio.Event()) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "# Talk 1" in world.text(thread))
        await world.press(thread, "v1:stop:")
        await world.idle(thread, "! Stopped.")
        assert world.model.hold
        world.model.hold.set()
        await world.say(thread, "forget me")
        await world.until(lambda: any("v1:forget:me" in m.buttons for m in world.shown(thread)))
        await world.press(thread, "v1:forget:me")
        await world.idle(thread, "you asked here, with")
        again = next(b for m in world.shown(thread) for b in m.buttons if "retry:r" in b)
        await world.press(thread, again)
        await world.idle(thread, "I don't remember what that was")


# --- what cannot be done ---


async def test_what_was_begun_too_often_says_that_it_was_interrupted(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.stop()
        key = world.key(thread)
        asked = Incoming("crash", key, "anna", text="?", command=Ask("Question number 4?"))
        database = Database(world.settings.database_url)
        store = Store(database)
        await store.open()
        row = await store.ledger.take(asked, message_key=True)
        assert row
        for _ in range(3):
            await store.ledger.retry(row)
        await database.close()
        await world.start()
        await world.idle(thread, "interrupted")
        assert "Echo" not in world.text(thread)
        await world.press(thread, f"v1:retry:r{row}")
        await world.idle(thread, "Echo 4")


async def test_what_waits_in_line_is_not_tried_by_a_start(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.model.hold = asyncio.Event()
        for number in range(3):
            await world.say(thread, f"Question number {number} about the crane?")
        await world.chat.until(lambda: {"e2", "e3", "e4"} <= world.chat.acknowledged)
        for _ in range(2):
            await world.restart()
        assert [row.tries for row in await unfinished(world)][1:] == [0, 0]
        world.model.hold.set()
        answered = await world.idle(thread, "Echo 2")
        assert re.findall(r"Echo (\d)", answered) == list("012")


@pytest.mark.parametrize("method", ["PATCH", "POST"])
async def test_a_page_that_is_refused_for_good_is_told_in_its_place(
    tmp_path: Path, method: str
) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        hold = world.model.hold = asyncio.Event()

        def judge(kind: str, _: str, body: dict[str, Any]) -> Fault | None:
            taken = "refused my message" in body.get("content", "refused my message")
            return None if taken or kind != method else Fault(400)

        world.chat.judge = judge
        before = len(world.shown(thread))
        await world.say(thread, "Question number 1 about the crane?")
        if method == "PATCH":
            await world.until(lambda: len(world.shown(thread)) > before)
        hold.set()
        await world.idle(thread, "refused my message")
        assert "Looking it up" not in world.text(thread)
        await ended(world)


async def test_where_not_even_the_apology_is_taken_the_turn_ends(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.chat.judge = lambda kind, *_: Fault(400) if kind in {"POST", "PATCH"} else None
        await world.say(thread, "Question number 1 about the crane?")
        await world.chat.until(lambda: "e2" in world.chat.acknowledged)
        await ended(world)
        world.chat.judge = lambda *_: None
        await world.say(thread, "Question number 2 about the crane?")
        await world.idle(thread, "Echo 2")


async def test_an_answer_that_can_never_be_delivered_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidthread.presenter.presenter.PATIENCE", 0.0)
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.chat.judge = lambda kind, *_: Fault(500) if kind in {"POST", "PATCH"} else None
        await world.say(thread, "Question number 1 about the crane?")
        await world.chat.until(lambda: "e2" in world.chat.acknowledged)
        for _ in range(30):
            await world.house.assistant.idle(world.key(thread))
            if not await unfinished(world):
                break
            await world.house.assistant.resume_all()
        assert await unfinished(world) == ()


async def at_most(world: ChatWorld, pages: int) -> None:
    """The database grows no further than this, or than it is."""
    limit = text(f"PRAGMA max_page_count = {pages}")
    await world.house.factory.get_database().write(lambda connection: connection.execute(limit))


async def noted(caplog: pytest.LogCaptureFixture, times: int = 1) -> None:
    """Waits until the log has told so often that the database is away."""
    lines = ("waiting for the database", "kept for later")
    async with asyncio.timeout(60):
        while sum(caplog.text.count(line) for line in lines) < times:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


async def test_a_database_that_is_full_for_a_while_loses_and_delays_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def long_echo(body: dict[str, Any]) -> str:
        said = (f" Of crane {n} the talk says where it stands. [{n % 50 + 1}]" for n in range(80))
        return echo(body) + "".join(said)

    async with open_chat_world(tmp_path, reply=long_echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        hold = world.model.hold = asyncio.Event()
        before = len(world.shown(thread))
        await world.say(thread, "Question number 1 about the crane?")
        await world.until(lambda: len(world.shown(thread)) > before)
        await at_most(world, 1)
        hold.set()
        calls = len(world.model.calls)
        await noted(caplog)
        await at_most(world, 10**9)
        answered = await world.idle(thread, "Echo 1")
        await ended(world)
        assert "went wrong" not in answered
        assert "database" not in answered
        assert len(world.model.calls) == calls


async def test_a_video_that_cannot_be_kept_for_a_while_is_analyzed_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_chat_world(tmp_path) as world:
        chance = random.Random(7)
        said = [" ".join(chance.sample(string.ascii_letters, 40)) for _ in range(400)]
        cues = tuple((words, 3.0 * n, 3.0) for n, words in enumerate(said))
        world.youtube.add(Video("video000099", title="Long", tracks=(Track("en", cues),)))
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await at_most(world, 1)
        calls = len(world.model.calls)
        await world.say(thread, link(99))
        await noted(caplog, times=3)
        await at_most(world, 10**9)
        await world.idle(thread, "# Long")
        await ended(world)
        assert len(world.model.calls) == calls + 2


# --- in order ---


async def test_events_are_served_in_the_order_in_which_they_happened(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        hold = world.model.hold = asyncio.Event()
        for number in (1, 3, 2, 4):
            world.chat.say(thread, f"Question number {number}?", happened=number)
        await world.chat.until(lambda: "e5" in world.chat.acknowledged)
        hold.set()
        await world.idle(thread, "Echo 4")
        assert re.findall(r"Echo (\d)", await world.idle(thread)) == list("1234")


async def test_what_is_resumed_keeps_the_order_in_which_it_happened(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        hold = world.model.hold = asyncio.Event()
        for number in (3, 1, 4, 2):
            world.chat.say(thread, f"Question number {number}?", happened=number)
        await world.chat.until(lambda: {"e2", "e3", "e4", "e5"} <= world.chat.acknowledged)
        await world.stop()
        before = len(world.model.calls)
        hold.set()
        await world.start()
        await ended(world)
        asked = "".join(call.last_message for call in world.model.calls[before:])
        assert re.findall(r"Question number (\d)", asked) == list("1234")


async def test_only_questions_are_counted_as_such(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.press(thread, "v1:type:write_tweet")
        await world.idle(thread, "## X Post")
        for number in range(3):
            await world.say(thread, f"Question number {number}?")
            await world.idle(thread, f"Echo {number}")
        asked = Incoming("s", world.key(""), "anna", command=Statistics())
        told = await world.house.assistant.aside(asked)
        assert told
        assert isinstance(told[0], Notice)
        assert "- 3 questions\n- 3 answers" in told[0].text


# --- the first words ---


class SlowChat(ChatWorld):
    """Lets a message be edited once in an hour."""

    def adapter(self) -> Adapter:
        return open_chat(self.chat.url, limit=self.limit, pace=3600.0)


async def test_the_first_text_does_not_wait_for_the_pace_of_edits(tmp_path: Path) -> None:
    async with open_chat_world(tmp_path, SlowChat, first_token=1.5, rate=500.0) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        hold = world.model.hold = asyncio.Event()
        before = len(world.text(thread))
        await world.say(thread, "What is crane 3?")
        await world.until(lambda: "In talk 1" in world.text(thread)[before:])
        hold.set()
        await world.idle(thread)
