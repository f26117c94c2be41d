"""What Slack shows beside our messages: that we are at work, a Stop button, what can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fakes.slack import LocalSlack
from fakes.slack_shapes import BOT_TOKEN, TEAM, Fault
from fakes.slack_state import Session
from fakes.youtube_bodies import Track, Video
from slack_world import SlackWorld
from vidthread.slack import events
from vidthread.slack.agent import SlackAgent
from vidthread.slack.client import SlackClient, open_session
from vidthread.slack.connection import SCOPES, examine_slack
from vidthread.thread_key import ThreadKey
from worlds import cues, link, open_slack, open_world

Open = Callable[..., AbstractAsyncContextManager[SlackWorld]]
AGENT_CALLS = {
    "agents.sessions.rename",
    "agents.sessions.setStatus",
    "assistant.threads.setSuggestedPrompts",
}


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return partial(open_slack, tmp_path)


def session(world: SlackWorld, thread: str) -> Session:
    return world.slack.sessions.get((world.channel, thread), Session())


async def rests(world: SlackWorld, thread: str, times: int = 1) -> None:
    """It was at work so often, and is no more."""
    states = ["processing", "active"] * times
    await world.until(lambda: session(world, thread).states == states)


async def test_a_thread_is_a_session_with_the_title_of_its_video(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await rests(world, thread)
        assert session(world, thread).title == "Talk 1"
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=2)
        await rests(world, thread, times=2)
        await world.say(thread, link(2))
        await world.idle(thread, "# Talk 2")
        await world.until(lambda: session(world, thread).title == "Talk 2")


async def test_a_title_calls_nobody_and_is_no_longer_than_slack_takes(opened: Open) -> None:
    async with opened() as world:
        track = Track("en", cues(1))
        world.youtube.add(Video("loud0000001", title="<!channel> " * 40, tracks=(track,)))
        thread = await world.open("https://youtu.be/loud0000001")
        await world.idle(thread, "## Key Moments")
        await rests(world, thread)
        assert len(session(world, thread).title) == 200


async def test_slacks_own_button_stops_what_is_written(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(f"{link(1)} summary, key moments")
        await world.until(lambda: "of harbour" in world.text(thread))
        world.slack.stop(world.channel, thread)
        await world.idle(thread, "Stopped")
        await rests(world, thread)
        assert any(one.startswith("v1:retry:") for m in world.shown(thread) for one in m.buttons)


async def test_stopping_what_has_ended_says_nothing(opened: Open) -> None:
    """As after a crash, which leaves a session at work."""
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await rests(world, thread)
        shown = world.text(thread)
        session(world, thread).states.append("processing")
        world.slack.stop(world.channel, thread)
        await rests(world, thread, times=2)
        assert world.text(thread) == shown


async def test_a_status_stands_below_the_message_while_its_video_is_read(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        assert world.slack.statuses == [(thread, "is reading the video…")]


async def test_a_status_goes_where_nothing_could_be_read(opened: Open) -> None:
    async with opened() as world:
        asked = world.slack.mention(world.channel, "https://youtu.be/nocaptions1")
        await world.until(lambda: bool(world.slack.ephemeral))
        await world.until(lambda: (asked, "") in world.slack.statuses)


async def test_what_waits_in_a_thread_is_seen_to_wait(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(f"{link(1)} summary, key moments")
        await world.until(lambda: "of harbour" in world.text(thread))
        await world.say(thread, "what is crane 3?")
        await world.until(lambda: (thread, "will answer this next…") in world.slack.statuses)
        assert world.model.hold
        world.model.hold.set()
        await world.idle(thread, replies=2)


async def test_whoever_opens_the_messages_sees_what_can_be_asked(opened: Open) -> None:
    async with opened() as world:
        world.channel = world.slack.channel("", kind="D")
        world.slack.open_messages(world.channel)
        await world.until(lambda: len(world.slack.prompts) == 1)
        thread = world.slack.say(world.channel, link(1))
        await world.idle(thread, "## Key Moments")
        world.slack.open_messages(world.channel)
        await world.until(lambda: len(world.slack.prompts) == 2)
        before, after = ([p["message"] for p in s["prompts"]] for s in world.slack.prompts)
        assert before == ["help", "privacy"]
        assert after == ["key moments", "help", "privacy"]
        asked = world.slack.say(world.channel, after[0])
        assert "of harbour 1" in await world.idle(asked, "## Key Moments")
        helped = world.slack.say(world.channel, after[1])
        await world.idle(helped, "Send me a YouTube link")


def test_an_assistant_of_before_has_its_prompts_in_a_thread() -> None:
    """Until Slack ends them."""
    told = {"user_id": "U1", "channel_id": "D1", "thread_ts": "1.0", "context": {}}
    event = {"type": "assistant_thread_started", "assistant_thread": told}
    assert events.opened_by({"event": event}) == ("U1", "D1", "1.0")
    home = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    assert events.opened_by({"event": home}) is None


class Earlier(SlackWorld):
    """Installed with a manifest that knew no agents."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.slack.scopes, self.slack.agent = SCOPES, False
        self.slack.subscribed = frozenset({"app_mention", "message"})


