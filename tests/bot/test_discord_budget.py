"""A bot's requests of a second: never more than Discord allows, and people who wait come first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from vidthread.discord.transport.budget import Budget
from worlds import link, open_discord


async def test_a_span_of_time_sees_no_more_than_is_allowed() -> None:
    clock = asyncio.get_running_loop().time
    budget, begun = Budget(3, 0.05), []
    for _ in range(10):
        await budget.turn()
        begun.append(clock())
    assert all(later - first >= 0.05 for first, later in zip(begun, begun[3:], strict=False))


async def test_who_waits_for_a_thread_goes_before_texts_that_grow() -> None:
    budget, order = Budget(1, 0.01), list[str]()

    async def take(name: str, *, gives_way: bool) -> None:
        await budget.turn(gives_way=gives_way)
        order.append(name)

    async with asyncio.TaskGroup() as all_of_them:
        for name in ("edit 1", "edit 2", "edit 3"):
            all_of_them.create_task(take(name, gives_way=True))
        for name in ("thread 1", "thread 2"):
            all_of_them.create_task(take(name, gives_way=False))
    assert order == ["edit 1", "thread 1", "thread 2", "edit 2", "edit 3"]


async def test_who_goes_away_takes_no_turn() -> None:
    budget = Budget(1, 0.02)
    await budget.turn()
    gone = asyncio.create_task(budget.turn())
    stays = asyncio.create_task(budget.turn(gives_way=True))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    async with asyncio.timeout(0.5):
        await stays


async def test_thirty_commands_at_once_are_never_told_to_slow_down(tmp_path: Path) -> None:
    """More than a hundred requests in the first second if nobody held them."""
    async with open_discord(tmp_path) as world:
        world.discord.limits.off = False
        channels = [world.discord.text_channel(world.guild, f"c{n}") for n in range(15)]
        people = [world.discord.user(f"person{n}") for n in range(30)]
        for number, person in enumerate(people):
            told = {"link": link(number)}
            world.discord.command(channels[number % 15], person, "analyze", told)
        await world.until(
            lambda: all(len(world.discord.threads(channel)) == 2 for channel in channels)
        )
        threads = [thread.id for channel in channels for thread in world.discord.threads(channel)]
        for thread in threads:
            await world.idle(thread, "## Key Moments")
        assert "global" not in world.discord.limits.hits
