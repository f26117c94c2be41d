"""Whole conversations of the real client on the local Discord: forms, forums, edits, menus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import cast

import discord
import pytest
import yarl
from discord import app_commands, ui

from fakes.discord_guilds import Channel, Guild, User
from fakes.discord_limits import RateLimits
from fakes.discord_server import LocalDiscord

Interaction = discord.Interaction[discord.AutoShardedClient]


class Form(ui.Modal, title="Ask about this video"):
    question: ui.Label[Form] = ui.Label(
        text="Question", component=ui.TextInput(custom_id="question", max_length=500)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        asked = cast("ui.TextInput[Form]", self.question.component).value
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(f"You asked: {asked}", ephemeral=True)


class Ask(ui.View):
    """A button that opens the form, and one that changes its own message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Ask", custom_id="v1:ask:1")
    async def ask(self, interaction: discord.Interaction, _: ui.Button[Ask]) -> None:
        await interaction.response.send_modal(Form(custom_id="v1:form:1"))

    @ui.button(label="Stop", custom_id="v1:stop:1")
    async def stop_it(self, interaction: discord.Interaction, _: ui.Button[Ask]) -> None:
        await interaction.response.edit_message(content="Stopped.", view=None)


def _card(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=0x5865F2)
    view.add_item(box.add_item(ui.TextDisplay(text)))
    return view


class Client(discord.AutoShardedClient):
    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, message_content=True),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        self.add_view(Ask())
        analyze: app_commands.Command[app_commands.Group, ..., None] = app_commands.Command(
            name="analyze", description="Analyze", callback=_analyze
        )
        analyze.autocomplete("types")(_suggest)
        self.tree.add_command(analyze)
        self.tree.add_command(app_commands.ContextMenu(name="Analyze video", callback=_read))
        await self.tree.sync()


async def _analyze(interaction: discord.Interaction, link: str, types: str = "") -> None:
    await interaction.response.send_message(f"{link} {types} {interaction.locale}", ephemeral=True)
    await interaction.edit_original_response(content="Seen.")


async def _suggest(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=typed.upper(), value=typed)]


async def _read(interaction: discord.Interaction, message: discord.Message) -> None:
    names = [attachment.filename for attachment in message.attachments]
    await interaction.response.send_message(f"{message.content} {names}")


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalDiscord]:
    """At its end nothing was refused, and nobody was pinged."""
    async with LocalDiscord(limits=RateLimits(off=True)) as made:
        monkeypatch.setattr(discord.http.Route, "BASE", made.api)
        yield made
        assert made.refused == []
        assert made.pings == []


@pytest.fixture
def guild(server: LocalDiscord) -> Guild:
    return server.guild("Learners")


@pytest.fixture
def channel(server: LocalDiscord, guild: Guild) -> Channel:
    return server.text_channel(guild)


@pytest.fixture
def forum(server: LocalDiscord, guild: Guild) -> Channel:
    return server.forum(guild)


@pytest.fixture
def anna(server: LocalDiscord) -> User:
    return server.user("anna")


@pytest.fixture
async def client(
    server: LocalDiscord, channel: Channel, forum: Channel
) -> AsyncIterator[discord.AutoShardedClient]:
    async with Client() as made:
        running = asyncio.create_task(made.start(server.token))
        await server.until(lambda: server.gateway.live)
        await made.wait_until_ready()
        assert all(made.get_channel(int(c.id)) for c in (channel, forum))
        yield made
        await made.close()
        await running


def _place(client: discord.AutoShardedClient, channel: Channel) -> discord.PartialMessageable:
    return client.get_partial_messageable(int(channel.id))


async def test_a_form_is_opened_and_sent(
    server: LocalDiscord, client: discord.AutoShardedClient, channel: Channel, anna: User
) -> None:
    sent = await _place(client, channel).send("The analysis.", view=Ask())
    pressed = server.press(str(sent.id), "v1:ask:1", anna)
    await server.until(lambda: pressed.modal)
    server.submit(pressed, {"question": "Why?"})
    await server.until(lambda: any(m.text for m in server.ephemerals(anna)))
    assert [m.text for m in server.ephemerals(anna)] == ["You asked: Why?"]
    server.press(str(sent.id), "v1:stop:1", anna)
    (message,) = server.messages(channel)
    await server.until(lambda: message.text == "Stopped.")
    assert message.buttons == []


