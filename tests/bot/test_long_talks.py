"""A thread about a talk that is longer than the window of its model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fakes.model_failures import Failure
from fakes.youtube_bodies import Track, Video
from long_talks import insight, long_talk, question, take_notes
from worlds import PlaygroundWorld, link, open_world

CUES = tuple((one.text, one.start, one.duration) for one in long_talk(0.5).segments)
TALK = 77


@asynccontextmanager
async def about_a_long_talk(folder: Path, **model: Any) -> AsyncIterator[PlaygroundWorld]:
    given: dict[str, Any] = {"reply": take_notes, "window": 4_096, "refuses_long": True} | model
    async with open_world("playground", folder, **given) as world:
        assert isinstance(world, PlaygroundWorld)
        world.youtube.add(Video(f"video{TALK:06}", seconds=1_800, tracks=(Track("en", CUES),)))
        yield world


async def test_it_is_read_in_parts_and_so_told(tmp_path: Path) -> None:
    async with about_a_long_talk(tmp_path) as world:
        thread = await world.open(link(TALK))
        await world.idle(thread, "Key Moments")
        await world.say(thread, "summary and key moments")
        text = await world.idle(thread, replies=2)
        versions = "\n".join(one for message in world.shown(thread) for one in message.versions)
        assert "Reading part 1 of " in versions
        assert "Reading part" not in text
        assert sum(insight(number).rstrip(".") in text for number in range(10)) >= 9
        await world.say(thread, question(4))
        await world.idle(thread, insight(4), replies=3)
        asked = len(world.model.calls)
        await world.restart()
        await world.say(thread, question(5))
        await world.idle(thread, insight(5), replies=4)
        refused = sum(not call.first_token for call in world.model.calls[asked:])
        assert len(world.model.calls) - refused == asked + 1  # the notes were kept


async def test_what_could_not_be_read_of_it_is_told(tmp_path: Path) -> None:
    fails = {"always": Failure.FILTERED, "only": "passages 1 to "}
    async with about_a_long_talk(tmp_path, **fails) as world:
        thread = await world.open(link(TALK))
        await world.idle(thread, "Nothing here is from minutes 0–")
        await world.say(thread, "coverage")
        await world.idle(thread, "Full video read (30:00)", replies=2)
        assert "Nothing here is from minutes 0–" in world.shown(thread)[-1].text
