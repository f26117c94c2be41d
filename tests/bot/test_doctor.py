"""`vidthread doctor` at a local Discord: what it finds, and what it says to do."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.discord_limits import RateLimits
from fakes.discord_permissions import INVITED, Permission
from fakes.discord_server import Fault, LocalDiscord
from fakes.model import LocalModel
from fakes.model_failures import Failure
from vidthread.adapter import Check
from vidthread.config import BotSettings
from vidthread.discord.checks import examine_discord
from vidthread.doctor import examine

# Nothing listens on the discard port of this machine.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(limits=RateLimits(off=True)) as made:
        yield made
        assert made.refused == []


class Examined:
    """The checks of one platform, by name; of one name the last."""

    def __init__(self, checks: list[Check]) -> None:
        self._checks = checks

    def told(self, name: str) -> str:
        (check,) = [check for check in self._checks if check.name == name]
        assert check.problem is None, check.problem
        return check.detail

    @property
    def problems(self) -> list[str]:
        return [check.problem for check in self._checks if check.problem]


async def examined(discord: LocalDiscord, **settings: Any) -> Examined:
    """What the line of this one platform finds."""
    given = {"discord_token": discord.token, "discord_api_url": discord.api, **settings}
    bot = BotSettings(**given)
    return Examined([check async for check in examine_discord(bot, bot.discord_token or "")])


async def test_all_is_well(discord: LocalDiscord) -> None:
    discord.guild("Reading room")
    found = await examined(discord)
    assert found.problems == []
    assert discord.bot.name in found.told("discord")
    assert found.told("discord application") == "vidthread; anyone can invite it"
    assert found.told("discord message content") == "plain messages in threads are read"
    assert found.told("discord servers") == "1 server, with every permission"
    assert "registers them at start" in found.told("discord commands")
    link = found.told("discord invite link")
    assert re.fullmatch(
        rf"https://discord\.com/oauth2/authorize\?client_id={discord.application}"
        rf"&scope=bot\+applications\.commands&permissions={INVITED}",
        link,
    )


async def test_without_a_token_discord_is_not_asked(discord: LocalDiscord, tmp_path: Path) -> None:
    environ = {
        "DISCORD_API_URL": discord.api,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'doctor.db'}",
        "YOUTUBE_URL": NOWHERE,
    }
    names = [check.name async for check in examine(environ)]
    assert names == ["python", "settings", "database", "model", "ranking", "youtube"]
    assert discord.requests == []
    names = [check.name async for check in examine(environ | {"DISCORD_TOKEN": discord.token})]
    assert [name for name in names if name.startswith("discord")] == [
        "discord",
        "discord application",
        "discord message content",
        "discord commands",
        "discord servers",
        "discord invite link",
    ]


async def test_each_listed_model_is_checked(tmp_path: Path) -> None:
    async with LocalModel() as one, LocalModel(always=Failure.UNAUTHORIZED) as other:
        environ = {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'doctor.db'}",
            "MODELS": f"fast = m @ {one.url}; deep = m @ {other.url}",
            "SEMANTIC": "off",
            "YOUTUBE_URL": NOWHERE,
        }
        found = Examined([check async for check in examine(environ)])
    assert found.told("model").startswith("none (offline); ")
    assert "it read all of" in found.told("model fast")
    assert any("refuses my requests" in problem for problem in found.problems)


async def test_a_token_that_is_not_accepted(discord: LocalDiscord) -> None:
    found = await examined(discord, discord_token="another")
    (problem,) = found.problems
    assert problem == (
        "Discord doesn't accept DISCORD_TOKEN. Copy it again from the developer portal, under Bot."
    )


async def test_discord_cannot_be_reached(discord: LocalDiscord) -> None:
    found = await examined(discord, discord_api_url=NOWHERE)
    (problem,) = found.problems
    assert problem.startswith(f"I can't reach Discord at {NOWHERE} (")
    assert "Check this machine's network and DISCORD_API_URL" in problem


async def test_discord_refuses_a_question(discord: LocalDiscord) -> None:
    discord.judge = lambda _, path, __: Fault(403, code=50001) if "commands" in path else None
    found = await examined(discord)
    assert "(403 Forbidden" in found.problems[0]


@pytest.mark.parametrize(
    ("wanted", "flags", "told"),
    [
        ("auto", 1 << 18, "plain messages in threads are read"),
        ("on", 1 << 19, "plain messages in threads are read"),
        ("off", 1 << 18, "not read, because DISCORD_MESSAGE_CONTENT is off"),
        ("auto", 0, "not read: people mention the bot"),
    ],
)
async def test_message_content(discord: LocalDiscord, wanted: str, flags: int, told: str) -> None:
    discord.guild()
    discord.flags = flags
    found = await examined(discord, discord_message_content=wanted)
    assert found.told("discord message content").startswith(told)


async def test_message_content_that_is_wanted_and_not_granted(discord: LocalDiscord) -> None:
    discord.guild()
    discord.flags = 0
    found = await examined(discord, discord_message_content="on")
    (problem,) = found.problems
    assert "the Message Content Intent is off. Turn it on in the developer portal" in problem


@pytest.mark.parametrize(
    ("portal", "told"),
    [
        ({"interactions_endpoint_url": "https://x.example"}, "under General Information"),
        ({"bot_require_code_grant": True}, "Requires OAuth2 Code Grant is on"),
    ],
)
async def test_an_application_that_cannot_work(
    discord: LocalDiscord, portal: dict[str, object], told: str
) -> None:
    discord.guild()
    discord.portal = portal
    (problem,) = (await examined(discord)).problems
    assert told in problem


async def test_a_bot_in_no_server_is_told_how_to_get_there(discord: LocalDiscord) -> None:
    (problem,) = (await examined(discord)).problems
    assert problem.startswith("The bot is in no server. Invite it: https://discord.com/oauth2/")


async def test_what_lacks_where(discord: LocalDiscord) -> None:
    discord.guild("Whole")
    discord.guild("Mute", permissions=INVITED & ~Permission.SEND_MESSAGES_IN_THREADS)
    discord.guild("Ruled", permissions=Permission.ADMINISTRATOR)
    few = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
    discord.guild("Bare", permissions=few, everyone=Permission.READ_MESSAGE_HISTORY)
    mute, bare = (await examined(discord)).problems
    assert mute.startswith("In “Mute” the bot is missing Send Messages in Threads. Grant them")
    assert bare.startswith(
        "In “Bare” the bot is missing Send Messages in Threads, Create Public Threads, "
        "Create Private Threads, Embed Links, Attach Files. Grant them"
    )


async def test_the_lines_of_many_servers_are_few(discord: LocalDiscord) -> None:
    for _ in range(203):
        discord.guild(permissions=0)
    problems = (await examined(discord)).problems
    assert len(problems) == 11
    assert problems[-1] == "In 190 more servers the bot is missing permissions, too."
    assert len(discord.asked("GET", "/users/@me/guilds")) == 1


async def test_commands_that_are_registered(discord: LocalDiscord) -> None:
    discord.guild()
    told = {"id": "1", "application_id": discord.application, "description": ""}
    named = [("analyze", 1), ("Analyze video", 3), ("ask", 1)]
    discord.commands[""] = [told | {"name": name, "type": kind} for name, kind in named]
    found = await examined(discord)
    assert found.told("discord commands") == "/analyze, /ask"


async def ranking(tmp_path: Path, **environ: str) -> Check:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'doctor.db'}", "YOUTUBE_URL": NOWHERE}
    (check,) = [check async for check in examine(given | environ) if check.name == "ranking"]
    return check


async def test_what_a_model_server_can_do_and_how_much_it_reads(tmp_path: Path) -> None:
    async with LocalModel(window=4_096) as model:
        given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'doctor.db'}", "YOUTUBE_URL": NOWHERE}
        given |= {"OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "small"}
        (check,) = [check async for check in examine(given) if check.name == "model"]
        assert len(model.calls) == 2
    assert check.problem is None
    assert check.detail.startswith("small: has streaming, JSON by schema, system messages")
    assert "READ ONLY 4,096 of about" in check.detail
    assert "OPENAI_CONTEXT=4096" in check.detail


async def test_without_a_model_there_is_none_to_check(tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'doctor.db'}", "YOUTUBE_URL": NOWHERE}
    (check,) = [check async for check in examine(given) if check.name == "model"]
    assert check.detail.startswith("none (offline); passages in the sample talk: ")


class TestRanking:
    async def test_by_words_alone(self, tmp_path: Path) -> None:
        check = await ranking(tmp_path)
        assert check.problem is None
        assert check.detail.startswith("by words only; OPENAI_EMBEDDING_MODEL or the extra")
        off = await ranking(tmp_path, SEMANTIC="off", OPENAI_EMBEDDING_MODEL="local")
        assert off.detail == "by words only; SEMANTIC is off"

    async def test_by_meaning_where_a_server_embeds(self, tmp_path: Path) -> None:
        async with LocalModel() as model:
            named = {"OPENAI_EMBEDDING_MODEL": "local", "OPENAI_EMBEDDING_BASE_URL": model.url}
            check = await ranking(tmp_path, **named)
            assert check.detail == "by words and meaning: local, 128 numbers per text"
            assert len(model.embeddings.calls) == 1
            model.embeddings.always = Failure.UNAUTHORIZED
            check = await ranking(tmp_path, **named)
        assert check.problem
        assert "OPENAI_EMBEDDING_MODEL" in check.problem
        assert "status 401" in check.problem

    async def test_by_meaning_where_the_extra_is_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "fastembed")
        check = await ranking(tmp_path)
        assert (
            check.detail == "by words and meaning: intfloat/multilingual-e5-small on this machine"
        )
