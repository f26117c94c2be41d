"""Discord fails in every way it knows: nothing is lost, nothing doubled, all is told in words."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discord_world import DiscordWorld
from fakes.discord_server import Fault
from fakes.model_answers import compose
from worlds import link, open_discord

READ = "## Key Moments"
Chosen = Callable[[str, str], bool]


def echo(body: dict[str, Any]) -> str:
    number = re.search(r"[Qq]uestion (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


def strike(world: DiscordWorld, which: Chosen, *faults: Fault) -> list[Fault]:
    """What is left of the faults, of which each request that is chosen takes one."""
    left = list(faults)

    def judge(method: str, path: str, _: object) -> Fault | None:
        return left.pop(0) if left and which(method, path) else None

    world.discord.judge = judge
    return left


def posts(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/messages")


def edits(method: str, path: str) -> bool:
    return method == "PATCH" and "/channels/" in path and "/messages/" in path


def opens(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/threads")


@pytest.mark.parametrize("which", [posts, edits])
@pytest.mark.parametrize(
    "fault", [Fault(0), Fault(0, carried_out=True), Fault(503), Fault(503, carried_out=True)]
)
async def test_broken_connections_and_servers_double_nothing(
    tmp_path: Path, which: Chosen, fault: Fault
) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        left = strike(world, which, *[fault] * 2)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.write(thread, "Question 1?")
        text = await world.idle(thread, "Echo 1")
        assert left == []
        assert [text.count(part) for part in ("# Talk 1", READ, "Echo 1")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(400, code=160006), "can't have more threads"),
        (Fault(429, 219, "shared"), "at the moment"),
        (Fault(403, code=50013), "doesn't let me open a thread"),
        (Fault(400, code=200000), "doesn't let me open a thread"),
    ],
)
async def test_where_discord_opens_no_thread_the_answer_comes_in_the_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, told: str
) -> None:
    monkeypatch.setattr("vidthread.discord.transport._LONGEST_WAIT", 0.5)
    async with open_discord(tmp_path) as world:
        strike(world, opens, fault)
        world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        text = await world.idle(world.channel.id, READ)
        assert told in text
        assert "Reading a video" not in text
        assert world.discord.threads() == []


async def test_a_limit_that_is_counted_in_minutes_is_no_obstacle_before_it_is_reached(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.limits.off = False
        for number in range(3):
            await world.idle(await world.open(link(number)), READ)
        assert len(world.discord.threads(world.channel)) == 3


async def test_an_edit_that_is_limited_stalls_no_other_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path, rate=2000.0) as world:
        limited: list[str] = []

        def judge(method: str, path: str, _: object) -> Fault | None:
            if not edits(method, path) or len(limited) > 3:
                return None
            limited.append(path)
            return Fault(429, 0.3) if path == limited[0] else None

        world.discord.judge = judge
        one, other = await world.open(link(1)), await world.open(link(2))
        for thread in (one, other):
            text = await world.idle(thread, READ)
            assert text.count(READ) == 1
        assert limited


async def test_a_limit_of_which_discord_itself_knows_nothing_is_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidthread.discord.rest._BANNED_FOR", 0.2)
    async with open_discord(tmp_path) as world:
        left = strike(world, posts, Fault(429, scope="cloudflare"))
        thread = await world.open(link(1))
        text = await world.idle(thread, READ)
        assert left == []
        assert text.count(READ) == 1


async def test_a_message_that_cannot_be_edited_any_more_is_replaced(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        left = strike(world, lambda m, p: edits(m, p) and thread in p.split("/")[4], old())
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, READ)
        assert left == []
        assert text.count("## Summary") == text.count(READ) == 1


def old() -> Fault:
    return Fault(429 - 29, code=30046)


async def test_a_message_that_is_deleted_in_the_middle_is_posted_anew(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        world.discord.delete(world.ours(thread)[1].id)
        world.discord.delete(thread)
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, READ)
        assert text.count("## Summary") == text.count(READ) == 1


async def test_a_thread_that_is_archived_in_the_middle_is_taken_out_again(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        seen = world.ours(thread)[1].id
        world.discord.archive(world.discord.channels[thread])
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, READ)
        assert text.count("## Summary") == text.count(READ) == 1
        assert world.ours(thread)[1].id == seen
        assert not world.discord.channels[thread].archived


@pytest.mark.parametrize("how", ["thread deleted", "channel deleted", "locked"])
async def test_a_thread_that_is_gone_ends_its_run_early_and_no_other(
    tmp_path: Path, how: str
) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        elsewhere = world.discord.text_channel(world.guild, "elsewhere")
        other = await world.open_in(elsewhere, link(2))
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        place = world.discord.channels[thread]
        if how == "locked":
            world.discord.lock(place, archived=True)
        else:
            world.discord.delete(place if how == "thread deleted" else world.channel)
        key = world.key(thread)
        assert world.model.hold
        world.model.hold.set()
        await world.house.assistant.idle(key)
        await world.idle(other, READ)
        if how == "locked":
            assert "deleted or locked" in world.shown(thread)[0].text


async def test_nobody_makes_what_nobody_sees(tmp_path: Path) -> None:
    """The model is left alone as soon as the thread is known to be gone."""
    async with open_discord(tmp_path, rate=60.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        world.discord.lock(world.discord.channels[thread], archived=True)
        key = world.key(thread)
        await world.house.assistant.idle(key)
        assert any(not call.whole for call in world.model.calls)


async def test_what_automod_blocks_is_told(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.judge = lambda _, __, body: (
            Fault(400, code=200000) if "harbour" in json.dumps(body) else None
        )
        thread = await world.open(link(1))
        text = await world.idle(thread, "AutoMod blocks my message")
        assert "went wrong" not in text
        assert "harbour" not in text


async def test_a_post_that_nobody_knows_of_is_found_after_a_crash(tmp_path: Path) -> None:
    """Long after Discord forgot its nonce."""
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        stuck = [Fault(503, carried_out=True)]
        world.discord.judge = lambda method, path, _: (
            stuck[0] if stuck and (posts(method, path) or method == "GET") else None
        )
        before = len(world.ours(thread))
        world.write(thread, "Question 1?")
        await world.until(lambda: len(world.ours(thread)) > before)
        await world.stop()
        stuck.clear()
        world.discord.skip(3600)
        await world.start()
        text = await world.idle(thread, "Echo 1")
        assert text.count("Echo 1") == 1
        assert len(world.ours(thread)) == before + 1


async def test_a_nonce_that_is_known_brings_the_text_up_to_date(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        strike(world, posts, *[Fault(503, carried_out=True)] * 2)
        seen = [m.id for m in world.ours(thread)]
        world.write(thread, "Question 1?")
        text = await world.idle(thread, "Echo 1")
        assert text.count("Echo 1") == 1
        assert len(world.ours(thread)) == len(seen) + 1
