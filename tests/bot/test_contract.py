"""The contract of every platform: one suite that each adapter passes through its real transport."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import pytest

from fakes.model_answers import compose
from fakes.model_failures import Failure
from terminal_world import TerminalWorld
from worlds import WORLDS, World, link, open_world
from youtube_analysis.checking.filter import MARK

Open = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture(params=[name for name in WORLDS if name != "slack-http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Every platform."""
    return partial(open_world, request.param, tmp_path)


@pytest.fixture(params=list(WORLDS))
def reached(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Every platform by every way in, where it counts how what people do arrives."""
    return partial(open_world, request.param, tmp_path)


@pytest.fixture
def somewhere(tmp_path: Path) -> Open:
    """One platform, where no other could differ."""
    return partial(open_world, "chat", tmp_path)


@pytest.fixture
def terminal(tmp_path: Path) -> Open:
    """Where a thread opens without an analysis and is not kept."""
    return partial(open_world, "terminal", tmp_path, kind=TerminalWorld)


@pytest.fixture(params=["somewhere", "terminal"])
def talking(request: pytest.FixtureRequest) -> Open:
    """Where a thread is kept, and where it is not."""
    opened: Open = request.getfixturevalue(request.param)
    return opened


@pytest.fixture(params=[*WORLDS, "terminal"])
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """As `reached`, and the terminal."""
    kind = TerminalWorld if request.param == "terminal" else None
    return partial(open_world, request.param, tmp_path, kind=kind)


def sentences_of(text: str) -> set[int]:
    """Of which talks a text holds words."""
    return {int(number) for number in re.findall(r"(?:harbour|talk) (\d+)", text)}


async def test_a_link_becomes_a_thread_with_an_analysis(reached: Open) -> None:
    async with reached() as world:
        thread = await world.open(link(1))
        text = await world.idle(thread, "## Key Moments")
        assert text.index("# Talk 1") < text.index("Read 5:00 of") < text.index("## Summary")
        assert text.index("## Summary") < text.index("## Key Moments")
        assert "…/" not in text
        assert "(Writing" not in text
        assert sentences_of(text) == {1}
        last = world.shown(thread)[-1]
        assert "v1:type:write_blog_post" in last.buttons
        assert "v1:export:md" in last.buttons


async def test_a_live_text_only_grows(opened: Open) -> None:
    async with opened(rate=400.0) as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        for message in world.shown(thread):
            shown = [v.split("\n(")[0].rstrip() for v in message.versions if "## " in v]
            for before, after in pairwise(shown[:-1]):
                # What follows on another message may go there, and nothing else may vanish.
                assert after.startswith(before[: len(after)]), (before, after)
        assert sum(len(message.versions) for message in world.shown(thread)) > 5


async def test_no_message_is_longer_than_the_platform_allows_and_nothing_is_lost(
    opened: Open,
) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await world.say(thread, "blog post")
        text = await world.idle(thread, "## Blog Post")
        assert all(
            len(version) <= world.limit
            for message in world.shown(thread)
            for version in message.versions
        )
        if world.limit < 1_000:
            assert len(world.shown(thread)) > 4
        blog = text.split("## Blog Post")[1]
        quoted = re.findall(r"sentence (\d+)", blog)
        assert [int(n) for n in quoted] == sorted(map(int, quoted))
        assert len(quoted) >= 8


async def test_questions_are_answered_in_the_order_in_which_they_came(asked: Open) -> None:
    async with asked(reply=echo, rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        for number in range(5):
            await world.say(thread, f"Question number {number} about the crane?")
        text = await world.idle(thread, "Echo 4")
        assert re.findall(r"Echo (\d)", text) == list("01234")


def echo(body: dict[str, Any]) -> str:
    """Answers with the number of the question; everything else as the local model does."""
    last = str(body["messages"][-1]["content"])
    number = re.search(r"Question number (\d+)", last)
    return f"Echo {number[1]} [1]" if number else compose(body)


async def test_a_follow_up_knows_the_whole_talk_and_what_was_said(talking: Open) -> None:
    async with talking(reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        await world.say(thread, "Question number 1 about the crane?")
        await world.idle(thread, "Echo 1")
        await world.say(thread, "Question number 2 about the crane?")
        await world.idle(thread, "Echo 2")
        messages = world.model.calls[-1].body["messages"]
        whole = "\n".join(str(message["content"]) for message in messages)
        assert all(f"sentence {n} is" in whole for n in range(60))
        assert "Question number 1 about" in whole
        assert "Echo 1" in whole
        before, after = (call.raw for call in world.model.calls[-2:])
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
        assert len(list(pairs)) >= 0.9 * len(before)


TOWER = "Somebody once put up a tall tower right by the water."


def unproved(body: dict[str, Any]) -> str:
    """Writes what shares no word with the talk; asked to verify, finds it there all the same."""
    last = str(body["messages"][-1]["content"])
    if "# Statements" in last:
        return json.dumps({"verdicts": [{"statement": 1, "supported": True}]})
    return f"{TOWER} [1]" if "Question" in last else compose(body)


async def test_a_mark_goes_in_place_where_a_verifier_finds_it_said(talking: Open) -> None:
    async with talking(reply=unproved) as world:
        world.settings = replace(world.settings, openai_verify="on")
        await world.restart()
        thread = await world.open(link(1))
        await world.idle(thread)
        for asked in (1, 2):
            await world.say(thread, f"Question number {asked} about the tower?")
            await world.until(partial(proved, world, thread, asked))


def proved(world: World, thread: str, times: int) -> bool:
    """Whether so many answers were verified, and stand there without a mark."""
    asked = sum("# Statements" in call.last_message and call.whole for call in world.model.calls)
    text = world.text(thread)
    return asked == text.count(TOWER) == times and MARK not in text


async def test_what_a_verifier_said_is_kept(somewhere: Open) -> None:
    async with somewhere(reply=unproved) as world:
        world.settings = replace(world.settings, openai_verify="on")
        await world.restart()
        thread = await world.open(link(1))
        await world.idle(thread)
        await world.say(thread, "Question about the tower?")
        for _ in range(400):
            if f"{TOWER} [1]" in await kept(world, thread):
                return
            await asyncio.sleep(0.05)
        pytest.fail("the verified answer was not kept")


async def kept(world: World, thread: str) -> list[str]:
    sessions = world.house.factory.get_session_repository()
    session = await sessions.get(world.key(thread).session)
    return [message.text for message in session.messages if message.answer] if session else []


async def test_another_type_by_button_and_in_words(reached: Open) -> None:
    async with reached() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        await world.press(thread, "v1:type:write_tweet")
        await world.idle(thread, "## X Post")
        await world.say(thread, "action plan please")
        await world.idle(thread, "## Action Plan")


async def test_a_text_is_as_long_as_somebody_asks_for(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        for said, told in [("short action plan", "short"), ("a longer blog post", "long")]:
            await world.say(thread, said)
            await world.idle(thread, "## Action Plan" if told == "short" else "## Blog Post")
            assert f"\nLength: {told}." in world.model.calls[-1].last_message


async def test_an_error_is_a_sentence_with_a_reference(opened: Open) -> None:
    async with opened() as world:
        text = await world.refused("https://youtu.be/nosuchvideo")
        assert "no longer exists" in text
        assert re.search(r"\(reference [0-9a-f]{8}\)", text)
        assert "Traceback" not in text


async def test_what_fails_for_a_while_can_be_tried_again(somewhere: Open) -> None:
    async with somewhere() as world:
        world.model.always = Failure.QUOTA
        thread = await world.open(link(1))
        text = await world.idle(thread, "## Key Moments")
        assert "quota is used up" in text
        world.model.always = None
        await world.say(thread, "key moments again")
        await world.idle(thread, "“In talk 1", replies=len(world.shown(thread)) + 1)
        assert "quota" not in world.shown(thread)[-1].text


async def test_stop_ends_its_own_thread_only_and_keeps_what_is_there(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        one, other = await world.open(link(1)), await world.open(link(2))
        await world.until(lambda: "of harbour 1" in world.text(one))
        await world.until(lambda: "of harbour 2" in world.text(other))
        # A message that takes over the buttons shows them a moment after the one before lost them.
        await world.until(lambda: any("v1:stop:" in str(m.buttons) for m in world.shown(one)))
        stop = next(b for m in world.shown(one) for b in m.buttons if b.startswith("v1:stop:"))
        await world.press(one, stop)
        text = await world.idle(one, "! Stopped.")
        assert "of harbour 1" in text
        assert "Stopped" not in world.text(other)
        await world.until(lambda: any("v1:stop:" in str(m.buttons) for m in world.shown(other)))
        assert world.model.hold
        world.model.hold.set()
        await world.idle(other, "## Key Moments")
        again = next(b for m in world.shown(one) for b in m.buttons if b.startswith("v1:retry:"))
        await world.press(one, again)
        await world.idle(one, "## Key Moments")


async def test_many_threads_at_once_never_share_a_word(opened: Open) -> None:
    async with opened(rate=4000.0) as world:
        threads = [await world.open(link(number)) for number in range(5)]
        for number, thread in enumerate(threads):
            text = await world.idle(thread, "## Key Moments")
            assert sentences_of(text) == {number}
            assert text.count("# Talk") == 1


async def test_a_restart_in_the_middle_loses_and_doubles_nothing(reached: Open) -> None:
    async with reached(reply=echo, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        assert world.model.hold
        world.model.hold.set()
        world.model.hold = None
        await world.restart()
        text = await world.idle(thread, "## Key Moments")
        assert text.count("## Key Moments") == 1
        assert text.count("# Talk 1") == 1
        await world.say(thread, "Question number 7 about the crane?")
        await world.idle(thread, "Echo 7")
        await world.restart()
        await world.say(thread, "Question number 8 about the crane?")
        text = await world.idle(thread, "Echo 8")
        assert (text.count("Echo 7"), text.count("Echo 8")) == (1, 1)
        assert "Echo 7" in "".join(str(m) for m in world.model.calls[-1].body["messages"])


async def test_a_thread_goes_on_without_youtube(somewhere: Open) -> None:
    async with somewhere(reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        await world.restart()
        asked = len(world.youtube.asked)
        await world.say(thread, "Question number 3 about the crane?")
        await world.idle(thread, "Echo 3")
        assert len(world.youtube.asked) == asked


async def test_a_link_that_has_a_thread_leads_there(reached: Open) -> None:
    async with reached() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        calls = len(world.model.calls)
        await world.open_again(thread, f"{link(1)}?t=30")
        assert len(world.model.calls) == calls
        await world.press(thread, "v1:retry:anew")
        await world.until(lambda: len(world.model.calls) == calls + 2)


async def test_what_can_be_asked_of_a_thread(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        for said, told in [
            ("coverage", "Read 5:00 of"),
            ("answer in German", "in German from now on"),
            ("export md", "1.md]"),
            ("export json", "1.json]"),
            ("export html", "1.html]"),
            ("help", "Send me a YouTube link"),
            ("stop", "Nothing to stop"),
            ("quiet on", "only reply when mentioned"),
        ]:
            await world.say(thread, said)
            await world.idle(thread, told)
        before = len(world.shown(thread))
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=before + 1)
        assert "language: de" in world.model.calls[-1].last_message


async def test_half_a_character_costs_nobody_an_answer(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        before = len(world.shown(thread))
        await world.say(thread, "What is crane 3 \ud83d of \ud83d\udc4d\ud83d, \udc4d\ud83d or \0?")
        await world.idle(thread, replies=before + 1)
        assert "without it" not in world.shown(thread)[-1].text
        asked = world.model.calls[-1].last_message
        assert "What is crane 3" in asked
        assert re.findall(r"[\ud800-\udfff\0]", asked) == []
        await world.restart()
        await world.say(thread, "What is crane 4?")
        await world.idle(thread, replies=before + 2)


async def test_what_can_be_said_in_a_terminal(terminal: Open) -> None:
    async with terminal() as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        for said, told in [
            ("coverage", "Read 5:00 of"),
            ("key moments", "of harbour 1"),
            ("what is crane 3?", "of harbour 1"),
            ("help", "Ask what you like"),
        ]:
            before = len(world.shown(thread))
            await world.say(thread, said)
            await world.idle(thread, told, replies=before + 1)


async def test_threads_that_nobody_uses_are_forgotten(somewhere: Open, tmp_path: Path) -> None:
    async with somewhere(reply=echo) as world:
        old, new = await world.open(link(1)), await world.open(link(2))
        await world.idle(old)
        await world.idle(new)
        await world.stop()
        with closing(sqlite3.connect(tmp_path / "vidthread.db")) as database, database:
            long_ago = datetime.now(UTC) - timedelta(days=31)
            database.execute(
                "UPDATE sessions SET updated_at = ? WHERE key = ?",
                (long_ago.replace(tzinfo=None).isoformat(" "), world.key(old).session),
            )
        world.retain_days = 30
        await world.start()
        sessions = world.house.factory.get_session_repository()
        async with asyncio.timeout(30):
            while await sessions.get(world.key(old).session):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
        assert await sessions.get(world.key(new).session)
        await world.say(new, "privacy")
        await world.idle(new, "a thread was not used for 30 days")


async def test_forget_deletes_the_session_and_says_so(opened: Open) -> None:
    async with opened(reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread)
        await world.forget(thread)
        await world.idle(thread, "Forgotten")
        sessions = world.house.factory.get_session_repository()
        assert await sessions.get(world.key(thread).session) is None
        await world.say(thread, "Question number 1 about the crane?")
        # Where people posted the link themselves, it is found there once more.
        await world.idle(thread, "Echo 1" if world.finds_links else "no video in this thread")
