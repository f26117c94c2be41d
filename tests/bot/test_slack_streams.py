"""Texts that grow in Slack: streams, their death, and what happens where there are none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fakes.slack_shapes import Fault
from slack_world import SlackWorld
from vidthread.slack.adapter import slack
from vidthread.slack.ordering import Lines
from vidthread.slack.pacing import PER_MINUTE, Pacer
from vidthread.slack.streams import LIFE, Stream, Streams, next_piece
from vidthread.surface import RateLimited
from vidthread.thread_key import ThreadKey
from worlds import link, open_world

Open = Callable[..., AbstractAsyncContextManager[SlackWorld]]


@asynccontextmanager
async def opened_world(folder: Path, **model: Any) -> AsyncIterator[SlackWorld]:
    async with open_world("slack", folder, **model) as world:
        assert isinstance(world, SlackWorld)
        yield world


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return partial(opened_world, tmp_path)


def calls(world: SlackWorld) -> Counter[str]:
    done = [asked.method for asked in world.slack.requests if not asked.error]
    return Counter(done)


async def growing(world: SlackWorld, thread: str) -> None:
    await world.until(lambda: "of harbour" in world.text(thread))


async def test_an_analysis_is_one_stream(opened: Open) -> None:
    async with opened(rate=800.0) as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        made = calls(world)
        assert (made["chat.startStream"], made["chat.stopStream"]) == (1, 1)
        assert made["chat.appendStream"] > 4
        assert (made["chat.postMessage"], made["chat.update"]) == (0, 1)
        (message,) = world.slack.shown(world.channel, thread)
        assert not message.streaming
        assert message.metadata
        assert message.buttons(0) == ["v1:stop:"]
        assert "v1:stop:" not in message.buttons()


async def test_a_stream_is_ended_before_slack_ends_it(opened: Open) -> None:
    ages = iter([0.0, 0.0, 0.0, 0.0])

    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await growing(world, thread)
        streams = world.streams
        began = streams.clock()
        streams.clock = lambda: began + LIFE + next(ages, 0.0)
        world.slack.advance(LIFE)
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, "## Key Moments")
        assert text.count("## Summary") == 1
        made = calls(world)
        assert (made["chat.startStream"], made["chat.stopStream"]) == (1, 1)
        assert made["chat.update"] > 1
        assert not [a for a in world.slack.requests if a.error]


async def test_a_stream_that_slack_closed_goes_on_as_a_message(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await growing(world, thread)
        world.slack.advance(301)
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, "## Key Moments")
        assert text.count("## Key Moments") == 1
        errors = Counter(a.error for a in world.slack.requests if a.error)
        assert errors == {"message_not_in_streaming_state": 1}
        assert calls(world)["chat.startStream"] == 1


@pytest.mark.parametrize(
    "error", ["unknown_method", "channel_type_not_supported", "invalid_chunks"]
)
async def test_where_there_are_no_streams_nobody_asks_for_one_again(
    opened: Open, error: str
) -> None:
    async with opened() as world:
        refused = Fault(error)
        world.slack.judge = lambda method, _: refused if method == "chat.startStream" else None
        for number in range(3):
            thread = await world.open(link(number))
            await world.idle(thread, "## Key Moments")
        asked = Counter(a.method for a in world.slack.requests)
        assert asked["chat.startStream"] == 1
        assert asked["chat.postMessage"] == 3
        world.slack.judge = lambda *_: None
        later = world.streams.clock() + 3601
        world.streams.clock = lambda: later
        thread = await world.open(link(7))
        await world.idle(thread, "## Key Moments")
        assert calls(world)["chat.startStream"] == 1


async def test_a_rate_limit_on_one_message_stalls_no_other(opened: Open) -> None:
    async with opened() as world:
        stalled = await world.open(link(1))
        await world.idle(stalled, "## Key Moments")
        limited = Fault("ratelimited", 429, 60.0)
        kept = asyncio.Event()

        def judge(_: str, body: dict[str, Any]) -> Fault | None:
            if body.get("thread_ts") != stalled:
                return None
            kept.set()
            return limited

        world.slack.judge = judge
        await world.say(stalled, "what is crane 3?")
        await kept.wait()
        for number in range(2, 5):
            thread = await world.open(link(number))
            await world.idle(thread, "## Key Moments")
        assert len(world.shown(stalled)) == 1


async def test_a_lost_answer_to_an_append_shows_nothing_twice(opened: Open) -> None:
    async with opened(rate=800.0) as world:
        lost = iter([False, False, True])

        def judge(method: str, _: dict[str, Any]) -> Fault | None:
            drop = method == "chat.appendStream" and next(lost, False)
            return Fault(carried_out=True) if drop else None

        world.slack.judge = judge
        thread = await world.open(link(1))
        text = await world.idle(thread, "## Key Moments")
        assert text.count("## Summary") == 1
        (message,) = world.slack.shown(world.channel, thread)
        final = message.versions[-1]
        assert [block["type"] for block in final].count("markdown") == 2


async def test_a_message_that_was_deleted_is_posted_anew(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await growing(world, thread)
        (message,) = world.slack.shown(world.channel, thread)
        message.deleted = True
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, "## Key Moments")
        assert text.count("## Key Moments") == 1


async def test_a_picture_that_slack_cannot_load_is_left_out(opened: Open) -> None:
    async with opened() as world:

        def judge(method: str, body: dict[str, Any]) -> Fault | None:
            shown = any("accessory" in block for block in body.get("blocks", ()))
            return Fault("invalid_blocks") if shown and method == "chat.update" else None

        world.slack.judge = judge
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")


async def test_what_slack_does_not_take_as_blocks_is_shown_as_text(opened: Open) -> None:
    async with opened() as world:
        refused = {"chat.appendStream": "invalid_chunks", "chat.update": "invalid_blocks"}

        def judge(method: str, body: dict[str, Any]) -> Fault | None:
            shown = body.get("chunks") or body.get("blocks")
            return Fault(refused[method]) if shown and method in refused else None

        world.slack.judge = judge
        thread = await world.open(link(1))
        await world.slack.until(
            lambda: "Key Moments" in world.slack.shown(world.channel, thread)[0].texts[-1]
        )
        await world.house.assistant.idle(world.key(thread))
        (message,) = world.slack.shown(world.channel, thread)
        assert message.blocks == []
        assert message.text.startswith("*Talk 1*")


async def test_slacks_own_limits_are_kept(tmp_path: Path) -> None:
    """Everything at Slack's real pace, and nothing is refused for coming too often."""

    class Real(SlackWorld):
        def adapter(self) -> Any:
            return slack(PER_MINUTE, pace=0.05, ping_interval=1.0)

    async with open_world("slack", tmp_path, kind=Real, rate=4000.0) as world:
        assert isinstance(world, SlackWorld)
        world.slack.generosity = 1.0
        threads = [await world.open(link(number)) for number in range(6)]
        for thread in threads:
            await world.idle(thread, "## Key Moments")
        assert world.slack.limited == []


