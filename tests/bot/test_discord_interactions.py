"""Commands, menus, buttons and forms of Discord: acknowledged first, and done whatever happens."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from discord_world import DiscordWorld
from fakes.discord_guilds import Channel
from fakes.discord_permissions import Overwrite, Permission
from fakes.discord_server import Fault, Request
from worlds import cues, link, open_discord

READ = "## Key Moments"
CALLBACK = "/callback"


class Seen(DiscordWorld):
    """Where everybody sees every channel."""

    everyone = Permission.VIEW_CHANNEL


async def test_a_command_is_acknowledged_while_the_database_is_busy(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        await world.synced()
        busy = sqlite3.connect(tmp_path / "vidthread.db", isolation_level=None)
        busy.execute("BEGIN IMMEDIATE")
        asked = len(world.discord.requests)
        made = world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        await world.until(lambda: made.acknowledged_after is not None)
        (first,) = world.discord.requests[asked:]
        assert first.path.endswith(CALLBACK)
        assert world.youtube.asked == []
        busy.execute("ROLLBACK")
        busy.close()
        await world.until(world.discord.threads)
        await world.idle(world.discord.threads()[0].id, READ)


async def test_what_is_acknowledged_too_late_is_done_all_the_same(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        made = world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        world.discord.skip(4)
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        await world.idle(thread.id, READ)
        assert made.acknowledged_after is None
        assert statuses(world, CALLBACK) == [404]
        (opening,) = world.discord.messages(world.channel)
        assert (opening.id, opening.interaction) == (thread.id, None)
        assert webhooks(world) == []


async def test_an_acknowledgement_may_have_come_before(tmp_path: Path) -> None:
    """Its answer was lost, or Discord says that there was one."""
    for fault in (Fault(0, carried_out=True), Fault(400, code=40060, carried_out=True)):
        async with open_discord(tmp_path) as world:
            once(world, lambda _, path: path.endswith(CALLBACK), fault)
            thread = await world.open(link(1))
            await world.idle(thread, READ)
            (opening,) = world.discord.messages(world.channel)
            assert opening.interaction


async def test_the_token_is_left_as_soon_as_there_is_a_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        world.discord.skip(20 * 60)
        assert world.model.hold
        world.model.hold.set()
        await world.idle(thread, READ)
        opened = next(
            n for n, r in enumerate(world.discord.requests) if r.path.endswith("/threads")
        )
        assert webhooks(world, world.discord.requests[opened:]) == []
        assert "the moment in the video" in world.shown(thread)[0].text


async def test_a_command_goes_on_after_a_restart_before_its_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        stuck = blocked(world, "POST", "/threads")
        made = world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        await world.until(lambda: statuses(world, "/threads"))
        await world.stop()
        stuck.clear()
        await world.start()
        await world.until(world.discord.threads)
        (thread,) = world.discord.threads()
        await world.idle(thread.id, READ)
        assert made.original
        assert made.original.id == thread.id
        assert len(world.discord.messages(world.channel)) == 1


async def test_a_thread_whose_opening_was_not_confirmed_is_the_one(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        once(world, lambda _, path: path.endswith("/threads"), Fault(0, carried_out=True))
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        assert statuses(world, "/threads") == [500, 400]
        assert len(world.discord.threads()) == 1


async def test_a_thread_opened_before_a_crash_is_found_when_the_token_is_dead(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        stuck = blocked(world, "POST", "/threads", carried_out=True)
        world.discord.command(world.channel, world.person, "analyze", {"link": link(1)})
        await world.until(world.discord.threads)
        await world.stop()
        stuck.clear()
        world.discord.skip(1000)
        await world.start()
        (thread,) = world.discord.threads()
        await world.idle(thread.id, READ)
        assert len(world.discord.messages(world.channel)) == 1


async def test_the_menu_of_a_message_reads_its_link_or_its_captions(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        bert = world.discord.user("bert")
        linked = world.discord.say(world.channel, bert, f"nice: {link(2)}")
        world.discord.menu(world.channel, world.person, linked)
        await world.until(world.discord.threads)
        await world.idle(world.discord.threads()[0].id, "# Talk 2")
        handed = world.discord.say(world.channel, bert, attachments=[("talk.srt", srt(3))])
        world.discord.menu(world.channel, world.person, handed)
        await world.until(lambda: len(world.discord.threads()) == 2)
        await world.idle(world.discord.threads()[1].id, "of harbour 3")
        neither = world.discord.say(world.channel, bert, "hello")
        world.discord.menu(world.channel, world.person, neither)
        await world.told_privately("no YouTube link in that message")
        picture = world.discord.say(world.channel, bert, attachments=[("cat.png", b"x")])
        world.discord.menu(world.channel, world.person, picture)
        await world.told_privately("None of those is a captions file")


async def test_a_button_opens_a_form_whose_question_everybody_sees(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        last = world.ours(thread)[-1]
        made = world.discord.press(last.id, "v1:ask:", world.person)
        await world.until(lambda: made.modal)
        await world.restart()
        before = len(world.shown(thread))
        sent = world.discord.submit(
            made, {"question": "What of @everyone [x](https://evil.example)?"}
        )
        await world.idle(thread, replies=before + 2)
        assert sent.original
        assert "**Anna** asks:" in sent.original.text
        assert "[x](" not in sent.original.text
        asked = world.model.calls[-1].last_message
        assert "What of @everyone" in asked


async def test_ask_answers_in_the_thread_and_says_where_elsewhere(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before = len(world.shown(thread))
        place = world.discord.channels[thread]
        world.discord.command(place, world.person, "ask", {"question": "What is crane 3?"})
        await world.idle(thread, replies=before + 2)
        world.discord.command(world.channel, world.person, "ask", {"question": "What?"})
        await world.told_privately("`/analyze` with a link opens one")


async def test_stop_works_above_the_thread_and_in_it_and_twice(tmp_path: Path) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        for number, where in ((1, 0), (2, -1)):
            thread = await world.open(link(number))
            await world.until(lambda: "of harbour" in world.text(thread))  # noqa: B023
            stopping = [m for m in world.ours(thread) if "v1:stop:" in m.actions]
            assert [m.id for m in stopping][where] == (thread, stopping[-1].id)[where]
            await world.until(lambda: len(pressable(world, thread)) == 2)  # noqa: B023
            message = pressable(world, thread)[where]
            for _ in range(2):
                world.discord.press(message, "v1:stop:", world.person)
            text = await world.idle(thread, "! Stopped.")
            assert text.count("Stopped.") == 1
            assert "Nothing to stop" not in text


def pressable(world: DiscordWorld, thread: str) -> list[str]:
    return [m.id for m in world.ours(thread) if "v1:stop:" in m.actions]


async def test_analyze_anew_from_the_referral_opens_another_thread(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        calls = len(world.model.calls)
        await world.open_again(thread, link(1))
        await world.restart()
        await world.press(thread, "v1:retry:anew")
        await world.until(lambda: len(world.discord.threads()) == 2)
        await world.idle(world.discord.threads()[-1].id, READ)
        assert len(world.model.calls) == calls + 2


async def test_commands_are_sent_when_they_changed(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        await world.synced()
        assert {c["name"] for c in world.discord.commands[""]} == {
            "analyze", "ask", "export", "stats", "privacy", "forget", "help", "settings",
            "Analyze video",
        }  # fmt: skip
        await world.restart()
        await world.synced()
        assert world.discord.syncs == 1


async def test_recent_videos_are_offered_to_whoever_may_see_their_threads(tmp_path: Path) -> None:
    async with open_discord(tmp_path, Seen) as world:
        secret = world.discord.text_channel(world.guild, "secret")
        bert = world.discord.user("bert")
        hide(world, secret)
        for channel, number in ((world.channel, 1), (secret, 2)):
            await world.idle(await world.open_in(channel, link(number)), READ)
        private = await world.open_in(world.channel, link(3), private=True)
        await world.idle(private, READ)
        offered = await world.discord.autocomplete(world.channel, bert, "analyze", ("link", "talk"))
        assert [c["value"] for c in offered] == [link(1)]
        types = await world.discord.autocomplete(
            world.channel, bert, "analyze", ("types", "blog post, act"), {"link": link(1)}
        )
        assert [c["value"] for c in types] == ["blog post, Action Plan"]


async def test_what_is_no_link_and_no_type_is_told_to_whoever_wrote_it(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        for told, words in (
            ({"link": "hello"}, "isn't a YouTube link"),
            ({"link": link(1), "types": "poem"}, "Choose from: summary"),
            ({"link": link(1), "language": "klingonese"}, "I don't know the language “klingonese”"),
        ):
            world.discord.command(world.channel, world.person, "analyze", told)
            await world.told_privately(words)
        assert world.discord.threads() == []


def hide(world: DiscordWorld, channel: Channel) -> None:
    """From all but the bot."""
    channel.overwrites.append(Overwrite(world.guild.id, member=False, deny=Permission.VIEW_CHANNEL))
    world.discord.allow(channel, Permission.VIEW_CHANNEL)


# --- what goes wrong ---


def once(world: DiscordWorld, which: Callable[[str, str], bool], fault: Fault) -> None:
    struck: list[str] = []

    def judge(method: str, path: str, _: object) -> Fault | None:
        if struck or not which(method, path):
            return None
        struck.append(path)
        return fault

    world.discord.judge = judge


def blocked(
    world: DiscordWorld, method: str, ending: str, *, carried_out: bool = False
) -> set[str]:
    """Answered with 503 until what is returned is cleared."""
    stuck = {ending}

    def judge(asked: str, path: str, _: object) -> Fault | None:
        hit = stuck and asked == method and path.endswith(ending)
        return Fault(503, carried_out=carried_out) if hit else None

    world.discord.judge = judge
    return stuck


def statuses(world: DiscordWorld, ending: str) -> list[int]:
    return [r.status for r in world.discord.asked("POST", ending)]


def webhooks(world: DiscordWorld, requests: list[Request] | None = None) -> list[str]:
    asked = world.discord.requests if requests is None else requests
    return [r.path for r in asked if r.path.startswith("/webhooks/")]


def srt(number: int) -> bytes:
    def at(seconds: float) -> str:
        return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02},000"

    lines = [
        f"{n}\n{at(start)} --> {at(start + length)}\n{text}\n"
        for n, (text, start, length) in enumerate(cues(number), start=1)
    ]
    return "\n".join(lines).encode()
