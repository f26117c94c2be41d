"""Long pastes, which Discord turns into message.txt and Slack into a snippet: they ask something
about the video of the thread, and never take its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from discord_world import DiscordWorld
from slack_world import SlackWorld
from vidthread.words import pasted_text
from worlds import World, link, open_world

READ = "## Key Moments"
STORY = "Our team keeps a harbour crane from another century running and argues about it. " * 30
QUESTION = f"{STORY}What is crane 3?"
TRACE = "ValueError: crane 3 is not a crane\n" * 60
LOG = "".join(f"12:03:{second:02} worker started\n" for second in range(50))
SUBTITLES = "1\n00:00:01,000 --> 00:00:09,000\nThe mill was built by two sisters in 1850.\n"


@pytest.fixture(params=["discord", "slack"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(request.param, tmp_path) as opened:
        yield opened


def drop(world: World, thread: str, text: str, content: str, *, mention: bool = False) -> str:
    """What a person sends with a text file."""
    if isinstance(world, DiscordWorld):
        say = world.mention if mention else world.write
        return say(thread or world.channel, text, attachments=[("message.txt", content.encode())])
    assert isinstance(world, SlackWorld)
    say_there = world.slack.mention if mention else world.slack.say
    files = {"Untitled.txt": content.encode()}
    return say_there(world.channel, text, thread=thread, files=files)


async def about(world: World, thread: str) -> list[str]:
    """The videos of a thread, and what was asked there last."""
    session = await world.house.factory.get_session_repository().get(world.key(thread).session)
    assert session
    asked = [message.text for message in session.messages if message.role == "user"]
    return [*(video.title for video in session.videos), asked[-1]]


@pytest.mark.parametrize(
    ("text", "content", "asked"),
    [
        ("", QUESTION, QUESTION),
        ("", TRACE, TRACE.strip()),
        ("Is anything said about this error?", TRACE, "Is anything said about this error?"),
        ("Is anything said about this?", LOG, "Is anything said about this?"),
        ("here:", QUESTION, QUESTION),
    ],
)
async def test_a_paste_is_a_question_about_the_video_of_the_thread(
    world: World, text: str, content: str, asked: str
) -> None:
    thread = await world.open(link(1))
    before = len(world.shown(thread)) if await world.idle(thread, READ) else 0
    drop(world, thread, text, content)
    await world.idle(thread, replies=before + 1)
    title, question = await about(world, thread)
    assert title == "Talk 1"
    assert question.startswith(asked)
    assert question.endswith(content.strip())


async def test_a_paste_beside_a_link_is_asked_about_that_video(world: World) -> None:
    dropped = drop(world, "", link(2), QUESTION, mention=True)
    await world.until(lambda: "crane 3" in world.text(dropped) if exists(world, dropped) else False)
    await world.idle(dropped, READ)
    assert await about(world, dropped) == ["Talk 2", QUESTION]


async def test_captions_are_the_new_video(world: World) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    drop(world, thread, "what was built?", SUBTITLES)
    await world.idle(thread, "two sisters")
    title, _, asked = await about(world, thread)
    assert (title, asked) == ("Talk 1", "what was built?")


async def test_where_there_is_no_video_a_text_is_the_talk(world: World) -> None:
    dropped = drop(world, "", "", STORY, mention=True)
    await world.until(lambda: exists(world, dropped))
    assert "harbour crane" in await world.idle(dropped, READ)


async def test_what_is_too_long_for_a_question_is_told(world: World) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, READ)
    drop(world, thread, "", STORY * 20)
    assert "too long for a question" in await world.idle(thread, "20,000 characters")


def exists(world: World, thread: str) -> bool:
    known = isinstance(world, SlackWorld) or (
        isinstance(world, DiscordWorld) and thread in world.discord.channels
    )
    return known and bool(world.shown(thread))


@pytest.mark.parametrize(
    ("name", "content", "beside", "pasted"),
    [
        ("message.txt", b"\xef\xbb\xbf" + STORY.encode(), "", STORY.strip()),
        ("main.py", b"def crane():\n    return 3\n", "", "def crane():\n    return 3"),
        ("notes.md", "# Größe\n".encode(), "", "# Größe"),
        ("message.txt", b"0:00\nGood evening.\n0:07\nLet us begin.\n", "", ""),
        ("message.txt", b"12:00:01 started\n12:00:02 failed", "why?", None),
        ("talk.srt", SUBTITLES.encode(), "why?", ""),
        ("talk.txt", SUBTITLES.encode(), "", ""),
        ("picture.txt", b"\x89PNG\xff\xfe", "", ""),
    ],
)
def test_captions_are_told_from_what_is_asked(
    name: str, content: bytes, beside: str, pasted: str | None
) -> None:
    wanted = content.decode() if pasted is None else pasted
    assert pasted_text(name, content, beside=beside) == wanted
