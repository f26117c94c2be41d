"""What is asked beside a link is answered after the analysis, by whichever door it came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from discord_world import DiscordWorld
from slack_world import SlackWorld
from worlds import World, link, open_world

READ = "## Key Moments"


@pytest.fixture(params=["discord", "slack", "slack-http", "playground"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(request.param, tmp_path) as opened:
        yield opened


async def asked(world: World, thread: str) -> list[str]:
    session = await world.house.factory.get_session_repository().get(world.key(thread).session)
    assert session
    return [m.text for m in session.messages if m.role == "user" and link(1) not in m.text]


@pytest.mark.parametrize(
    "said", ["crane 3 and crane 4, strengths and weaknesses", "Name crane 3.", "dime la crane 3"]
)
async def test_it_is_answered_after_the_analysis(world: World, said: str) -> None:
    thread = await world.open(f"{link(1)} {said}")
    assert READ in await world.idle(thread, "crane 3", replies=2)
    assert (await asked(world, thread))[-1] == said


async def test_words_that_hand_a_link_over_are_no_question(world: World) -> None:
    thread = await world.open(f"look at this: {link(1)}")
    await world.idle(thread, READ)
    assert "look at this" not in await asked(world, thread)


async def test_about_a_video_that_has_a_thread_it_is_answered_there(world: World) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    before = len(world.shown(thread))
    question = f"what is crane 5? {link(1)}"
    if isinstance(world, DiscordWorld):
        world.mention(world.channel, question)
    elif isinstance(world, SlackWorld):
        world.slack.mention(world.channel, question)
    else:
        await world.open(question)
    await world.idle(thread, "crane 5", replies=before + 1)
    assert (await asked(world, thread))[-1] == "what is crane 5?"


async def test_on_slack_everybody_sees_what_was_asked_beside_a_command(tmp_path: Path) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        slack, here = world.slack, world.channel
        slack.slash(here, f"{link(1)} what is crane 5?")
        await world.until(lambda: bool(slack.threads()))
        ((_, thread),) = slack.threads()
        await world.idle(thread, "crane 5", replies=3)
        quotes = [m.text for m in slack.thread(here, thread) if "asks:" in m.text]
        assert quotes == ["anna asks:\n> what is crane 5?"]


async def test_about_a_video_that_cannot_be_read_nothing_is_asked(world: World) -> None:
    told = await world.refused("https://youtu.be/nobodyKnows what is crane 3?")
    assert "no longer exists" in told
    assert "There's no video in this thread" not in told


@pytest.mark.parametrize("said", ["thanks!", "👍", "ok, thank you"])
async def test_thanks_want_no_answer(world: World, said: str) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    before = len(world.shown(thread))
    if isinstance(world, DiscordWorld):
        world.write(thread, said, reply_to=world.ours(thread)[-1].id)
    else:
        await world.say(thread, said)
    await world.say(thread, "what is crane 3?")
    await world.idle(thread, "crane 3", replies=before + 1)
    assert len(world.shown(thread)) == before + 1
