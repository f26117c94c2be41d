"""Where a link stands in what people and apps of Slack send, and by which way it is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakes.slack_shapes import BOT, BOT_ID
from slack_world import SlackWorld
from vidthread.slack import events
from worlds import link, open_world

READ = "## Key Moments"
APP = {"bot_id": "B0FEED", "subtype": "bot_message"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
    {"type": "text", "text": "new "}, {"type": "link", "url": link(1)}]}]}  # fmt: skip
GO = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Watch"}}
BUTTON = {"type": "actions", "elements": [GO | {"url": link(1)}]}
LONG = f"https://www.youtube.com/watch?app=desktop&amp;v={link(1)[-11:]}&amp;t=5s"
SENT: list[dict[str, Any]] = [
    {"text": f"did you see <{LONG}>?"},
    {"text": f"did you see <{LONG}|this one>?"},
    {"text": f"New video: <{link(1)}>", **APP},
    {"text": "", "blocks": [section(f"New: <{link(1)}|watch>")], **APP},
    {"text": "New", "blocks": [RICH], **APP},
    {"text": "New", "blocks": [section("Today’s talk"), BUTTON], **APP},
    {"text": "", "attachments": [{"title": "Talk", "title_link": link(1)}], **APP},
    {"text": "", "attachments": [{"text": f"Out now: <{link(1)}>"}], **APP},
    {"text": "", "attachments": [{"fallback": "New", "blocks": [section(link(1))]}], **APP},
    {"text": "", "attachments": [{"is_share": True, "message_blocks": [
        {"message": {"blocks": [RICH]}}], "from_url": "https://a.slack.com/archives/C1/p1"}]},
]  # fmt: skip


@pytest.mark.parametrize("told", SENT)
async def test_a_mention_in_the_thread_under_it_finds_it(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        root = world.slack.say(world.channel, **told)
        world.slack.mention(world.channel, "summarize please", thread=root)
        text = await world.idle(root, "Summary")
        assert "# Talk 1" in text


@pytest.mark.parametrize("told", SENT)
async def test_the_shortcut_finds_it(tmp_path: Path, told: dict[str, Any]) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        message = world.slack.say(world.channel, **told)
        world.slack.shortcut(world.channel, message)
        assert "# Talk 1" in await world.idle(message, READ)


@pytest.mark.parametrize(
    "shared", [{"text": f"see {link(1)}"}, {"from_url": link(1)}, {"blocks": [RICH]}]
)
async def test_a_message_that_is_shared_with_a_mention_is_read(
    tmp_path: Path, shared: dict[str, Any]
) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        asked = world.slack.mention(world.channel, "key moments", attachments=[shared])
        assert "# Talk 1" in await world.idle(asked, READ)


def test_what_we_wrote_ourselves_is_no_link_of_people() -> None:
    ours = {"user": BOT, "bot_id": BOT_ID, "text": link(1)}
    assert events.from_event({"team_id": "T1", "event": {"type": "message", **ours}}, BOT) is None


@pytest.mark.parametrize("before", ["have a look", f"<{link(1)}>", f"<@U0BOB> <{link(2)}>"])
async def test_an_edit_that_mentions_the_bot_is_heard_once(tmp_path: Path, before: str) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        message = world.slack.say(world.channel, before)
        await world.slack.delivery.settled()
        assert world.slack.threads() == []
        text = f"<@{BOT}> <{link(1)}> what is crane 3?"
        world.slack.edit(world.channel, message, text)
        await world.idle(message, "crane 3", replies=2)
        shown = world.text(message)
        world.slack.edit(world.channel, message, f"{text} please")
        world.slack.edit(world.channel, message, "have a look")
        world.slack.edit(world.channel, message, text)
        await world.slack.delivery.settled()
        await world.house.assistant.idle(world.key(message))
        assert world.text(message) == shown
