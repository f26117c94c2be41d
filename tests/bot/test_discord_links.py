"""Where a link stands in what people and apps of Discord send, and by which way it is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from discord_world import DiscordWorld
from worlds import link, open_discord

READ = "## Key Moments"
TEXT: dict[str, Any] = {"type": 10, "content": f"Just published: {link(1)}"}
BUTTON: dict[str, Any] = {"type": 2, "style": 5, "label": "Watch", "url": link(1)}


def forward(**told: Any) -> dict[str, Any]:
    blank = {"type": 0, "content": "", "embeds": [], "attachments": [], "components": []}
    when = {"timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "flags": 0}
    return {"message": blank | when | told}


SENT: list[dict[str, Any]] = [
    {"forwards": [forward(content=f"Worth an hour: {link(1)}")]},
    {"forwards": [forward(embeds=[{"type": "rich", "title": "Talk", "url": link(1)}])]},
    {"forwards": [forward(components=[{"type": 17, "components": [TEXT]}])]},
    {"embeds": [{"type": "rich", "title": "New", "description": f"Watch {link(1)} now"}]},
    {"embeds": [{"type": "rich", "fields": [{"name": "Where", "value": f"<{link(1)}>"}]}]},
    {"embeds": [{"type": "video", "title": "Talk 1", "url": link(1)}]},
    {"text": f"https://www.youtube.com/watch?app=desktop&amp;v={link(1)[-11:]}"},
    {"components": [{"type": 17, "components": [TEXT]}]},
    {"components": [{"type": 9, "components": [TEXT], "accessory": BUTTON}]},
    {"components": [{"type": 1, "components": [BUTTON]}]},
]


def sent(world: DiscordWorld, told: dict[str, Any]) -> str:
    """By a person where people can send such a thing, else by a feed."""
    said = dict(told)
    text = said.pop("text", "")
    if "forwards" in told or text:
        return world.write(world.channel, text, **said)
    return world.discord.say_by_webhook(world.channel, text, **said)


async def opened(world: DiscordWorld) -> str:
    await world.until(lambda: world.discord.threads(world.channel))
    thread = world.discord.threads(world.channel)[0].id
    assert "# Talk 1" in await world.idle(thread, READ)
    return thread


@pytest.mark.parametrize("told", SENT)
async def test_the_menu_finds_it(tmp_path: Path, told: dict[str, Any]) -> None:
    async with open_discord(tmp_path) as world:
        message = sent(world, told)
        await world.synced()
        world.discord.menu(world.channel, world.person, message)
        await opened(world)


@pytest.mark.parametrize("told", SENT)
async def test_a_mention_in_a_reply_finds_it(tmp_path: Path, told: dict[str, Any]) -> None:
    async with open_discord(tmp_path) as world:
        world.mention(world.channel, "please", reply_to=sent(world, told))
        await opened(world)


@pytest.mark.parametrize("told", SENT)
async def test_a_mention_in_the_thread_under_it_finds_it(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    async with open_discord(tmp_path) as world:
        above = sent(world, told)
        thread = world.discord.thread_under(above, world.person, "Comments")
        world.write(thread, "who has seen it?")
        world.mention(thread, "summarize this")
        assert "## Summary" in await world.idle(thread.id, "Summary")
        assert world.discord.threads(world.channel) == [thread]


async def test_a_forward_in_a_thread_of_ours_is_a_link_like_another(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(2))
        await world.idle(thread, READ)
        world.mention(thread, forwards=[forward(content=link(1))])
        await world.idle(thread, "Talk 1")


async def test_our_own_messages_lead_to_no_video(tmp_path: Path) -> None:
    """After a thread was forgotten its card still stands there."""
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.forget(thread)
        await world.forgotten(thread)
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, "There's no video in this thread yet")


@pytest.mark.parametrize("before", ["look at this", "what is said here?", link(1)])
async def test_an_edit_that_mentions_the_bot_is_heard_once(tmp_path: Path, before: str) -> None:
    async with open_discord(tmp_path) as world:
        message = world.write(world.channel, before)
        await world.caught_up()
        assert world.discord.threads(world.channel) == []
        text = f"{world.discord.bot.mention} {link(1)} what is crane 3?"
        world.discord.edit(message, text)
        thread = await opened(world)
        assert thread == message
        await world.idle(thread, "crane 3")
        shown = len(world.ours(thread))
        world.discord.edit(message, f"{text} please")
        world.discord.unfurl(message, "Talk 1")
        await world.caught_up()
        await world.house.assistant.idle(world.key(thread))
        assert len(world.ours(thread)) == shown


async def test_an_edit_of_an_old_message_is_left_alone(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        message = world.write(world.channel, "look at this")
        world.discord.skip(2 * 86_400)
        world.discord.edit(message, f"{world.discord.bot.mention} {link(1)}")
        await world.caught_up()
        assert world.discord.threads(world.channel) == []
