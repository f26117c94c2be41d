"""The real client meets the local Discord and finds what it expects of the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any, cast

import discord
import pytest
from discord import app_commands

from fakes.discord_guilds import Channel, Guild, User
from fakes.discord_limits import RateLimits
from fakes.discord_server import Fault, LocalDiscord

PLAIN = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
READING = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
Answering = Callable[["discord.Interaction[discord.AutoShardedClient]"], Coroutine[Any, Any, None]]


class Client(discord.AutoShardedClient):
    """Keeps the messages that it heard; answers its commands with `answering`."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.heard: list[discord.Message] = []
        self._news = asyncio.Event()
        self.tree = app_commands.CommandTree(self)
        self.answering: Answering | None = None
        self.pressed: Answering | None = None
        self.tree.command(name="analyze", description="Analyze a video")(self._analyze)

    async def _analyze(
        self, interaction: discord.Interaction[discord.AutoShardedClient], link: str
    ) -> None:
        if self.answering:
            await self.answering(interaction)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        self._news.set()

    async def hears(self, count: int) -> list[str]:
        """What was said so far, when so many messages were heard."""
        async with asyncio.timeout(20):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return [message.content for message in self.heard]

    async def on_interaction(
        self, interaction: discord.Interaction[discord.AutoShardedClient]
    ) -> None:
        if self.pressed and interaction.type is discord.InteractionType.component:
            await self.pressed(interaction)


@asynccontextmanager
async def connected(
    server: LocalDiscord, intents: discord.Intents = READING
) -> AsyncIterator[Client]:
    """A client that is ready."""
    async with Client(intents) as client:
        running = asyncio.create_task(client.start(server.token))
        ready = asyncio.create_task(client.wait_until_ready())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if running.done():
            await running
        yield client
        await client.close()
        await running


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(limits=RateLimits(off=True)) as made:
        monkeypatch.setattr(discord.http.Route, "BASE", made.api)
        yield made


@pytest.fixture
def guild(server: LocalDiscord) -> Guild:
    return server.guild("Learners")


@pytest.fixture
def channel(server: LocalDiscord, guild: Guild) -> Channel:
    return server.text_channel(guild)


@pytest.fixture
def anna(server: LocalDiscord) -> User:
    return server.user("anna")


async def _opened(interaction: discord.Interaction[discord.AutoShardedClient]) -> None:
    """The recipe: defer, write, open a thread on what was written."""
    await interaction.response.defer(thinking=True)
    message = await interaction.edit_original_response(content="Reading the video.")
    thread = await message.create_thread(name="A talk", auto_archive_duration=1440)
    await thread.send("Here is what it says.")


async def test_a_command_is_deferred_and_its_answer_gets_a_thread(
    server: LocalDiscord, channel: Channel, anna: User
) -> None:
    async with connected(server) as client:
        client.answering = _opened
        made = server.command(channel, anna, "analyze", {"link": "https://youtu.be/x"})
        await server.until(lambda: any(server.messages(t) for t in server.threads(channel)))
        (thread,) = server.threads(channel)
        assert made.original
        assert thread.id == made.original.id
        assert (thread.name, thread.archive_after) == ("A talk", 1440)
        assert [m.text for m in server.messages(thread)] == ["Here is what it says."]
        assert made.acknowledged_after is not None
        assert made.acknowledged_after < 3
    assert server.refused == []
    assert [command["name"] for command in server.commands[""]] == ["analyze"]


async def test_a_layout_comes_back_as_it_was_sent(
    server: LocalDiscord, channel: Channel, anna: User
) -> None:
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=0xFF0000)
    picture: discord.ui.Thumbnail[discord.ui.LayoutView] = discord.ui.Thumbnail(
        "https://i.ytimg.com/vi/x/hqdefault.jpg"
    )
    box.add_item(discord.ui.Section("# A talk", "By somebody", accessory=picture))
    box.add_item(discord.ui.Separator())
    box.add_item(discord.ui.TextDisplay("What it says."))
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    row.add_item(discord.ui.Button(label="Ask", custom_id="v1:ask:1"))
    row.add_item(discord.ui.Button(label="Watch", url="https://youtu.be/x"))
    box.add_item(row)
    box.add_item(discord.ui.File("attachment://talk.md"))
    view.add_item(box)
    async with connected(server) as client:
        place = client.get_partial_messageable(int(channel.id))
        sent = await place.send(view=view, file=discord.File(BytesIO(b"# A talk"), "talk.md"))
        (shown,) = sent.components
        assert isinstance(shown, discord.components.Container)
        assert shown.id == 1
        pressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def note(interaction: discord.Interaction[discord.AutoShardedClient]) -> None:
            await interaction.response.send_message("Soon.", ephemeral=True)
            told = cast("dict[str, str]", interaction.data)
            pressed.set_result(told["custom_id"])

        client.pressed = note
        (message,) = server.messages(channel)
        server.press(message.id, "v1:ask:1", anna)
        assert await pressed == "v1:ask:1"
    assert message.text == "# A talk\nBy somebody\nWhat it says."
    assert [(b.label, b.custom_id or b.url) for b in message.buttons] == [
        ("Ask", "v1:ask:1"),
        ("Watch", "https://youtu.be/x"),
    ]
    assert message.files == {"talk.md": b"# A talk"}
    assert [m.text for m in server.ephemerals(anna)] == ["Soon."]
    assert server.refused == []