async def test_an_app_of_before_goes_on_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with open_world("slack", tmp_path, kind=Earlier) as world:
        assert isinstance(world, SlackWorld)
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=2)
        assert {asked.method for asked in world.slack.requests} & AGENT_CALLS == set()
        assert world.slack.statuses[0] == (thread, "is reading the video…")
        (named,) = [r for r in caplog.records if "without suggested prompts" in r.getMessage()]
        assert "assistant:write" in str(vars(named))
        found = [check async for check in examine_slack(world.bot())]
        (scopes,) = [check for check in found if check.name == "slack scopes"]
        assert scopes.problem is None
        assert "assistant:write" in scopes.detail


@pytest.mark.parametrize("error", ["feature_disabled", "unknown_method"])
async def test_where_slack_knows_no_agents_nobody_asks_again(opened: Open, error: str) -> None:
    async with opened() as world:
        refused = Fault(error)
        world.slack.judge = lambda method, _: refused if method in AGENT_CALLS else None
        for number in (1, 2):
            thread = await world.open(link(number))
            await world.idle(thread, "## Key Moments")
        asked = [a.method for a in world.slack.requests if a.method in AGENT_CALLS]
        assert len(asked) == 1


async def test_a_session_that_changes_too_often_is_told_of_later(opened: Open) -> None:
    async with opened(hold=asyncio.Event(), rate=2000.0) as world:
        limited = [Fault("ratelimited", 429, 1.0)]
        world.slack.judge = lambda method, _: (
            limited.pop() if limited and method == "agents.sessions.setStatus" else None
        )
        thread = await world.open(link(1))
        await world.until(lambda: session(world, thread).states == ["processing"])
        assert world.model.hold
        world.model.hold.set()
        await world.idle(thread, "## Key Moments")
        await rests(world, thread)


async def test_a_session_that_ended_before_slack_would_hear_of_it_is_none() -> None:
    limited, passed = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        limited.set()
        await passed.wait()

    async with LocalSlack() as slack, open_session() as http:
        channel = slack.channel("talks")
        agent = SlackAgent(SlackClient(BOT_TOKEN, slack.api, http), sleep=sleep)
        agent.is_agent = True
        slack.judge = lambda *_: Fault("ratelimited", 429, 7.0)
        async with agent.working(ThreadKey("slack", TEAM, channel, slack.say(channel, "hi"))):
            await limited.wait()
        slack.judge = lambda *_: None
        passed.set()
        await agent.close()
        assert slack.sessions == {}


async def test_an_export_is_one_message_however_late_slack_shares_it(opened: Open) -> None:
    async with opened() as world:
        world.slack.late_shares = 3
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await world.say(thread, "export md")
        await world.idle(thread, "[Talk 1.md]")
        _, exported = world.slack.shown(world.channel, thread)
        assert [file["name"] for file in exported.files] == ["Talk 1.md"]
        await world.restart()
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=3)
