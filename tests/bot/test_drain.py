"""SIGTERM: nothing new is begun, what runs may end, and the rest goes on at the next start."""

import asyncio
from pathlib import Path

import pytest

from worlds import World, link, open_world


@pytest.fixture(params=["chat", "playground"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def held(world: World) -> str:
    """A thread whose analysis cannot end; nothing else is under way."""
    async with asyncio.timeout(20):
        while world.house.assistant.turns_under_way:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        calls = len(world.model.calls)
        world.model.hold = asyncio.Event()
        thread = await world.open(link(1))
        while len(world.model.calls) < calls + 2:  # noqa: ASYNC110 - the server's own clock
            await asyncio.sleep(0.01)
    return thread


async def test_an_answer_under_way_may_end(platform: str, tmp_path: Path) -> None:
    async with open_world(platform, tmp_path) as world:
        thread = await held(world)
        draining = asyncio.create_task(world.house.assistant.drain(20))
        await asyncio.sleep(0.05)
        assert not draining.done()
        assert world.model.hold
        world.model.hold.set()
        assert await draining == 0
        assert "## Key Moments" in await world.idle(thread, "## Key Moments")


async def test_what_takes_too_long_goes_on_at_the_next_start(platform: str, tmp_path: Path) -> None:
    async with open_world(platform, tmp_path) as world:
        thread = await held(world)
        assert await world.house.assistant.drain(0.05) == 1
        await world.stop()
        assert world.model.hold
        world.model.hold.set()
        await world.start()
        text = await world.idle(thread, "## Key Moments")
        assert text.count("# Talk 1") == 1


async def test_what_comes_meanwhile_waits_for_the_next_start(platform: str, tmp_path: Path) -> None:
    async with open_world(platform, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        assert await world.house.assistant.drain(5) == 0
        calls = len(world.model.calls)
        await world.say(thread, "What is sentence 7 about?")
        await asyncio.sleep(0.2)
        assert len(world.model.calls) == calls
        await world.restart()
        await world.idle(thread, replies=len(world.shown(thread)) + 1)
        assert len(world.model.calls) == calls + 1