async def test_the_same_nonce_makes_one_message(server: LocalDiscord, channel: Channel) -> None:
    async with connected(server) as client:
        place = client.get_partial_messageable(int(channel.id))
        first = await place.send("once", nonce="page-1")
        again = await place.send("once", nonce="page-1")
        assert first.id == again.id
        server.skip(600)
        later = await place.send("once", nonce="page-1")
        assert later.id != first.id
    assert len(server.messages(channel)) == 2


async def test_a_post_whose_answer_was_lost_is_there_once(
    server: LocalDiscord, channel: Channel
) -> None:
    """The client itself sends a 502 again, with the same nonce."""
    faults = [Fault(502, carried_out=True)]
    server.judge = lambda method, path, _: (
        faults.pop() if faults and method == "POST" and path.endswith("/messages") else None
    )
    async with connected(server) as client:
        await client.get_partial_messageable(int(channel.id)).send("once")
    assert [m.text for m in server.messages(channel)] == ["once"]
    assert len(server.asked("POST", "/messages")) == 2


async def test_what_was_missed_while_the_connection_was_cut_is_replayed(
    server: LocalDiscord, channel: Channel, anna: User
) -> None:
    async with connected(server) as client:
        server.say(channel, anna, "before")
        await server.until(lambda: server.gateway.live)
        server.gateway.drop()
        await server.until(lambda: not server.gateway.live)
        server.say(channel, anna, "meanwhile")
        await server.until(lambda: server.gateway.resumed)
        server.say(channel, anna, "after")
        assert await client.hears(3) == ["before", "meanwhile", "after"]
    assert len(server.gateway.identified) == 1


async def test_an_event_may_come_twice(server: LocalDiscord, channel: Channel, anna: User) -> None:
    async with connected(server) as client:
        server.say(channel, anna, "hello")
        server.gateway.again("MESSAGE_CREATE")
        assert await client.hears(2) == ["hello", "hello"]
        assert client.heard[0].id == client.heard[1].id


async def test_without_the_intent_only_what_is_meant_for_the_bot_is_told(
    server: LocalDiscord, channel: Channel, anna: User
) -> None:
    async with connected(server, PLAIN) as client:
        mine = await client.get_partial_messageable(int(channel.id)).send("Ask me.")
        server.say(channel, anna, "a plain word")
        server.say(channel, anna, "a question", mentions=[server.bot])
        server.say(channel, anna, "a reply", reply_to=str(mine.id))
        server.say(channel, anna, "a quiet reply", reply_to=str(mine.id), ping=False)
        server.say(server.dm(anna), anna, "in private", attachments=[("talk.srt", b"1")])
        assert await client.hears(6) == [
            "Ask me.",
            "",
            f"{server.bot.mention} a question",
            "a reply",
            "",
            "in private",
        ]
        assert await client.heard[-1].attachments[0].read() == b"1"


async def test_an_intent_that_the_application_does_not_have_ends_the_connection(
    server: LocalDiscord,
) -> None:
    server.flags = 0
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(server):
            pass
    assert server.gateway.closed_with == [4014]


async def test_a_guild_belongs_to_one_shard(server: LocalDiscord) -> None:
    server.gateway.shards = 2
    here = [server.guild(f"Guild {number}") for number in range(2)]
    async with connected(server) as client:
        assert {g.shard_id for g in client.guilds} == {int(g.id) >> 22 & 1 for g in here}
    assert [told["shard"] for told in server.gateway.identified] == [[0, 2], [1, 2]]
