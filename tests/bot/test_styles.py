"""Length, an instruction and a listed model: asked for once, or chosen by admins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from discord_world import DiscordWorld
from fakes.discord_guilds import Channel, User
from fakes.model import LocalModel
from places import World
from slack_world import SlackWorld
from worlds import link, open_discord, open_world
from youtube_analysis import Settings

READ = "## Key Moments"
SHORT, LONG = "\nLength: short.", "\nLength: long."
ENGINEERS = "for engineers, five bullets"
INSTRUCTED = f"# Instruction\n{ENGINEERS}\n"


def prompts(world: World, since: int = 0) -> str:
    """What the model was asked since so many calls."""
    return "\n".join(call.last_message for call in world.model.calls[since:])


def offer(world: World, *others: LocalModel, verify: str = "off") -> None:
    """Lists models as `m1`, `m2` … from the next start on."""
    listed = "; ".join(f"m{n} = m @ {other.url}" for n, other in enumerate(others, 1))
    models = Settings.from_env({"MODELS": listed}).models if others else ()
    world.settings = replace(world.settings, models=models, openai_verify=verify)


async def setting(
    world: DiscordWorld,
    user: User,
    command: str,
    channels: dict[str, Channel] | None = None,
    **told: Any,
) -> str:
    """What a subcommand of /settings is answered."""
    made = world.discord.command(
        world.channel, user, "settings", told, within=command, channels=channels
    )
    await world.until(lambda: made.original and not made.original.loading)
    assert made.original
    return made.original.text


async def test_the_command_takes_a_length_and_an_instruction(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        await world.synced()
        (command,) = (c for c in world.discord.commands[""] if c["name"] == "analyze")
        options = {option["name"]: option for option in command["options"]}
        assert [c["value"] for c in options["length"]["choices"]] == ["short", "normal", "long"]
        assert options["instruction"]["max_length"] == 500
        thread = await world.open_in(world.channel, link(1), length="short", instruction=ENGINEERS)
        await world.idle(thread, READ)
        assert prompts(world).count(SHORT) == prompts(world).count(INSTRUCTED) == 2
        before = len(world.model.calls)
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=len(world.shown(thread)) + 1)
        assert SHORT not in prompts(world, before)


async def test_what_is_long_is_shown_as_a_whole(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        short = await world.idle(await world.open(link(1)), READ)
        long = await world.idle(await world.open_in(world.channel, link(2), length="long"), READ)
        assert LONG in prompts(world)
        assert "More …" in short
        assert "More of it under" not in long


async def test_admins_choose_how_texts_in_a_channel_are(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        owner, other = world.guild.owner, world.discord.text_channel(world.guild, "other")
        refused = await setting(world, world.person, "style", length="long")
        assert refused == "Only an admin of this server can do that."
        told = await setting(world, owner, "style", length="short", instruction=ENGINEERS)
        assert "Length in this channel: short" in told
        assert f"Instruction in this channel: {ENGINEERS}" in told
        told = await setting(world, owner, "style", channels={"channel": other}, length="long")
        assert f"Length in <#{other.id}>: long" in told
        assert f"Instruction in <#{other.id}>: none" in told
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        assert prompts(world).count(SHORT) == prompts(world).count(INSTRUCTED) == 2
        before = len(world.model.calls)
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=len(world.shown(thread)) + 1)
        assert SHORT in prompts(world, before)
        assert INSTRUCTED in prompts(world, before)
        before = len(world.model.calls)
        await world.say(thread, "long action plan")
        await world.idle(thread, "## Action Plan")
        assert LONG in prompts(world, before)
        assert INSTRUCTED in prompts(world, before)
        before = len(world.model.calls)
        await world.idle(await world.open_in(other, link(2)), READ)
        assert prompts(world, before).count(LONG) == 2
        assert INSTRUCTED not in prompts(world, before)
        await setting(world, owner, "style", instruction="none")
        await world.restart()
        told = await setting(world, owner, "show")
        assert "Length in this channel: short" in told
        assert "Instruction in this channel: none" in told


async def test_in_words_admins_alone_choose(tmp_path: Path) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        world.slack.admins = {"U0ANNA"}
        world.slack.channels[world.channel].members.add("U0BOB")
        for user, said, told in [
            ("U0BOB", "settings length short", "Only an admin of this workspace can do that."),
            ("U0BOB", "settings model default", "Only an admin of this workspace can do that."),
            ("U0ANNA", "settings length short", "Length in this channel: short"),
            ("U0ANNA", f"settings instruction {ENGINEERS}", f"this channel: {ENGINEERS}"),
            ("U0ANNA", "settings model gpt-9", "There is no model “gpt-9”. Choose from: local."),
            ("U0BOB", "settings", f"this channel: {ENGINEERS}"),
        ]:
            delivered = world.slack.slash(world.channel, said, user=user)
            await world.slack.delivery.settled()
            assert told in str(delivered.answer)
        await world.idle(await world.open(link(1)), READ)
        assert prompts(world).count(SHORT) == prompts(world).count(INSTRUCTED) == 2


async def test_admins_choose_a_listed_model_for_their_server(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world, LocalModel() as second:
        offer(world, second)
        await world.restart()
        await world.synced()
        (command,) = (c for c in world.discord.commands[""] if c["name"] == "settings")
        (model,) = (option for option in command["options"] if option["name"] == "model")
        assert [c["value"] for c in model["options"][0]["choices"]] == ["default", "m1"]
        owner, place = world.guild.owner, world.channel
        elsewhere = world.discord.text_channel(world.discord.guild())
        told = await setting(world, world.person, "model", name="m1")
        assert told == "Only an admin of this server can do that."
        told = await setting(world, owner, "model", name="gpt-9")
        assert told == "There is no model “gpt-9”. Choose from: local and m1."
        assert "Model: local (the default)" in await setting(world, owner, "show")
        told = await setting(world, owner, "model", name="m1")
        assert "Model: m1" in told
        assert "127.0.0.1" not in told
        thread = await world.open_in(place, link(1))
        await world.idle(thread, READ)
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=len(world.shown(thread)) + 1)
        assert (len(world.model.calls), len(second.calls)) == (0, 3)
        await world.idle(await world.open_in(elsewhere, link(2)), READ)
        assert (len(world.model.calls), len(second.calls)) == (2, 3)
        await setting(world, owner, "model", name="default")
        assert "Model: local (the default)" in await setting(world, owner, "show")


async def test_many_models_are_offered_as_one_types(tmp_path: Path) -> None:
    async with open_discord(tmp_path) as world:
        offer(world, *[world.model] * 25)
        await world.restart()
        await world.synced()
        (command,) = (c for c in world.discord.commands[""] if c["name"] == "settings")
        (model,) = (option for option in command["options"] if option["name"] == "model")
        assert model["options"][0]["autocomplete"]


async def test_a_model_that_is_gone_is_the_default_and_told_once(tmp_path: Path) -> None:
    async with open_world("playground", tmp_path) as world, LocalModel() as second:
        offer(world, second)
        await world.restart()
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.say(thread, "settings model M1")
        await world.idle(thread, "Model: m1")
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=3)
        assert len(second.calls) == 1
        offer(world)
        await world.restart()
        await world.say(thread, "privacy")
        await world.idle(thread, replies=4)
        assert "no longer offered" not in world.text(thread)
        for number in (5, 6):
            await world.say(thread, f"what is crane {number}?")
            await world.idle(thread, replies=number)
        told = [m.text for m in world.shown(thread) if "“m1” is no longer offered" in m.text]
        assert len(told) == 1
        await world.say(thread, "settings")
        await world.idle(thread, "Model: local (the default)")


async def test_where_only_listed_models_write_the_card_says_how_to_choose_one(
    tmp_path: Path,
) -> None:
    async with open_world("playground", tmp_path) as world:
        offer(world, world.model)
        world.settings = replace(world.settings, openai_base_url=Settings().openai_base_url)
        await world.restart()
        thread = await world.open(link(1))
        text = await world.idle(thread, READ)
        assert "This uses the speaker's own words. An admin can choose a language model" in text
        await world.say(thread, "settings model m1")
        await world.say(thread, "answer in German")
        await world.idle(thread, "in German from now on")
        other = await world.idle(await world.open(link(2)), READ)
        assert "speaker's own words" not in other


async def test_privacy_names_the_server_that_is_asked(tmp_path: Path) -> None:
    async with open_world("playground", tmp_path) as world:
        listed = Settings.from_env({"MODELS": "far = m @ https://models.example/v1"}).models
        world.settings = replace(world.settings, models=listed)
        await world.restart()
        thread = await world.open(link(1))
        await world.say(thread, "privacy")
        await world.idle(thread, "language model at 127.0.0.1")
        await world.say(thread, "settings model far")
        await world.say(thread, "privacy")
        await world.idle(thread, "language model at models.example")


async def test_what_is_done_once_more_is_as_it_was_asked_for(tmp_path: Path) -> None:
    hold = asyncio.Event()
    async with open_discord(tmp_path, hold=hold, rate=2_000.0) as world:
        thread = await world.open_in(world.channel, link(1), length="short", instruction=ENGINEERS)
        await world.until(lambda: "of harbour 1" in world.text(thread))
        await press(world, thread, "v1:stop:")
        await world.idle(thread, "Stopped.")
        hold.set()
        before = len(world.model.calls)
        await press(world, thread, "v1:retry:")
        await world.idle(thread, READ)
        assert prompts(world, before).count(SHORT) == prompts(world, before).count(INSTRUCTED) == 2


async def press(world: World, thread: str, beginning: str) -> None:
    """The first button with such an id, as soon as it is there."""

    def found() -> list[str]:
        buttons = (button for message in world.shown(thread) for button in message.buttons)
        return [button for button in buttons if button.startswith(beginning)]

    await world.until(lambda: bool(found()))
    await world.press(thread, found()[0])
