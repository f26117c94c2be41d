"""Where on Discord a video gets a thread, and where its answer comes without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.discord_guilds import Kind
from fakes.discord_server import Fault
from vidthread.discord.layout import Layout
from vidthread.discord.rest import DiscordRest
from vidthread.discord.thread_surface import DiscordSurface
from vidthread.presenter import SharedPace
from vidthread.surface import Page
from vidthread.thread_key import ThreadKey
from worlds import link, open_discord

READ = "## Key Moments"


@pytest.mark.parametrize("kind", ["text", "announcement"])
async def test_a_channel_gets_a_thread_under_the_answer_to_the_command(
    tmp_path: Path, kind: str
) -> None:
    async with open_discord(tmp_path) as world:
        make = {"text": world.discord.text_channel, "announcement": world.discord.announcement}
        channel = make[kind](world.guild, "talks")
        thread = await world.open_in(channel, link(1))
        await world.idle(thread, READ)
        opened = world.discord.channels[thread]
        public = {Kind.TEXT: Kind.PUBLIC_THREAD, Kind.ANNOUNCEMENT: Kind.ANNOUNCEMENT_THREAD}
        assert opened.kind is public[channel.kind]
        (opening,) = world.discord.messages(channel)
        assert opening.id == thread
        assert opening.interaction
        assert "Talk 1" in opening.text
        assert [b.url for b in opening.buttons] == [link(1)]


async def test_a_post_in_a_forum_is_a_thread_already(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        forum = world.discord.forum(world.guild)
        post = world.discord.post_in_forum(forum, world.person, "A talk", f"Look: {link(1)}")
        world.mention(post)
        await world.idle(post.id, READ)
        world.discord.command(post, world.person, "analyze", {"link": link(2)})
        text = await world.idle(post.id, "Talk 2")
        assert text.count(READ) == 2
        assert len(world.discord.threads(forum)) == 1
        assert post.names == ["A talk"]


async def test_in_a_thread_that_is_open_the_answer_comes_there(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = world.discord.thread(world.channel, world.person, "Our talks")
        world.discord.command(thread, world.person, "analyze", {"link": link(1)})
        await world.idle(thread.id, READ)
        assert world.discord.ephemerals(world.person) == []
        assert thread.names == ["Our talks"]
        assert len(world.discord.threads()) == 1
        world.write(thread, "What is crane 3?")
        await world.idle(thread.id, replies=len(world.shown(thread.id)) + 1)


async def test_where_there_are_no_threads_the_answer_comes_in_the_channel(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        lounge = world.discord.voice(world.guild)
        world.discord.command(lounge, world.person, "analyze", {"link": link(1)})
        text = await world.idle(lounge.id, READ)
        assert "This kind of channel has no threads" in text
        assert world.discord.threads() == []
        before = len(world.shown(lounge.id))
        world.mention(lounge, "What is crane 3?")
        await world.idle(lounge.id, replies=before + 1)


async def test_in_direct_messages_everything_is_for_the_bot(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        direct = world.discord.dm(world.person)
        world.write(direct, link(1))
        await world.idle(direct.id, READ)
        before = len(world.shown(direct.id))
        world.write(direct, "What is crane 3?")
        await world.idle(direct.id, replies=before + 1)
        world.discord.command(direct, world.person, "analyze", {"link": link(2), "private": True})
        await world.idle(direct.id, "Talk 2")


async def test_a_mention_with_a_link_gets_the_thread_under_its_own_message(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        asked = world.mention(world.channel, f"what about {link(1)} ?")
        await world.until(lambda: asked in world.discord.channels)
        text = await world.idle(asked, READ)
        assert "# Talk 1" in text
        assert [m.id for m in world.discord.messages(world.channel)] == [asked]
        assert world.discord.channels[asked].name == "Talk 1"


async def test_a_mention_that_answers_a_message_is_about_its_link(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        bert = world.discord.user("bert")
        said = world.discord.say(world.channel, bert, f"see {link(3)}")
        asked = world.mention(world.channel, "summary please", reply_to=said)
        await world.until(lambda: asked in world.discord.channels)
        text = await world.idle(asked, "## Summary")
        assert "# Talk 3" in text


async def test_a_mention_in_a_thread_is_about_the_link_that_stands_there(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = world.discord.thread(world.channel, world.person, "Our talk")
        world.write(thread, f"who has seen {link(2)}")
        world.write(thread, "not me")
        world.mention(thread, "What is crane 3?")
        text = await world.idle(thread.id, "crane 3", replies=2)
        assert "# Talk 2" in text
        assert world.discord.channels[thread.id].names == ["Our talk"]


async def test_a_thread_that_hangs_under_a_link_is_about_it(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        bert = world.discord.user("bert")
        said = world.discord.say(world.channel, bert, link(2))
        thread = world.discord.thread_under(said, bert, "Bert's find")
        world.mention(thread)
        text = await world.idle(thread.id, READ)
        assert "# Talk 2" in text
        assert thread.names == ["Bert's find"]


async def test_a_thread_of_somebody_else_is_answered_in_and_not_renamed(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        world.guild.roles[world.guild.id].permissions |= 1 << 34  # everybody manages threads
        gate: list[str] = []

        def judge(method: str, path: str, _: object) -> Fault | None:
            if method == "POST" and path.endswith("/threads") and not gate:
                gate.append(path.split("/")[4])
                world.discord.thread_under(gate[0], world.person, "Anna was faster")
            return None

        world.discord.judge = judge
        asked = world.mention(world.channel, link(1))
        await world.until(lambda: asked in world.discord.channels)
        await world.idle(asked, READ)
        assert world.discord.channels[asked].names == ["Anna was faster"]


async def test_a_thread_has_the_title_of_its_first_video_from_the_beginning(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.restart()
        world.mention(thread, link(2))
        await world.idle(thread, "Talk 2")
        assert world.discord.channels[thread].names == ["Talk 1"]


async def test_what_is_private_is_seen_by_whoever_asked_and_found_by_nobody_else(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path) as world:
        bert = world.discord.user("bert")
        thread = await world.open_in(world.channel, link(1), private=True)
        await world.idle(thread, READ)
        opened = world.discord.channels[thread]
        assert opened.kind is Kind.PRIVATE_THREAD
        assert set(opened.people) == {world.discord.bot.id, world.person.id}
        await world.told_privately(f"<#{thread}>")
        assert world.discord.messages(world.channel) == []
        world.discord.command(world.channel, bert, "analyze", {"link": link(1)})
        await world.until(lambda: len(world.discord.threads(world.channel)) == 2)
        other = world.discord.threads(world.channel)[-1]
        assert other.kind is Kind.PUBLIC_THREAD
        await world.idle(other.id, READ)
        world.write(thread, "What is crane 3?")
        await world.idle(thread, replies=len(world.shown(thread)) + 1)


async def test_a_thread_that_was_deleted_is_forgotten_and_opened_anew(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.stop()
        world.discord.delete(world.discord.channels[thread])
        await world.start()
        anew = await world.open(link(1))
        await world.idle(anew, READ)
        assert anew != thread
        sessions = world.house.factory.get_session_repository()
        assert await sessions.get(world.key(thread).session) is None


async def test_whoever_deletes_a_thread_has_it_forgotten(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.discord.delete(world.discord.channels[thread])
        await world.forgotten(thread)


async def test_a_thread_that_sleeps_wakes_for_a_question(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.stop()
        world.discord.archive(world.discord.channels[thread])
        await world.start()
        before = len(world.shown(thread))
        world.write(thread, "What is crane 3?")
        await world.idle(thread, replies=before + 1)
        assert not world.discord.channels[thread].archived


async def test_messages_that_grow_at_once_share_what_a_bot_may_ask() -> None:
    class Deaf(DiscordRest):
        async def edit(self, channel: str, message: str, layout: Layout) -> None:
            pass

    key = ThreadKey("discord", "1", "2", "3")
    surface = DiscordSurface(key, Deaf(), SharedPace(1.2, lambda: 0.0))
    for live, pace in ((True, 4.0), (False, 1.2)):
        for number in range(100):
            await surface.edit(str(number), surface.render(Page("r1", 0, (), live=live)))
        assert surface.pace == pace