@pytest.mark.usefixtures("client")
async def test_commands_have_languages_suggestions_and_menus(
    server: LocalDiscord, channel: Channel, anna: User
) -> None:
    assert await server.autocomplete(channel, anna, "analyze", ("types", "key")) == [
        {"name": "KEY", "value": "key"}
    ]
    told = {"link": "https://youtu.be/x", "types": "key"}
    server.command(channel, anna, "analyze", told, locale="de")
    await server.until(lambda: any(m.text == "Seen." for m in server.ephemerals(anna)))
    (answer,) = server.ephemerals(anna)
    assert answer.versions == ["https://youtu.be/x key de", "Seen."]
    link = server.say(channel, anna, "look at this", attachments=[("talk.srt", b"1")])
    server.menu(channel, anna, link)
    await server.until(lambda: len(server.messages(channel)) == 2)
    assert server.messages(channel)[-1].text == "look at this ['talk.srt']"


async def test_a_plain_message_becomes_a_card_and_keeps_its_files(
    server: LocalDiscord, client: discord.AutoShardedClient, channel: Channel
) -> None:
    place = _place(client, channel)
    sent = await place.send("Transcript.")
    changed = await sent.edit(content=None, view=_card("# A talk"))
    assert changed.flags.components_v2
    files = [discord.File(BytesIO(b"1"), "a.md"), discord.File(BytesIO(b"2"), "b.md")]
    export = await place.send("Here it is.", files=files)
    await export.edit(attachments=export.attachments[:1])
    first, second = server.messages(channel)
    assert (first.versions, second.files) == (["Transcript.", "# A talk"], {"a.md": b"1"})
    with pytest.raises(discord.HTTPException, match="50035"):
        await sent.edit(content="back again")
    assert len(server.refused) == 1
    server.refused.clear()


async def test_forums_private_threads_and_names(
    server: LocalDiscord,
    client: discord.AutoShardedClient,
    channel: Channel,
    forum: Channel,
    anna: User,
) -> None:
    place, room = client.get_channel(int(forum.id)), client.get_channel(int(channel.id))
    assert isinstance(place, discord.ForumChannel)
    assert isinstance(room, discord.TextChannel)
    post = await place.create_thread(name="A talk", content="The analysis.")
    assert post.message.id == post.thread.id
    await post.thread.edit(name="A better name")
    assert [thread.name for thread in server.threads(forum)] == ["A better name"]
    server.say(channel, anna, "hello")
    private = await room.create_thread(name="Between us", type=discord.ChannelType.private_thread)
    await private.add_user(discord.Object(int(anna.id)))
    await private.send("Only for you.")
    (thread,) = server.threads(channel)
    assert set(thread.people) == {server.bot.id, anna.id}
    assert [t.id async for t in room.archived_threads()] == []
    assert {t.id for t in await room.guild.active_threads()} == {private.id, post.thread.id}


async def test_replies_history_and_private_talks(
    server: LocalDiscord, client: discord.AutoShardedClient, channel: Channel, anna: User
) -> None:
    question = server.say(channel, anna, "what?")
    place = _place(client, channel)
    await place.get_partial_message(int(question)).reply("That.", mention_author=False)
    assert [m.content async for m in place.history(limit=5)] == ["That.", "what?"]
    async with place.typing():
        pass
    assert server.typing == [channel.id]
    talk = await client.create_dm(discord.Object(int(anna.id)))
    await talk.send("In private.")
    assert [m.text for m in server.messages(server.dm(anna))] == ["In private."]


async def test_a_thread_that_people_lock_archive_and_delete(
    server: LocalDiscord, client: discord.AutoShardedClient, channel: Channel, anna: User
) -> None:
    thread = server.thread(channel, anna, "A talk")
    place = _place(client, thread)
    sent = await place.send("One.")
    server.archive(thread)
    with pytest.raises(discord.HTTPException, match="50083"):
        await sent.edit(content="Two.")
    await place.send("Three.")
    server.lock(thread)
    with pytest.raises(discord.HTTPException, match="160005"):
        await place.send("Four.")
    server.delete(thread)
    with pytest.raises(discord.NotFound, match="10003"):
        await place.send("Five.")


async def test_a_session_that_is_lost_begins_anew(
    server: LocalDiscord, client: discord.AutoShardedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = yarl.URL(server.gateway.url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    await server.gateway.ask_to_reconnect()
    await server.until(lambda: len(server.gateway.resumed) == 1)
    await server.gateway.close()
    await server.until(lambda: len(server.gateway.resumed) == 2)
    assert len(server.gateway.identified) == 1
    await server.gateway.invalidate()
    await server.until(lambda: len(server.gateway.identified) == 2)
    assert not client.is_closed()
