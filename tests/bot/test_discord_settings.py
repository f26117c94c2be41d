"""What admins choose for a server of Discord, what is counted there, and what is deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from discord_world import DiscordWorld
from fakes.discord_guilds import User
from fakes.discord_interactions import Interaction
from fakes.discord_messages import Message
from worlds import link, open_discord

READ = "## Key Moments"


def setting(
    world: DiscordWorld, user: User, name: str, told: dict[str, Any] | None = None
) -> Interaction:
    """A subcommand of /settings."""
    return world.discord.command(world.channel, user, "settings", told, within=name)


async def answered(world: DiscordWorld, made: Interaction) -> str:
    await world.until(lambda: made.original and not made.original.loading)
    assert made.original
    assert made.original.only_for == made.user.id
    return made.original.text


async def test_only_admins_change_what_holds_in_a_server(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        told = await answered(
            world, setting(world, world.person, "language", {"language": "German"})
        )
        assert told == "Only an admin of this server can do that."
        owner = world.guild.owner
        told = await answered(world, setting(world, owner, "language", {"language": "German"}))
        assert "Language: German" in told
        told = await answered(world, setting(world, owner, "types", {"types": "blog post"}))
        assert "Sections: Blog Post" in told
        thread = await world.open(link(1))
        text = await world.idle(thread, "## Blog Post")
        assert READ not in text
        assert "language: de" in world.model.calls[-1].last_message
        told = await answered(world, setting(world, world.person, "show"))
        assert "Language: German" in told


async def test_admins_choose_the_channels_to_work_in(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        other = world.discord.text_channel(world.guild, "other")
        choosing = world.discord.command(
            world.channel,
            world.guild.owner,
            "settings",
            within="channels",
            channels={"first": world.channel},
        )
        told = await answered(world, choosing)
        assert f"<#{world.channel.id}>" in told
        world.discord.command(other, world.person, "analyze", {"link": link(1)})
        await world.told_privately("Ask there")
        assert world.discord.threads(other) == []
        thread = world.discord.thread(other, world.person, "Ours")
        world.mention(thread, link(1))
        await world.until(lambda: "Ask there" in world.text(thread.id))
        await world.idle(await world.open(link(1)), READ)
        assert len(world.youtube.asked) > 0


async def test_what_was_done_and_what_is_kept_is_told_to_one_person(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        stats = world.discord.command(world.channel, world.person, "stats")
        assert "- 1 thread\n- 1 video" in await answered(world, stats)
        privacy = world.discord.command(world.channel, world.person, "privacy")
        assert "127.0.0.1" in await answered(world, privacy)
        helped = world.discord.command(world.channel, world.person, "help")
        assert "Send me a YouTube link" in await answered(world, helped)


async def test_forgetting_is_of_ones_own_of_a_thread_and_of_the_server(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        sessions = world.house.factory.get_session_repository()
        one, other = await world.open(link(1)), await world.open(link(2))
        for thread in (one, other):
            await world.idle(thread, READ)
            before = len(world.shown(thread))
            world.write(thread, "What is crane 3?")
            await world.idle(thread, replies=before + 1)
        place, bert = world.discord.channels[one], world.discord.user("bert")
        stranger = world.discord.command(place, bert, "forget", {"what": "forget"})
        assert "Only whoever opened this thread" in await answered(world, stranger)
        this = world.discord.command(place, world.person, "forget", {"what": "forget"})
        assert "Delete what I stored about this thread" in await answered(world, this)
        assert await sessions.get(world.key(one).session)
        await sure(world, this)
        await world.idle(one, "Forgotten")
        mine = world.discord.command(world.channel, world.person, "forget")
        assert "Delete every question" in await answered(world, mine)
        await sure(world, mine)
        await world.told_privately("Deleted:")
        assert await sessions.get(world.key(one).session) is None
        assert await sessions.get(world.key(other).session)
        asked = {"what": "forget server"}
        tried = world.discord.command(world.channel, world.person, "forget", asked)
        assert "Only an admin" in await answered(world, tried)
        done = world.discord.command(world.channel, world.guild.owner, "forget", asked)
        assert "Delete everything I stored about this server" in await answered(world, done)
        await sure(world, done)
        await world.told_privately("Deleted: everything", world.guild.owner)
        assert await sessions.get(world.key(other).session) is None


async def test_alone_with_the_bot_everything_of_it_can_be_forgotten(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        direct = world.discord.dm(world.person)
        world.write(direct, link(1))
        await world.idle(direct.id, READ)
        done = world.discord.command(direct, world.person, "forget", {"what": "forget server"})
        await world.until(lambda: done.original and done.original.actions)
        await sure(world, done)
        await world.until(lambda: [m for m in private(world) if "Deleted: everything" in m.text])
        assert (
            await world.house.factory.get_session_repository().get(world.key(direct.id).session)
            is None
        )


async def test_an_export_comes_as_a_file_or_a_sentence_where_it_is_too_large(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        place = world.discord.channels[thread]
        world.discord.command(place, world.person, "export", {"format": "json"})
        await world.idle(thread, "Talk_1.json")
        (sent,) = world.ours(thread)[-1].files.values()
        assert b"harbour 1" in sent
        world.guild.largest_file = 100
        world.discord.command(place, world.person, "export")
        await world.idle(thread, "larger than this server allows")
        assert world.ours(thread)[-1].files == {}


async def sure(world: DiscordWorld, asked: Interaction) -> None:
    """Presses what a question before something is deleted offers."""
    question = asked.original
    assert question
    world.discord.press(question.id, question.actions[0], asked.user)


def private(world: DiscordWorld) -> list[Message]:
    return world.discord.ephemerals(world.person)
