"""Where a person brought the bot along and it is no member: it answers what that person began."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakes.discord_guilds import Channel
from worlds import DiscordWorld, link, open_discord

READ = "## Key Moments"


def outside(world: DiscordWorld) -> Channel:
    """A channel of a server that the bot does not know."""
    elsewhere = world.discord.guild("Elsewhere")
    channel = world.discord.text_channel(elsewhere, "talks")
    world.discord.throw_out(elsewhere)
    return channel


async def test_a_command_is_answered_in_its_place_and_asked_on(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        channel = outside(world)
        made = world.discord.command(channel, world.person, "analyze", {"link": link(1)})
        await world.until(lambda: made.original and READ in made.original.text)
        assert made.original
        assert "Talk 1" in made.original.text
        assert world.discord.threads() == []
        asked = world.discord.command(
            channel, world.person, "ask", {"question": "What is crane 3?"}
        )
        await world.until(lambda: asked.original and "v1:ask:" in asked.original.actions)
        assert asked.original
        form = world.discord.press(asked.original.id, "v1:ask:", world.person)
        await world.until(lambda: form.modal)
        sent = world.discord.submit(form, {"question": "What is crane 4?"})
        await world.until(lambda: sent.original and "crane" in sent.original.text)


async def test_what_cannot_be_read_is_told_there(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        told: dict[str, Any] = {"link": "https://youtu.be/nosuchvideo"}
        made = world.discord.command(outside(world), world.person, "analyze", told)
        await world.until(lambda: made.original and "no longer exists" in made.original.text)


async def test_it_can_be_brought_along(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        await world.synced()
        for command in world.discord.commands[""]:
            assert command["integration_types"] == [0, 1]