# --- the parts ---


def test_a_piece_is_what_is_new() -> None:
    stream = Stream("one ", "", 0.0)
    assert next_piece(stream, "one two") == "two"
    assert next_piece(stream, "one ") == ""
    assert next_piece(stream, "two") is None


def test_messages_count_as_growing_while_they_are_edited() -> None:
    now = 0.0
    streams = Streams(lambda: now)
    for ts in ("1", "2", "3"):
        streams.grows("C", ts)
    streams.rests("C", "2")
    assert streams.growing == 2
    now = 29.0
    streams.grows("C", "1")
    now = 40.0
    assert streams.growing == 1


async def test_a_pace_is_kept_and_what_must_come_waits() -> None:
    now, slept = 0.0, []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pacer = Pacer({"a": 60}, clock=lambda: now, sleep=sleep)
    for _ in range(9):
        await pacer.turn("a", must=False)
    assert not pacer.has_room("a")
    with pytest.raises(RateLimited) as limited:
        await pacer.turn("a", must=False)
    assert 0 < limited.value.retry_after <= pacer.interval("a")
    assert slept == []
    await pacer.turn("a", must=True)
    await pacer.turn("a", must=True)
    first = limited.value.retry_after
    assert slept == pytest.approx([first, first + pacer.interval("a")])
    await pacer.turn("a", "elsewhere", must=False)
    await pacer.turn("unpaced", must=False)
    now = 60.0
    assert pacer.has_room("a")


@pytest.mark.parametrize(("method", "most"), PER_MINUTE.items())
def test_no_minute_has_more_calls_than_slack_allows(method: str, most: float) -> None:
    now, done = 0.0, 0
    pacer = Pacer(clock=lambda: now)
    while now < 60:
        while pacer.has_room(method):
            pacer.take(method)
            done += 1
        now += 0.01
    assert most * 0.9 <= done <= most


async def test_events_are_heard_in_the_order_in_which_they_happened() -> None:
    arrived, heard = asyncio.Event(), []

    async def sleep(_: float) -> None:
        await arrived.wait()

    lines, key = Lines(sleep=sleep), ThreadKey("slack", "T", "C", "1")

    async def hear(at: str) -> None:
        async with lines.turn(key, at):
            heard.append(at)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(hear(at)) for at in ("3", "1", "4", "2")]
    await asyncio.sleep(0)
    gone = asyncio.create_task(hear("0"))
    await asyncio.sleep(0)
    gone.cancel()
    arrived.set()
    await asyncio.wait(tasks, timeout=5)
    assert heard == ["1", "2", "3", "4"]
