"""Plain messages on Discord: which of them are for the bot, with and without their content."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from discord_world import DiscordWorld
from fakes.discord_guilds import Kind
from fakes.discord_server import Fault
from fakes.model_answers import compose
from worlds import cues, link, open_discord

READ = "## Key Moments"
HINT = "I can't see plain messages here"


class Blind(DiscordWorld):
    """Without the message content intent."""

    flags = 0


def echo(body: dict[str, Any]) -> str:
    """Answers with the number of the question; everything else as the local model does."""
    number = re.search(r"[Qq]uestion (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


async def test_plain_messages_in_a_thread_are_questions_in_their_order(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo, rate=2000.0) as world:
        assert world.discord.gateway.identified[0]["intents"] & 1 << 15
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        for number in range(4):
            world.write(thread, f"Question {number} about the crane?")
        text = await world.idle(thread, "Echo 3")
        assert re.findall(r"Echo (\d)", text) == list("0123")


async def test_what_is_for_others_or_of_machines_is_left_alone(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        bert, robot = world.discord.user("bert"), world.discord.user("robot", bot=True)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        place = world.discord.channels[thread]
        said = world.discord.say(place, bert, "thanks!")
        calls = len(world.model.calls)
        world.write(thread, "Question 1?", mentions=[bert])
        world.write(thread, "Question 2?", reply_to=said)
        world.discord.say(place, robot, "Question 3?", mentions=[world.discord.bot])
        world.discord.say_by_webhook(place, "Question 4?")
        world.write(world.channel, "Question 5?")
        world.mention(thread, "Question 6?")
        text = await world.idle(thread, "Echo 6")
        assert re.findall(r"Echo (\d)", text) == ["6"]
        assert len(world.model.calls) == calls + 1


async def test_a_quiet_thread_answers_what_is_addressed_to_the_bot(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.mention(thread, "quiet on")
        await world.idle(thread, "only reply when mentioned")
        world.write(thread, "Question 1?")
        world.mention(thread, "Question 2?")
        answer = world.ours(thread)[-1].id
        world.write(thread, "Question 3?", reply_to=answer, ping=False)
        text = await world.idle(thread, "Echo 3")
        assert re.findall(r"Echo (\d)", text) == ["2", "3"]


async def test_the_same_message_twice_is_answered_once(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.write(thread, "Question 1?")
        world.discord.gateway.again("MESSAGE_CREATE")
        world.write(thread, "Question 2?")
        text = await world.idle(thread, "Echo 2")
        assert re.findall(r"Echo (\d)", text) == ["1", "2"]


async def test_without_the_intent_a_thread_says_once_how_to_ask(tmp_path: Path) -> None:
    async with open_discord(tmp_path, Blind, reply=echo) as world:
        assert not world.discord.gateway.identified[0]["intents"] & 1 << 15
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.write(thread, "Question 1?")
        await world.until(lambda: HINT in world.text(thread))
        await world.restart()
        world.write(thread, "Question 2?")
        world.write(world.channel, "Question 3?")
        world.mention(thread, "Question 4?")
        text = await world.idle(thread, "Echo 4")
        assert text.count(HINT) == 1
        assert re.findall(r"Echo (\d)", text) == ["4"]
        assert len(world.discord.messages(world.channel)) == 2


async def test_without_the_intent_replies_are_read_when_they_ping(tmp_path: Path) -> None:
    async with open_discord(tmp_path, Blind, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        answer = world.ours(thread)[-1].id
        world.write(thread, "Question 1?", reply_to=answer, ping=False)
        await world.until(lambda: HINT in world.text(thread))
        world.write(thread, "Question 2?", reply_to=answer)
        text = await world.idle(thread, "Echo 2")
        assert re.findall(r"Echo (\d)", text) == ["2"]
        assert "Send me a YouTube link or drop" not in text


async def test_without_the_intent_a_question_can_be_asked_by_command(tmp_path: Path) -> None:
    async with open_discord(tmp_path, Blind, reply=echo) as world:
        asked = world.mention(world.channel, link(1))
        await world.until(lambda: asked in world.discord.channels)
        await world.idle(asked, READ)
        place = world.discord.channels[asked]
        world.discord.command(place, world.person, "ask", {"question": "Question 1?"})
        await world.idle(asked, "Echo 1")


async def test_a_captions_file_is_read(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        asked = world.mention(world.channel, attachments=[("talk.vtt", vtt(5))])
        await world.until(lambda: asked in world.discord.channels)
        text = await world.idle(asked, "of harbour 5")
        assert "talk" in text
        before = len(world.shown(asked))
        world.write(asked, attachments=[("next.vtt", vtt(6))])
        await world.idle(asked, "of harbour 6", replies=before + 1)


async def test_a_question_waits_for_the_file_before_it(tmp_path: Path) -> None:
    """Whose download breaks off, and again when aiohttp repeats it."""
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before, broken = len(world.shown(thread)), [Fault(0)] * 2
        world.discord.judge = lambda _, path, __: (
            broken.pop() if broken and "talk.vtt" in path else None
        )
        world.write(thread, attachments=[("talk.vtt", vtt(5))])
        world.write(thread, "What is crane 3?")
        await world.idle(thread, replies=before + 2)
        last = world.shown(thread)[-1].text
        assert "of harbour 5" in last
        assert READ not in last
        assert not broken


async def test_files_come_from_discord_and_are_of_a_sensible_size(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        asked = world.youtube.asked[:]
        for changed in ({"url": world.youtube.url + "/x/talk.vtt"}, {"size": 2**24}):
            world.write(thread, attachments=[("talk.vtt", vtt(7))], told_of_files=changed)
        other = world.discord.thread(world.channel, world.person, "Not ours")
        world.write(other, attachments=[("talk.vtt", vtt(7))])
        world.mention(thread, "coverage")
        text = await world.idle(thread, "Read 5:00 of", replies=len(world.shown(thread)) + 1)
        assert "harbour 7" not in text
        assert world.youtube.asked == asked
        assert world.discord.asked("GET", "talk.vtt") == []


async def test_private_threads_of_people_are_heard_when_the_bot_is_in_them(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = world.discord.thread(world.channel, world.person, "Ours", private=True)
        world.discord.add_member(thread, world.discord.bot)
        world.mention(thread, link(1))
        await world.idle(thread.id, READ)
        world.write(thread, "Question 1?")
        await world.idle(thread.id, "Echo 1")
        assert thread.kind is Kind.PRIVATE_THREAD
        assert thread.names == ["Ours"]


async def test_a_mention_without_a_video_is_told_what_is_missing(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.mention(world.channel, "what do you think?")
        await world.in_channel("Send me a YouTube link")
        world.mention(world.channel, "https://www.youtube.com/playlist?list=PLx123456789")
        await world.in_channel("playlist")
        world.mention(world.channel, "help")
        await world.in_channel("Send me a YouTube link or drop")
        assert world.discord.threads() == []


def vtt(number: int) -> bytes:
    def at(seconds: float) -> str:
        return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02}.000"

    lines = [f"{at(start)} --> {at(start + length)}\n{t}\n" for t, start, length in cues(number)]
    return "\n".join(["WEBVTT\n", *lines]).encode()
