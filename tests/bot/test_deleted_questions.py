"""Who deletes a question wants it to be forgotten, and its answer with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from discord_world import DiscordWorld
from slack_world import SlackWorld
from worlds import World, link, open_world

READ = "## Key Moments"
SECRET = "what is crane 3 of Mrs Smith?"


@pytest.fixture(params=["discord", "slack"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def world(platform: str, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(platform, tmp_path) as opened:
        yield opened


def ask(world: World, thread: str, text: str) -> str:
    if isinstance(world, DiscordWorld):
        return world.mention(thread, text)
    assert isinstance(world, SlackWorld)
    return world.slack.mention(world.channel, text, thread=thread)


def delete(world: World, message: str) -> None:
    if isinstance(world, DiscordWorld):
        world.discord.delete(message)
    elif isinstance(world, SlackWorld):
        world.slack.delete(world.channel, message)


async def logged(world: World, thread: str) -> str:
    session = await world.house.factory.get_session_repository().get(world.key(thread).session)
    return "\n".join(message.text for message in session.messages) if session else ""


async def heard(world: World, platform: str, message: str) -> None:
    """Waits until the question stands in line."""
    ledger = world.house.store.ledger

    async def waiting() -> list[str]:
        return [row.incoming.message for row in await ledger.unfinished(platform)]

    async with asyncio.timeout(30):
        while message not in await waiting():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def gone(world: World, thread: str, words: str) -> None:
    """Waits until nothing of the words is kept."""
    async with asyncio.timeout(30):
        while words in await logged(world, thread):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    assert words.encode() not in await kept(world)


async def kept(world: World) -> bytes:
    """What the database holds, as it lies on the disk."""
    await world.stop()
    files = Path(world.settings.database_url.removeprefix("sqlite:///")).parent.glob(
        "vidthread.db*"
    )
    content = b"".join(file.read_bytes() for file in files)
    await world.start()
    return content


async def test_an_answered_question_goes_with_its_answer(world: World) -> None:
    thread = await world.open(link(1))
    analysis = await world.idle(thread, READ)
    before = len(world.shown(thread))
    asked = ask(world, thread, SECRET)
    await world.idle(thread, replies=before + 1)
    assert SECRET in await logged(world, thread)
    ask(world, thread, "what is crane 5?")
    await world.idle(thread, "crane 5", replies=before + 2)
    delete(world, asked)
    await world.until(lambda: len(world.shown(thread)) == before + 1)
    await gone(world, thread, "Mrs Smith")
    assert analysis[:200] in world.text(thread)
    assert "crane 5" in await logged(world, thread)
    calls = len(world.model.calls)
    ask(world, thread, "and crane 6?")
    await world.idle(thread, "crane 6")
    assert "Smith" not in str([call.body for call in world.model.calls[calls:]])


async def test_a_question_that_waits_is_not_answered(tmp_path: Path, platform: str) -> None:
    async with open_world(platform, tmp_path, hold=asyncio.Event()) as world:
        hold = world.model.hold
        assert hold
        hold.set()
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        hold.clear()
        for text in ("what is crane 1?", SECRET, "what is crane 2?"):
            asked = ask(world, thread, text)
            await heard(world, platform, asked)
            if text == SECRET:
                delete(world, asked)
        hold.set()
        await world.idle(thread, "crane 2", replies=before + 2)
        assert len(world.shown(thread)) == before + 2
        await gone(world, thread, "Mrs Smith")


async def test_a_question_that_is_being_answered_ends(tmp_path: Path, platform: str) -> None:
    async with open_world(platform, tmp_path, rate=300.0) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        asked = ask(world, thread, SECRET)
        await world.until(lambda: len(world.shown(thread)) > before)
        delete(world, asked)
        await world.until(lambda: len(world.shown(thread)) == before)
        await world.idle(thread)
        await gone(world, thread, "Mrs Smith")


async def test_an_analysis_stays_without_the_words_that_asked_for_it(world: World) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    before = len(world.shown(thread))
    asked = ask(world, thread, f"{link(2)} {SECRET}")
    await world.idle(thread, "crane 3", replies=before + 2)
    assert "Mrs Smith" in await logged(world, thread)
    shown = len(world.shown(thread))
    delete(world, asked)
    await world.until(lambda: len(world.shown(thread)) == shown - 1)
    await gone(world, thread, "Mrs Smith")
    assert "# Talk 2" in world.text(thread)


async def test_what_concerns_no_question_changes_nothing(world: World) -> None:
    thread = await world.open(link(1))
    shown = await world.idle(thread, READ)
    delete(world, ask(world, thread, "thanks!"))
    ask(world, thread, "what is crane 3?")
    assert (await world.idle(thread, "crane 3")).startswith(shown[:200])


async def test_moderators_delete_many_at_once(tmp_path: Path) -> None:
    async with open_world("discord", tmp_path) as world:
        assert isinstance(world, DiscordWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        asked = [world.write(thread, f"{SECRET} {n}") for n in range(3)]
        await world.idle(thread, replies=before + 3)
        world.discord.delete_many(world.discord.channels[thread], asked)
        await world.until(lambda: len(world.shown(thread)) == before)
        await gone(world, thread, "Mrs Smith")


async def test_a_tombstone_is_a_deletion(tmp_path: Path) -> None:
    """What Slack leaves of a message that has replies."""
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        thread = world.slack.mention(world.channel, f"{link(1)} {SECRET}")
        await world.idle(thread, "crane 3", replies=2)
        grave = {"subtype": "tombstone", "ts": thread, "user": "USLACKBOT", "text": "deleted"}
        world.slack.tell({"type": "message", "subtype": "message_changed", "hidden": True,
                          "channel": world.channel, "channel_type": "C", "ts": world.slack.ts(),
                          "message": grave})  # fmt: skip
        await world.until(lambda: len(world.shown(thread)) == 1)
        await gone(world, thread, "Mrs Smith")
        assert READ in world.text(thread)
