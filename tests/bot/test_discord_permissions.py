"""What the bot may not do on Discord is known before it is tried, and told by its name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from discord_world import DiscordWorld
from fakes.discord_permissions import Permission
from worlds import link, open_discord

READ = "## Key Moments"


def forbidden(world: DiscordWorld) -> list[int]:
    """Requests that Discord refused for want of a permission."""
    return [r.status for r in world.discord.requests if r.status in {401, 403}]


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (Permission.CREATE_PUBLIC_THREADS, "**Create Public Threads**"),
        (Permission.SEND_MESSAGES_IN_THREADS, "**Send Messages in Threads**"),
    ],
)
async def test_without_threads_the_answer_comes_in_the_channel(
    tmp_path: Path, missing: Permission, named: str
) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.forbid(world.channel, missing)
        world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        text = await world.idle(world.channel.id, READ)
        assert f"to open a thread I'm missing {named}" in text
        assert world.discord.threads() == []
        before = len(world.shown(world.channel.id))
        world.mention(world.channel, "What is crane 3?")
        await world.idle(world.channel.id, replies=before + 1)
        assert forbidden(world) == []


async def test_a_mention_hears_as_well_what_is_missing_for_a_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.forbid(world.channel, Permission.CREATE_PUBLIC_THREADS)
        world.mention(world.channel, link(1))
        text = await world.idle(world.channel.id, READ)
        assert "to open a thread I'm missing **Create Public Threads**" in text


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (Permission.SEND_MESSAGES | Permission.CREATE_PUBLIC_THREADS, "**Send Messages**"),
        (Permission.VIEW_CHANNEL, "**View Channel** and **Send Messages**"),
    ],
)
async def test_where_nothing_can_be_written_one_person_is_told_alone(
    tmp_path: Path, missing: int, named: str
) -> None:
    async with open_discord(tmp_path) as world:
        world.discord.forbid(world.channel, missing)
        world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        text = await world.told_privately("I can't answer here")
        assert named in text
        assert world.discord.messages(world.channel) == []
        assert forbidden(world) == []
        assert world.youtube.asked == []


async def test_where_nothing_can_be_written_who_mentions_the_bot_is_told_directly(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        unwritable = Permission.SEND_MESSAGES | Permission.CREATE_PUBLIC_THREADS
        world.discord.forbid(world.channel, unwritable)
        world.mention(world.channel, link(1))
        direct = world.discord.dm(world.person)
        await world.in_channel("I'm missing **Send Messages**", direct)
        assert world.youtube.asked == []


async def test_in_threads_of_others_the_same_holds(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = world.discord.thread(world.channel, world.person, "Ours")
        world.discord.forbid(world.channel, Permission.SEND_MESSAGES_IN_THREADS)
        for name, told in (("analyze", {"link": link(1)}), ("ask", {"question": "What?"})):
            world.discord.command(thread, world.person, name, told)
        await world.until(lambda: len(world.discord.ephemerals(world.person)) == 2)
        for message in world.discord.ephemerals(world.person):
            assert "I'm missing **Send Messages in Threads**" in message.text
        assert forbidden(world) == []


async def test_a_private_thread_needs_its_own_permission(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        asked = {"link": link(1), "private": True}
        news = world.discord.announcement(world.guild)
        world.discord.command(news, world.person, "analyze", asked)
        await world.told_privately("only be opened from a text channel")
        world.discord.forbid(world.channel, Permission.CREATE_PRIVATE_THREADS)
        world.discord.command(world.channel, world.person, "analyze", asked)
        await world.told_privately("I'm missing **Create Private Threads**")
        assert world.discord.threads() == []
        assert forbidden(world) == []


async def test_a_private_thread_that_discord_refuses_is_told_to_one_person(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.guild.most_active_threads = 0
        asked = {"link": link(1), "private": True}
        world.discord.command(world.channel, world.person, "analyze", asked)
        await world.told_privately("doesn't let me open a private thread")


async def test_whom_a_moderator_timed_out_tells_one_person_alone(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.guild.timed_out.add(world.discord.bot.id)
        world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        await world.told_privately("I'm missing **Send Messages**")


async def test_without_history_questions_are_answered_without_a_reference(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.discord.forbid(world.channel, Permission.READ_MESSAGE_HISTORY)
        before = len(world.shown(thread))
        world.write(thread, "What is crane 3?")
        await world.idle(thread, replies=before + 1)
        assert world.ours(thread)[-1].reply_to is None
        assert "went wrong" not in world.text(thread)


async def test_without_files_an_export_names_what_is_missing(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.discord.forbid(world.channel, Permission.ATTACH_FILES)
        await world.caught_up()
        world.mention(thread, "export md")
        await world.idle(thread, "I can't send a file here: I'm missing **Attach Files**")
        assert forbidden(world) == []


async def test_a_permission_taken_away_in_the_middle_ends_the_run_and_is_told_above_the_thread(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        world.discord.forbid(world.channel, Permission.SEND_MESSAGES_IN_THREADS)
        for message in world.ours(thread)[1:]:
            world.discord.delete(message.id)
        assert world.model.hold
        world.model.hold.set()
        await world.until(lambda: "can't write in the thread" in world.shown(thread)[0].text)
        assert pressable(world, thread) == []
        world.discord.allow(world.channel, Permission.SEND_MESSAGES_IN_THREADS)
        await world.caught_up()
        world.mention(thread, "key moments")
        await world.idle(thread, READ)


def pressable(world: DiscordWorld, thread: str) -> list[str]:
    return [m.id for m in world.ours(thread) if "v1:stop:" in m.actions]


async def test_a_bot_that_was_thrown_out_goes_on_elsewhere(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        elsewhere = world.discord.text_channel(world.discord.guild("Elsewhere"))
        other = await world.open_in(elsewhere, link(2))
        world.discord.throw_out(world.guild)
        assert world.model.hold
        world.model.hold.set()
        await world.idle(other, READ)
