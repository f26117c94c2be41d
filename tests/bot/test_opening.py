"""A thread is opened when its video has been read; what cannot be read leaves nothing behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fakes.discord_messages import Message
from fakes.youtube_bodies import Failure, Track, Video
from worlds import ChatWorld, DiscordWorld, World, cues, link, open_discord, open_world

READ, GONE, LATE = "## Key Moments", "https://youtu.be/nosuchvideo", "https://youtu.be/late0000001"


def late(world: World, **told: Any) -> None:
    """Makes a video one that is read slowly, or not yet; without a word, one like others."""
    tracks = (Track("en", cues(1)),)
    world.youtube.add(Video("late0000001", title="Late", tracks=tracks, **told))


def private(world: DiscordWorld) -> list[Message]:
    return world.discord.ephemerals(world.person)


async def test_a_command_whose_video_cannot_be_read_leaves_nothing_in_the_channel(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.command(world.channel, world.person, "analyze", {"link": GONE})
        await world.told_privately("no longer exists")
        assert world.discord.messages(world.channel) == []
        assert world.discord.threads() == []
        assert [m.actions for m in private(world)] == [[]]


async def test_what_fails_for_a_while_is_tried_again_as_it_was_wanted(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        late(world, failures={Failure.SERVER_ERROR: "player"})
        told = {"link": LATE, "types": "action plan"}
        world.discord.command(world.channel, world.person, "analyze", told)
        await world.until(lambda: private(world) and private(world)[0].actions)
        assert world.discord.messages(world.channel) == []
        late(world)
        (refusal,) = private(world)
        world.discord.press(refusal.id, refusal.actions[0], world.person)
        await world.until(world.discord.threads)
        text = await world.idle(world.discord.threads()[0].id, "## Action Plan")
        assert "# Late" in text
        assert "## Summary" not in text


async def test_a_mention_is_seen_typed_for_and_refused_in_a_short_reply(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        asked = world.mention(world.channel, GONE)
        told = await world.in_channel("no longer exists")
        (reply,) = [m for m in world.discord.messages(world.channel) if m.text == told]
        assert reply.reply_to
        assert reply.reply_to.id == asked
        assert world.channel.id in world.discord.typing
        assert world.discord.threads() == []


async def test_a_kill_while_the_video_is_read_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        late(world, latency=30.0)
        made = world.discord.command(world.channel, world.person, "analyze", {"link": LATE})
        await world.until(lambda: made.original)
        await world.eventually(lambda: asked_for(world))
        await world.stop()
        assert world.discord.threads() == []
        late(world)
        await world.start()
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        await world.idle(thread.id, READ)
        (opening,) = world.discord.messages(world.channel)
        assert made.original
        assert opening.id == made.original.id == thread.id
        assert opening.text.count("Late") == 1


async def asked_for(world: World) -> bool:
    return any("late0000001" in str(asked.query) for asked in world.youtube.asked)


async def test_a_video_that_is_read_for_longer_than_a_token_lives_is_told_in_the_channel(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        late(world, latency=30.0)
        world.discord.command(world.channel, world.person, "analyze", {"link": LATE})
        await world.eventually(lambda: asked_for(world))
        await world.stop()
        world.discord.skip(20 * 60)
        late(world)
        await world.start()
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        await world.idle(thread.id, READ)
        assert thread.names == ["Late"]
        assert thread.id in [m.id for m in world.discord.messages(world.channel)]


async def test_two_who_want_the_same_video_at_once_get_one_thread(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        late(world, latency=0.3)
        for author in ("anna", "bert"):
            world.chat.say("", LATE, author=author)
        await world.until(lambda: len(world.chat.referred) == 1)
        (thread,) = world.chat.threads()
        assert world.chat.referred == [("e2", thread)]
        assert world.chat.titles == {thread: "Late"}
        await world.idle(thread, READ)


@pytest.mark.parametrize("again", [False, True])
async def test_where_a_server_is_forgotten_meanwhile_nothing_is_opened(
    tmp_path: Path, again: bool
) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        late(world, latency=30.0)
        world.chat.say("", LATE)
        async with asyncio.timeout(30):
            while not await asked_for(world):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        world.chat.say(thread, "", action="v1:forget:all", admin=True)
        await world.idle(thread, "Deleted: everything I stored about this")
        if again:
            await world.restart()
        assert world.chat.threads() == [thread]
