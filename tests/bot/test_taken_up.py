"""What a stop, an upgrade or an admin finds half done: it is served as it was meant, or gone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from fakes.model_answers import compose
from vidthread.commands import Ask, Retry
from vidthread.store import Store
from vidthread.surface import Incoming
from worlds import ChatWorld, link, open_world
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.packing import pack

READ = "## Key Moments"
QUESTION = "Question number 4?"


def echo(body: dict[str, Any]) -> str:
    number = re.search(r"Question number (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


@asynccontextmanager
async def stopped(folder: Path) -> AsyncIterator[tuple[ChatWorld, str]]:
    """A bot that talked in a thread and was stopped there."""
    async with open_world("chat", folder, reply=echo) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.stop()
        yield world, thread


@asynccontextmanager
async def database_of(world: ChatWorld) -> AsyncIterator[tuple[Database, Store]]:
    database = Database(world.settings.database_url)
    store = Store(database)
    await store.open()
    try:
        yield database, store
    finally:
        await database.close()


async def left(store: Store, event: Incoming, tries: int = 0) -> int:
    """Its row, after so many tries."""
    row = await store.ledger.take(event, message_key=True)
    assert row
    for _ in range(tries):
        await store.ledger.retry(row)
    return row


def _rewritten(connection: Connection, *, row: int, kept: bytes) -> None:
    writing = text("UPDATE events SET incoming = :kept WHERE id = :row")
    connection.execute(writing, {"kept": kept, "row": row})


async def test_what_the_version_before_heard_is_answered(tmp_path: Path) -> None:
    async with stopped(tmp_path) as (world, thread):
        key = world.key(thread)
        named = {"platform": "chat", "workspace": "w", "channel": "c", "thread": thread}
        before: dict[str, object] = {
            "event": "old", "key": named, "author": "anna", "text": QUESTION, "action": "",
            "addressed": "bot", "types": [], "language": None, "anew": False,
        }  # fmt: skip
        button = "v1:type:analyze_and_plan_content"
        pressed = before | {"event": "press", "text": "", "action": button}
        async with database_of(world) as (database, store):
            for kept in (before, pressed):
                row = await left(store, Incoming(str(kept["event"]), key, "anna"))
                await database.write(partial(_rewritten, row=row, kept=pack(kept)))
        await world.start()
        await world.idle(thread, "Echo 4")
        await world.idle(thread, "## Action Plan")


async def test_a_try_again_that_was_interrupted_leads_to_what_was_wanted(tmp_path: Path) -> None:
    async with stopped(tmp_path) as (world, thread):
        key = world.key(thread)
        async with database_of(world) as (_, store):
            first = await left(store, Incoming("ask", key, "anna", command=Ask(QUESTION)), 3)
        await world.start()
        await world.idle(thread, "interrupted")
        await world.stop()
        async with database_of(world) as (_, store):
            again = Incoming("press", key, "anna", command=Retry(f"r{first}"))
            second = await left(store, again, 3)
        await world.start()
        await world.idle(thread, replies=3)
        await world.press(thread, f"v1:retry:r{second}")
        await world.idle(thread, "Echo 4")


async def test_a_thread_that_is_known_is_served_wherever_the_admins_want_us(tmp_path: Path) -> None:
    async with stopped(tmp_path) as (world, thread):
        async with database_of(world) as (_, store):
            await store.workspaces.change("chat", "w", channels=("elsewhere",))
            await left(store, Incoming("ask", world.key(thread), "anna", command=Ask(QUESTION)))
        await world.start()
        await world.idle(thread, "Echo 4")


async def test_what_runs_when_a_workspace_is_forgotten_leaves_nothing(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path, reply=echo) as world:
        assert isinstance(world, ChatWorld)
        one, two = await world.open(link(1)), await world.open(link(2))
        await world.idle(one, READ)
        await world.idle(two, READ)
        world.youtube.latency = 0.3  # the next video is read when all is forgotten
        before = len(world.shown(one))
        await world.say(one, link(3))
        await world.until(lambda: len(world.shown(one)) > before)
        world.chat.say(two, "", action="v1:forget:all", admin=True)
        await world.until(lambda: "everything I stored" in world.text(two))
        await world.house.assistant.idle(world.key(one))
        await world.house.assistant.idle(world.key(two))
        counting = text("SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM authors)")
        count = await world.house.factory.get_database().read(lambda c: c.scalar(counting))
        assert count == 0
