"""The connection to Discord: what is missed while it is cut, and where it never comes to be."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import discord
import pytest
import yarl

from discord_world import DiscordWorld
from fakes.discord_server import Fault, LocalDiscord
from fakes.model_answers import compose
from vidthread.adapter import Adapter, CannotConnect
from vidthread.config import BotSettings
from vidthread.discord.connection import discord_adapter
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from worlds import link, open_discord

READ = "## Key Moments"


def echo(body: dict[str, Any]) -> str:
    number = re.search(r"[Qq]uestion (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


async def test_what_was_said_while_the_connection_was_cut_is_answered_once(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        gateway = world.discord.gateway
        for number in range(2):
            world.write(thread, f"Question {3 * number}?")
            gateway.drop()
            await world.until(lambda: not gateway.live)
            world.write(thread, f"Question {3 * number + 1}?")
            gateway.again("MESSAGE_CREATE")
            await world.until(lambda: gateway.live)
            world.write(thread, f"Question {3 * number + 2}?")
        text = await world.idle(thread, "Echo 5")
        assert re.findall(r"Echo (\d)", text) == list("012345")
        assert len(gateway.resumed) == 2


@pytest.mark.parametrize("event", ["MESSAGE_CREATE", "INTERACTION_CREATE", "GUILD_UPDATE"])
async def test_an_event_that_cannot_be_parsed_is_dropped(tmp_path: Path, event: str) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.discord.gateway.garble(event)
        world.write(thread, "Question 1?")
        await world.idle(thread, "Echo 1")
        assert len(world.discord.gateway.identified) == 1
        assert not world.discord.gateway.resumed


async def test_a_gateway_that_ends_unforeseen_is_built_anew_and_no_turn_dies_of_it(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), reply=echo) as world:
        assert world.model.hold
        world.model.hold.set()
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.model.hold.clear()
        world.write(thread, "Question 1?")
        await world.until(lambda: len(world.ours(thread)) > 2)
        await world.discord.gateway.blurt()
        await world.until(lambda: not world.discord.gateway.live)
        world.model.hold.set()
        await world.idle(thread, "Echo 1")
        await world.until(lambda: world.discord.gateway.live)
        world.write(thread, "Question 2?")
        text = await world.idle(thread, "Echo 2")
        assert re.findall(r"Echo (\d)", text) == ["1", "2"]
        assert len(world.discord.gateway.identified) == 2


async def test_an_intent_that_is_withdrawn_is_done_without(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.discord.flags = 0
        await world.discord.gateway.close(4014)
        await world.until(lambda: len(world.discord.gateway.identified) == 2)
        await world.until(lambda: world.discord.gateway.live)
        assert not world.discord.gateway.identified[1]["intents"] & 1 << 15
        world.mention(thread, "Question 1?")
        await world.idle(thread, "Echo 1")


async def test_where_discord_wants_more_shards_the_gateway_is_built_anew(tmp_path: Path) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.discord.gateway.close(4011)
        await world.until(lambda: len(world.discord.gateway.identified) == 2)
        await world.until(lambda: world.discord.gateway.live)
        world.write(thread, "Question 1?")
        await world.idle(thread, "Echo 1")


async def test_an_answer_that_a_revoked_token_cannot_post_waits_for_another(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path, hold=asyncio.Event(), reply=echo) as world:
        assert world.model.hold
        world.model.hold.set()
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.model.hold.clear()
        before, token = len(world.ours(thread)), world.discord.token
        world.write(thread, "Question 1?")
        await world.until(lambda: len(world.ours(thread)) > before)
        world.discord.token = "another"
        refused = len(world.discord.requests)
        world.model.hold.set()
        # It is tried on and on.
        await world.until(
            lambda: [r.status for r in world.discord.requests[refused:]].count(401) > 3
        )
        await world.discord.gateway.close(4004)
        await world.stop()
        world.discord.token = token
        await world.start()
        await world.idle(thread, "Echo 1")


async def test_commands_that_cannot_be_synced_delay_no_start(tmp_path: Path) -> None:
    class Refusing(DiscordWorld):
        async def furnish(self) -> None:
            await super().furnish()
            self.discord.judge = lambda method, *_: Fault(502) if method == "PUT" else None

    async with open_discord(tmp_path, Refusing) as world:
        assert len(world.discord.asked("PUT", "/commands")) < 5
        await world.until(lambda: world.discord.asked("PUT", "/commands"))
        thread = world.mention(world.channel, link(1))
        await world.until(lambda: thread in world.discord.channels)
        await world.idle(thread, READ)


@pytest.mark.parametrize("count", [None, 1])
async def test_a_session_that_is_lost_begins_anew_where_discord_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int | None
) -> None:
    class Counted(DiscordWorld):
        changes: ClassVar[dict[str, Any]] = {"discord_shard_count": count}

    monkeypatch.setattr(
        discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:1/")
    )
    async with open_discord(tmp_path, Counted, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.discord.gateway.invalidate()
        await world.until(lambda: len(world.discord.gateway.identified) == 2)
        await world.until(lambda: world.discord.gateway.live)
        world.write(thread, "Question 1?")
        await world.idle(thread, "Echo 1")


async def test_a_server_is_served_by_its_shard(tmp_path: Path) -> None:
    class Two(DiscordWorld):
        changes: ClassVar[dict[str, Any]] = {"discord_shard_count": 2}

    async with open_discord(tmp_path, Two) as world:
        assert [i["shard"] for i in world.discord.gateway.identified] == [[0, 2], [1, 2]]
        other = world.discord.text_channel(world.discord.guild("Other"))
        for channel in (world.channel, other):
            await world.idle(await world.open_in(channel, link(1)), READ)


async def test_a_process_serves_the_shards_that_are_its_own(tmp_path: Path) -> None:
    class Second(DiscordWorld):
        changes: ClassVar[dict[str, Any]] = {"discord_shard_count": 2, "discord_shard_ids": (1,)}

    async with open_discord(tmp_path, Second) as world:
        assert [i["shard"] for i in world.discord.gateway.identified] == [[1, 2]]
        guilds = (world.discord.guild(f"Guild {number}") for number in range(20))
        mine = next(guild for guild in guilds if int(guild.id) >> 22 & 1)
        channel = world.discord.text_channel(mine)
        await world.idle(await world.open_in(channel, link(1)), READ)
        # What the other process left unfinished is that one's to take up.
        theirs = next(guild for guild in guilds if not int(guild.id) >> 22 & 1)
        key = ThreadKey("discord", theirs.id, "1", "2")
        ledger = world.house.store.ledger
        row = await ledger.take(Incoming("m1", key, "anna", text="help"), message_key=True)
        await world.house.assistant.resume_all()
        assert [left.row for left in await ledger.unfinished("discord")] == [row]


async def test_what_waits_for_a_discord_that_is_lost_is_left_for_the_next_start(
    tmp_path: Path,
) -> None:
    async with open_discord(tmp_path, reply=echo) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.discord.gateway.close(4004)

        async def lost() -> bool:
            return not world.house.server.ready

        await world.eventually(lost)
        event = Incoming("m1", world.key(thread), "anna", text="Question 1?")
        await world.house.store.ledger.take(event, message_key=True)
        await world.house.assistant.resume_all()
        assert not world.house.assistant.turns_under_way
        await world.restart()
        await world.idle(thread, "Echo 1")


async def test_a_wrong_token_and_a_missing_intent_are_one_sentence_each(tmp_path: Path) -> None:
    class Closing(DiscordWorld):
        async def start(self) -> None:
            try:
                await super().start()
            except CannotConnect:
                await self.end()
                raise

    class Wrong(Closing):
        def adapter(self) -> Adapter:
            return discord_adapter("another", pace=0.02)

    class Blind(Closing):
        flags = 0

        def bot(self) -> BotSettings:
            return replace(super().bot(), discord_message_content="on")

    for kind, told in (
        (Wrong, "doesn't accept DISCORD_TOKEN"),
        (Blind, "Message Content Intent is off"),
    ):
        with pytest.raises(CannotConnect, match=told):
            async with open_discord(tmp_path, kind):
                pass


@asynccontextmanager
async def program(server: LocalDiscord, folder: Path, **told: str) -> AsyncIterator[Any]:
    settings = {
        "DISCORD_TOKEN": server.token, "DISCORD_API_URL": server.api, "WEB_PORT": "0",
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}", "LOG_FORMAT": "json",
    }  # fmt: skip
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vidthread", "run", env=os.environ | settings | told,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    try:
        yield made
    finally:
        if made.returncode is None:
            made.terminate()
        await made.communicate()


async def test_the_program_ends_with_a_sentence_where_the_token_is_wrong(tmp_path: Path) -> None:
    async with (
        LocalDiscord() as server,
        program(server, tmp_path, DISCORD_TOKEN="wrong") as bot,
    ):
        _, told = await bot.communicate()
        assert bot.returncode == 1
        assert b"doesn't accept DISCORD_TOKEN" in told
        assert b"Traceback" not in told
        assert b'"wrong"' not in told


async def test_a_token_that_is_revoked_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    async with LocalDiscord() as server, program(server, tmp_path) as bot:
        await logged(bot, '"platforms"')
        await server.gateway.close(4004)
        _, told = await bot.communicate()
        assert bot.returncode == 1
        assert b"doesn't accept DISCORD_TOKEN" in told
        assert b"Traceback" not in told


async def test_a_token_that_is_revoked_ends_no_other_platform(tmp_path: Path) -> None:
    async with (
        LocalDiscord() as server,
        program(server, tmp_path, PLAYGROUND="on") as bot,
        aiohttp.ClientSession() as session,
    ):
        told = await logged(bot, '"platforms"')
        url = re.findall(r'"url": ?"([^"]+)"', told)[-1]
        await server.gateway.close(4004)
        told += await logged(bot, "platform lost")
        assert "doesn't accept DISCORD_TOKEN" in told
        async with session.get(f"{url}/readyz") as answer:
            assert answer.status == 200


async def test_the_program_waits_for_a_discord_that_is_away(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ready = f"http://127.0.0.1:{port}/readyz"
    async with LocalDiscord() as server, aiohttp.ClientSession() as session:
        away = [Fault(503)]
        server.judge = lambda *_: away[0] if away else None
        async with program(server, tmp_path, WEB_PORT=str(port)) as bot:
            told = await logged(bot, "platform not reachable")
            async with session.get(ready) as answer:
                assert answer.status == 503
            away.clear()
            told += await logged(bot, '"platforms"')
            async with session.get(ready) as answer:
                assert answer.status == 200
        assert "Traceback" not in told


async def logged(bot: Any, words: str) -> str:
    """All that a program logged until it said this."""
    told = ""
    async with asyncio.timeout(60):
        while words not in told:
            told += (await bot.stderr.readline()).decode()
    return told
