"""How much a thread says before anybody asks, and where its buttons are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vidthread.discord.layout import MENU
from worlds import DiscordWorld, World, link, open_discord, open_world
from youtube_analysis import Settings
from youtube_analysis.models.analysis import AnalysisType

READ, MORE = "## Key Moments", "More of it under"
PHONE = 45  # characters of a line


@pytest.fixture(params=["chat", "discord", "slack", "playground"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def bearers(world: World, thread: str) -> list[int]:
    """Which of our messages have something to press."""
    return [n for n, message in enumerate(world.shown(thread)) if message.buttons]


async def test_buttons_stand_on_the_newest_message_alone(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        for number in range(2):
            await world.say(thread, f"What is crane {number}?")
            await world.idle(thread, f"crane {number}", replies=number + 2)
            last = len(world.shown(thread)) - 1
            await world.until(lambda last=last: bearers(world, thread) == [last])  # type: ignore[misc] # bound now
        await world.restart()
        await world.say(thread, "blog post")
        await world.idle(thread, "## Blog Post")
        await world.until(lambda: bearers(world, thread) == [len(world.shown(thread)) - 1])


async def test_the_card_stands_once_with_the_gist_in_it(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.press(thread, f"v1:type:{AnalysisType.BLOG_POST.task}")
        text = await world.idle(thread, "## Blog Post")
        assert len(re.findall("^#+ Talk 1$", text, re.MULTILINE)) == 1
        assert "TL;DR" not in text
        first = re.search(r"“[^”]+”", text)
        assert first
        assert text.index(first[0]) < text.index("## Summary")
        assert text.count("Read 5:00 of") == 1


async def test_the_gist_stands_once_after_another_analysis(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        first = re.search(r"“[^”]+”", await world.idle(thread, READ))
        assert first
        before = len(world.shown(thread))
        if isinstance(world, DiscordWorld):
            menu = world.ours(thread)[-1].id
            world.discord.choose(menu, MENU, world.person, ["v1:retry:anew"])
        else:
            await world.press(thread, "v1:retry:anew")
        await world.idle(thread, READ, replies=before + 1)
        again = "\n".join(message.text for message in world.shown(thread)[before:])
        assert READ in again
        assert "TL;DR" not in again
        assert not re.search(r"^#+ Talk 1$", again, re.MULTILINE)


async def test_a_greeting_is_nothing_to_rate(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        world.settings = replace(world.settings, openai_base_url=Settings().openai_base_url)
        await world.restart()
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        await world.say(thread, "hello")
        await world.idle(thread, "Hello", replies=before + 1)
        greeted = world.shown(thread)[-1].buttons
        assert "v1:type:key_moments" in greeted
        assert not any(re.match("v1:(good|bad):", button) for button in greeted)


async def test_what_is_short_can_be_had_as_a_whole(tmp_path: Path) -> None:
    async with open_world("discord", tmp_path) as world:
        thread = await world.open(link(1))
        text = await world.idle(thread, READ)
        assert MORE in text
        short = len(text)
        await world.press(thread, f"v1:type:{AnalysisType.KEY_MOMENTS.task}")
        text = await world.idle(thread, replies=len(world.shown(thread)) + 1)
        whole = text.split(READ)[2]
        assert MORE not in whole
        assert len(whole) > short / 4


async def test_suggested_questions_are_pressed_like_typed(kind: str, tmp_path: Path) -> None:
    """Without a language model too."""
    async with open_world(kind, tmp_path) as world:
        world.settings = replace(world.settings, openai_base_url=Settings().openai_base_url)
        await world.restart()
        thread = await world.open(link(1))
        text = await world.idle(thread, READ)
        assert text.count("No language model is connected") == 1
        asked = [b for m in world.shown(thread) for b in m.buttons if b.startswith("v1:ask:W")]
        assert 1 <= len(asked) <= 3
        before = len(world.shown(thread))
        await world.press(thread, asked[0])
        text = await world.idle(thread, replies=before + 1)
        assert "crane" in "\n".join(m.text for m in world.shown(thread)[before:])
        assert text.count("No language model is connected") == 1


async def test_a_file_has_the_name_of_its_video(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.press(thread, "v1:export:md")
        await world.idle(thread, "[Talk_1.md]")


async def test_what_was_read_is_told_to_whoever_presses(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        await world.press(thread, "v1:coverage:")
        await world.told_privately("Read 5:00 of")
        assert len(world.shown(thread)) == before


async def test_before_the_first_question_a_phone_shows_it_in_two_screens(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        messages, lines, rows = measured(world, thread)
        told = f"{messages} messages, {lines} lines, {rows} rows"
        record_property("before the first question", told)
        assert messages <= 2
        assert lines <= 56
        assert rows <= 4


def measured(world: DiscordWorld, thread: str) -> tuple[int, int, int]:
    """Messages, lines on a phone, and rows of buttons and menus."""
    ours = world.ours(thread)
    visible = [re.sub(r"\]\([^()\s]*\)", "]", line) for m in ours for line in m.text.splitlines()]
    lines = sum(1 + len(line) // PHONE for line in visible if line.strip())
    rows = sum(1 for m in ours for c in m.components if c["type"] == 1)
    return len(ours), lines, rows
