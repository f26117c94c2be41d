"""A database that goes away for a while costs nobody an answer."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from worlds import WORLDS, ChatWorld, link, open_world

if TYPE_CHECKING:
    from databases import PostgreSQL

pytest_plugins = ["databases"]
READ = "crane"
REFUSED = "refused what was asked"


@asynccontextmanager
async def talking(folder: Path, address: str, model: asyncio.Event) -> AsyncIterator[ChatWorld]:
    """A world whose model answers while `model` is set, with a thread that is read."""
    async with open_world("chat", folder, hold=model) as world:
        assert isinstance(world, ChatWorld)
        world.settings = replace(world.settings, database_url=address)
        await world.restart()
        yield world


async def away(postgresql: PostgreSQL, name: str) -> None:
    await postgresql.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    await postgresql.execute(f"{ending}'{name}'")


async def test_in_the_middle_of_a_turn_delays_its_answer(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    address = await asyncio.to_thread(postgresql.create)
    name, model = address.rpartition("/")[2], asyncio.Event()
    model.set()
    async with talking(tmp_path, address, model) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        model.clear()
        asked = world.chat.say(thread, "What is crane 3?")
        await world.until(lambda: len(world.shown(thread)) > before)
        await away(postgresql, name)
        model.set()
        await asyncio.sleep(1)
        await postgresql.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await world.idle(thread)
        answers = [message for message in world.chat.shown(thread) if message.to == asked]
        assert len(answers) == 1
        assert "about crane" in answers[0].versions[-1]
        assert "went wrong" not in world.text(thread)
        assert await world.house.store.ledger.unfinished("chat") == ()


async def test_for_long_is_told_to_whoever_watches(
    tmp_path: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidthread.presenter.presenter.TOLD_AFTER", 0.0)
    address = await asyncio.to_thread(postgresql.create)
    name, model = address.rpartition("/")[2], asyncio.Event()
    model.set()
    async with talking(tmp_path, address, model) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        model.clear()
        await world.say(thread, "What is crane 3?")
        await world.until(lambda: len(world.shown(thread)) > before)
        await away(postgresql, name)
        model.set()
        await world.until(lambda: "can't reach my database" in world.text(thread))
        await postgresql.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await world.until(lambda: "can't reach my database" not in world.text(thread))
        await world.idle(thread)
        assert "about crane" in world.shown(thread)[-1].text


@pytest.mark.parametrize("name", WORLDS)
async def test_that_takes_nothing_any_more_ends_in_a_sentence(tmp_path: Path, name: str) -> None:
    """As one whose disk is mounted for reading only, or whose file is damaged."""
    async with open_world(name, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        before = len(world.shown(thread))
        refusing = """CREATE TRIGGER refusing BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'refused'); END"""
        with closing(sqlite3.connect(tmp_path / "vidthread.db")) as other:
            other.execute(refusing)
            await world.say(thread, "What is crane 3?")
            await world.idle(thread, REFUSED, replies=before + 1)
            assert "Looking" not in world.shown(thread)[-1].text
            other.execute("DROP TRIGGER refusing")
        await world.house.assistant.resume_all()
        await world.until(lambda: REFUSED not in world.text(thread))
        await world.idle(thread)
        assert "about crane" in world.shown(thread)[-1].text


async def test_what_only_waited_in_line_has_used_no_try(tmp_path: Path) -> None:
    model = asyncio.Event()
    model.set()
    async with talking(tmp_path, f"sqlite:///{tmp_path / 'v.db'}", model) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        model.clear()
        questions = [world.chat.say(thread, f"What is crane {n}?") for n in range(3)]
        await until_tried(world, 0)
        for tries in range(1, 4):
            await world.restart()
            await until_tried(world, tries)
        model.set()
        await world.restart()
        await world.until(lambda: {m.to for m in world.chat.shown(thread)}.issuperset(questions))
        await world.idle(thread)
        said = {m.to: m.versions[-1] for m in world.chat.shown(thread)}
        assert "interrupted" in said[questions[0]]
        assert all("crane" in said[question] for question in questions[1:])


async def until_tried(world: ChatWorld, tries: int) -> None:
    async with asyncio.timeout(30):
        while True:
            left = await world.house.store.ledger.unfinished("chat")
            if len(left) == 3 and [one.tries for one in left] == [tries, 0, 0]:
                return
            await asyncio.sleep(0.02)
