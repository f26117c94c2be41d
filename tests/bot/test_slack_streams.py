"""Texts that grow in Slack: streams, their death, and what happens where there are none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fakes.slack_shapes import Fault
from slack_world import SlackWorld, plain
from vidthread.presenter import SharedPace
from vidthread.slack.client import SlackClient, open_session
from vidthread.slack.connection import slack_adapter
from vidthread.slack.thread_surface import SlackWorkspace
from worlds import link, open_slack, open_world

Open = Callable[..., AbstractAsyncContextManager[SlackWorld]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return partial(open_slack, tmp_path)


def calls(world: SlackWorld) -> Counter[str]:
    done = [asked.method for asked in world.slack.requests if not asked.error]
    return Counter(done)


async def growing(world: SlackWorld, thread: str) -> None:
    await world.until(lambda: "of harbour" in world.text(thread))


async def test_an_analysis_is_one_stream(opened: Open) -> None:
    async with opened(rate=800.0) as world:
        thread = await world.open(f"{link(1)} summary, key moments")
        await world.idle(thread, "## Key Moments")
        made = calls(world)
        assert (made["chat.startStream"], made["chat.stopStream"]) == (1, 1)
        assert made["chat.appendStream"] > 4
        assert (made["chat.postMessage"], made["chat.update"]) == (0, 1)
        (message,) = world.slack.shown(world.channel, thread)
        assert any("Writing the analysis (1 of 2)" in plain(shown) for shown in message.versions)
        assert not message.streaming
        assert message.buttons(0) == ["v1:stop:"]
        assert "v1:stop:" not in message.buttons()


async def test_a_stream_that_slack_closed_goes_on_as_a_message(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(f"{link(1)} summary, key moments")
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
        world.later = 3601.0
        thread = await world.open(link(7))
        await world.idle(thread, "## Key Moments")
        assert calls(world)["chat.startStream"] == 1


async def test_where_no_more_streams_may_begin_for_now_a_message_does(opened: Open) -> None:
    async with opened() as world:
        limited = Fault("ratelimited", 429, 600.0)
        world.slack.judge = lambda method, _: limited if method == "chat.startStream" else None
        await world.idle(await world.open(link(1)), "## Key Moments")


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
        for version in message.versions:
            said = plain(version).partition("## Summary")[2].partition("\n(")[0]
            said = said.partition("### TL;DR")[0]  # that goes to the card
            assert plain(final).partition("## Summary")[2].startswith(said.rstrip()), said
        assert [block["type"] for block in final].count("markdown") == 3


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
            return slack_adapter(pace=0.05, ping_interval=1.0)

    async with open_world("slack", tmp_path, kind=Real, rate=4000.0) as world:
        assert isinstance(world, SlackWorld)
        world.slack.generosity = 1.0
        threads = [await world.open(link(number)) for number in range(6)]
        for thread in threads:
            await world.idle(thread, "## Key Moments")
        assert world.slack.limited == []


# --- the parts ---


async def test_what_slack_allows_is_shared_by_the_messages_that_grow() -> None:
    now = 0.0
    pace = SharedPace(1.0, lambda: now)
    async with open_session() as http:
        client = SlackClient("xoxb", "http://127.0.0.1:9/api", http)
        allowed = {"chat.appendStream": 60, "chat.update": 30}
        workspace = SlackWorkspace(client, pace, allowed, clock=lambda: now)
        for message in ("1", "2", "3"):
            pace.note(message, grows=True)
        pace.note("2", grows=False)
        assert workspace.pace("chat.appendStream") == pytest.approx(2 / 0.85)
        now = 29.0
        pace.note("1", grows=True)
        now = 40.0
        assert workspace.pace("chat.appendStream") == pytest.approx(1 / 0.85)
        assert workspace.pace("chat.update") == pytest.approx(2 / 0.85)
        pace.note("1", grows=False)
        assert workspace.pace("chat.update") == 1.0
