"""What people say of answers, and who hears of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from slack_world import SlackWorld
from worlds import DiscordWorld, World, link, open_discord, open_world

READ = "## Key Moments"


async def rated(world: DiscordWorld) -> str:
    """A thread whose analysis helped anna and whose answer did not."""
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    await world.press(thread, button(world, thread, "good"))
    await world.told_privately("Thanks, that helps.")
    before = len(world.shown(thread))
    world.mention(thread, "What is crane 3?")
    await world.idle(thread, "crane 3", replies=before + 1)
    bearer = world.ours(thread)[-1]
    asked = world.discord.press(bearer.id, button(world, thread, "bad"), world.person)
    await world.until(lambda: asked.modal)
    world.discord.submit(asked, {"reason": "It is crane 4."})
    await world.until(lambda: len(world.discord.ephemerals(world.person)) == 2)
    return thread


def button(world: World, thread: str, name: str) -> str:
    return next(b for b in world.shown(thread)[-1].buttons if b.startswith(f"v1:{name}:"))


async def test_it_is_counted_and_listed(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await rated(world)
        made = world.discord.command(world.channel, world.person, "stats")
        await world.until(lambda: made.original and "👍 1 · 👎 1" in made.original.text)
        listed = [json.loads(line) for line in (await command(world, "--format", "json"))]
        assert [(one["good"], one["reason"]) for one in listed] == [
            (True, ""),
            (False, "It is crane 4."),
        ]
        assert listed[1]["question"] == "What is crane 3?"
        assert listed[1]["thread"] == world.key(thread).session
        assert "👎" in "".join(await command(world))


async def test_a_reason_is_a_line_of_words_in_the_terminal_of_the_admin(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        feedback, key = world.house.store.feedback, world.key(await world.open(link(1)))
        hostile = "\x1b]0;mine\x07wrong\n👍 2026-01-01 00:00 forged"
        await feedback.rate(key, "r1", "anna", good=False, reason=hostile)
        (line,) = await command(world)
        assert line.isprintable()
        assert line.endswith("wrong 👍 2026-01-01 00:00 forged")


async def test_slack_asks_what_was_wrong(tmp_path: Path) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        thread, slack = await world.open(link(1)), world.slack
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        await world.press(thread, button(world, thread, "good"))
        await world.until(lambda: len(slack.ephemeral) == 1)
        await world.press(thread, button(world, thread, "bad"))
        await world.until(lambda: bool(slack.views))
        kept = world.house.store.feedback
        await slack.delivery.settled()
        assert [(one.good, one.reason) for one in await kept.all()] == [(False, "")]
        slack.submit(slack.views[-1], {"reason": {"reason": "It is crane 4."}})
        await world.until(lambda: len(slack.ephemeral) == 2)
        assert [(one.good, one.reason) for one in await kept.all()] == [(False, "It is crane 4.")]
        told = {(one.user, one.thread, one.text) for one in slack.ephemeral}
        assert told == {("U0ANNA", thread, "Thanks, that helps.")}
        assert len(world.shown(thread)) == before


async def test_privacy_tells_that_it_is_kept(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.command(world.channel, world.person, "privacy")
        assert "- each 👍 or 👎" in await world.told_privately("I store")


async def test_it_goes_with_its_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await rated(world)
        await world.forget(thread)
        await world.idle(thread, "Forgotten")
        await world.forgotten(thread)
        assert await world.house.store.feedback.all() == ()


async def command(world: DiscordWorld, *options: str) -> list[str]:
    """What the command line lists."""
    listing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vidthread", "feedback", *options),
        env=os.environ | {"DATABASE_URL": world.settings.database_url},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await listing.communicate()
    assert listing.returncode == 0
    return told.decode().splitlines()
