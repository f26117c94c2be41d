"""Length, an instruction and a listed model: asked for once, or chosen for a channel or a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from discord_world import DiscordWorld
from fakes.discord_guilds import User
from fakes.model import LocalModel
from fakes.model_failures import Failure
from places import World
from worlds import link, open_discord, open_world
from youtube_analysis.config import Settings

READ = "## Key Moments"
ENGINEERS = "for engineers, five bullets"


def lengths(world: World, since: int = 0) -> list[str]:
    """What the prompts say of length and instruction."""
    return [call.last_message for call in world.model.calls[since:]]


async def answered(world: DiscordWorld, user: User, name: str, told: dict[str, Any]) -> str:
    """To a subcommand of /settings."""
    return await answered_in(world, user, name, {"told": told})


async def answered_in(world: DiscordWorld, user: User, name: str, how: dict[str, Any]) -> str:
    place = how.pop("place", world.channel)
    made = world.discord.command(
        place, user, "settings", how.get("told"), within=name, channels=how.get("channels")
    )
    await world.until(lambda: made.original and not made.original.loading)
    assert made.original
    return made.original.text


async def test_the_command_takes_a_length_and_an_instruction(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open_in(
            world.channel, link(1), length="short", instruction=ENGINEERS
        )
        await world.idle(thread, READ)
        print(lengths(world))
