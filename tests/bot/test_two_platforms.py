"""Discord and Slack in one process share what is known of a video, and nothing that is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from discord_world import DiscordWorld
from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from places import World, cues, link
from slack_world import SlackWorld
from vidthread.run import open_house


@asynccontextmanager
async def both(folder: Path, **model: Any) -> AsyncIterator[tuple[DiscordWorld, SlackWorld]]:
    async with LocalYouTube() as youtube, LocalModel(**model) as language_model:
        video = Video("video000001", title="Talk 1", tracks=(Track("en", cues(1)),))
        youtube.add(video)
        discord = DiscordWorld(folder, youtube, language_model)
        slack = SlackWorld(folder, youtube, language_model)
        await discord.furnish()
        await slack.furnish()
        told = slack.bot()
        settings = replace(
            discord.bot(),
            slack_bot_token=told.slack_bot_token,
            slack_app_token=told.slack_app_token,
            slack_api_url=told.slack_api_url,
        )
        adapters = [discord.adapter(), slack.adapter()]
        try:
            async with open_house(discord.settings, settings, adapters) as house:
                discord.house = slack.house = house
                yield discord, slack
        finally:
            await discord.end()
            await slack.end()


async def test_one_video_is_read_and_analyzed_once_for_both(tmp_path: Path) -> None:
    async with both(tmp_path) as (discord, slack):
        there, here = await discord.open(link(1)), await slack.open(link(1))
        for world, thread in ((discord, there), (slack, here)):
            text = await world.idle(thread, "## Key Moments")
            assert "of harbour 1" in text
        assert len(discord.youtube.asked) == 3
        assert len(discord.model.calls) == 2


async def test_what_is_said_on_one_is_never_seen_on_the_other(tmp_path: Path) -> None:
    async with both(tmp_path, reply=echo) as (discord, slack):
        worlds: list[World] = [discord, slack]
        threads = [await world.open(link(1)) for world in worlds]
        for world, thread in zip(worlds, threads, strict=True):
            await world.idle(thread, "## Key Moments")
            await world.say(thread, f"What does the crane of {world.key(thread).platform} do?")
            await world.idle(thread, f"Heard {world.key(thread).platform}")
        sessions = discord.house.factory.get_session_repository()
        for world, thread, other in zip(worlds, threads, ("slack", "discord"), strict=True):
            session = await sessions.get(world.key(thread).session, messages=None)
            assert session
            assert not any(f"crane of {other}" in message.text for message in session.messages)
            assert f"Heard {other}" not in world.text(thread)
        for call in discord.model.calls:
            words = str(call.body["messages"])
            assert not ("crane of slack" in words and "crane of discord" in words)


def echo(body: dict[str, Any]) -> str:
    """Names the platform that a question names; everything else as the local model does."""
    last = str(body["messages"][-1]["content"])
    for name in ("discord", "slack"):
        if f"crane of {name}" in last:
            return f"Heard {name} [1]"
    return compose(body)
