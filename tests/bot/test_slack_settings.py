"""Slack's tokens, scopes and set-up page, and what admins of a workspace choose."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.slack import LocalSlack
from fakes.slack_rules import specification
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN, SECRET, Fault
from slack_world import SlackWorld
from vidthread.adapter import CannotConnect
from vidthread.config import BotSettings, read_settings
from vidthread.playground.adapter import open_playground
from vidthread.run import adapters_for, open_house
from vidthread.slack import interactions
from vidthread.slack.client import SlackClient, open_session
from vidthread.slack.connection import AGENT_SCOPES, SCOPES, SlackConnection, examine_slack
from vidthread.slack.thread_surface import SlackWorkspace
from vidthread.slack.transport import SlackTransport
from vidthread.surface import SurfaceUnreachable
from vidthread.thread_key import ThreadKey
from worlds import link, open_world
from youtube_analysis import Settings
from youtube_analysis.logging import get_logger

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "vidthread" / "slack").glob("*.py")
)


def manifest() -> dict[str, Any]:
    text = (ROOT / "deploy" / "slack-manifest.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_the_manifest_asks_for_what_the_code_uses_and_no_more() -> None:
    told = manifest()
    assert set(told["oauth_config"]["scopes"]["bot"]) == SCOPES | AGENT_SCOPES
    assert told["oauth_config"]["scopes"].keys() == {"bot"}
    assert told["features"]["shortcuts"][0]["callback_id"] == interactions.SHORTCUT
    assert told["features"]["slash_commands"][0]["command"] == "/analyze"
    assert told["settings"]["interactivity"]["is_enabled"] is True
    assert set(told["settings"]["event_subscriptions"]["bot_events"]) == {
        "agent_session_stopped", "app_home_opened", "app_mention", "message.channels",
        "message.groups", "message.im",
    }  # fmt: skip


def test_each_scope_is_one_that_a_method_or_an_event_needs() -> None:
    rooms = "agents|assistant|auth|chat|conversations|files|users|views"
    called = set(re.findall(rf'"((?:{rooms})(?:\.[a-zA-Z]+)+)"', SOURCES)) - {"files.slack.com"}
    called |= {name.replace("_", ".") for name in re.findall(r"self\.web\.([a-z]+_\w+)\(", SOURCES)}
    called -= {"api.call", "apps.connections.open", "files.upload.v2"}
    called |= {"files.getUploadURLExternal", "files.completeUploadExternal"}  # files_upload_v2
    known = specification()
    assert called <= known.keys()
    needed = [set(known[method]["scope"].get("bot", ())) for method in called]
    alternatives = [scopes for scopes in needed if scopes]
    asked = SCOPES | AGENT_SCOPES
    assert all(scopes & asked for scopes in alternatives)
    heard = {"app_mentions:read", "channels:history", "groups:history", "im:history"}
    used = set().union(*alternatives) & asked
    assert used | heard | {"commands", "files:read"} == asked


def test_the_manifest_is_within_slacks_limits() -> None:
    told = manifest()
    assert len(told["display_information"]["name"]) <= 35
    assert len(told["display_information"]["description"]) <= 140
    assert len(told["features"]["bot_user"]["display_name"]) <= 80
    assert len(told["features"]["agent_view"]["agent_description"]) <= 300
    shortcut = told["features"]["shortcuts"][0]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150


def test_the_set_up_page_names_every_scope_and_setting() -> None:
    page = (ROOT / "deploy" / "slack.md").read_text(encoding="utf-8")
    assert all(f"`{scope}`" in page for scope in SCOPES | AGENT_SCOPES)
    assert set(re.findall(r"SLACK_[A-Z_]+?(?=_FILE|\b)", page)) == {
        "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET",
    }  # fmt: skip


def test_the_adapter_is_there_when_its_tokens_are() -> None:
    for names, count in [
        ("SLACK_BOT_TOKEN", 0),
        ("SLACK_APP_TOKEN SLACK_SIGNING_SECRET", 0),
        ("SLACK_BOT_TOKEN SLACK_APP_TOKEN", 1),
        ("SLACK_BOT_TOKEN SLACK_SIGNING_SECRET", 1),
        ("SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_SIGNING_SECRET", 1),
    ]:
        environment = dict.fromkeys(names.split(), "x") | {"PLAYGROUND": "off"}
        _, bot = read_settings(environment)
        assert len(adapters_for(bot)) == count, names


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as local:
        yield local


def settings(slack: LocalSlack) -> BotSettings:
    return BotSettings(
        web_port=0,
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        slack_signing_secret=SECRET,
        slack_api_url=slack.api,
    )


async def findings(bot: BotSettings) -> dict[str, str | None]:
    return {finding.name: finding.problem async for finding in examine_slack(bot)}


async def test_doctor_finds_nothing_wrong_where_nothing_is(slack: LocalSlack) -> None:
    found = await findings(settings(slack))
    assert found == dict.fromkeys(("slack token", "slack scopes", "slack socket", "slack events"))


async def test_doctor_says_what_to_do(slack: LocalSlack) -> None:
    bot = settings(slack)
    wrong = await findings(replace(bot, slack_bot_token="xoxb-no", slack_app_token="xapp-no"))
    assert "SLACK_BOT_TOKEN" in str(wrong["slack token"])
    assert "SLACK_APP_TOKEN" in str(wrong["slack socket"])
    alone = await findings(replace(bot, slack_app_token=None, slack_signing_secret=None))
    assert "Set one" in str(alone["slack events"])
    assert "Set it" in str((await findings(replace(bot, slack_bot_token=None)))["slack token"])
    slack.scopes = SCOPES - {"files:write"}
    assert "missing: files:write" in str((await findings(bot))["slack scopes"])
    slack.judge = lambda *_: Fault(status=503)
    assert "503" in str((await findings(bot))["slack token"])


@pytest.mark.parametrize("wrong", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_wrong_token_ends_the_start_with_a_sentence(
    slack: LocalSlack, tmp_path: Path, wrong: str
) -> None:
    bot = settings(slack)
    if wrong == "SLACK_BOT_TOKEN":
        bot = replace(bot, slack_bot_token="no")
    else:
        bot = replace(bot, slack_app_token="no")
    core = Settings(database_url=f"sqlite:///{tmp_path / 'v.db'}")
    with pytest.raises(CannotConnect, match=wrong):
        async with open_house(core, bot, adapters_for(bot)):
            pass


class LosingWorld(SlackWorld):
    """`ended` is told of a platform that is lost, where no other one is there."""

    alone = True

    async def start(self) -> None:
        await self.furnish()
        self.ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        adapters = [self.adapter(), *([] if self.alone else [open_playground])]
        opening = open_house(self.settings, self.bot(), adapters, self.ended)
        self.house = await self._open.enter_async_context(opening)


class AmongOthers(LosingWorld):
    alone = False


async def lose(world: LosingWorld, lost: str) -> str:
    """Takes a token away, which is found out when it is used."""
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")
    refused, app = Fault("token_revoked"), "apps.connections.open"
    world.slack.judge = lambda method, _: refused if (method == app) == (lost == app) else None
    if lost == app:
        await world.slack.delivery.refresh(warn=False)
    else:
        await world.say(thread, "what is crane 3?")
    return thread


@pytest.mark.parametrize(
    ("lost", "setting"),
    [("apps.connections.open", "SLACK_APP_TOKEN"), ("others", "SLACK_BOT_TOKEN")],
)
async def test_a_token_that_is_revoked_ends_the_process_with_a_sentence(
    tmp_path: Path, lost: str, setting: str
) -> None:
    async with open_world("slack", tmp_path, kind=LosingWorld) as world:
        assert isinstance(world, LosingWorld)
        await lose(world, lost)
        with pytest.raises(CannotConnect, match=setting):
            await asyncio.wait_for(world.ended, 30)
        assert not world.house.server.ready


async def test_a_token_that_is_revoked_ends_no_other_platform(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world("slack", tmp_path, kind=AmongOthers) as world:
        assert isinstance(world, LosingWorld)
        thread = await lose(world, "others")
        await world.slack.until(lambda: not world.slack.delivery.sockets)
        await world.until(lambda: "platform lost" in caplog.messages)
        assert world.house.server.ready
        assert not world.ended.done()
        world.slack.judge = lambda *_: None
        await world.restart()
        await world.idle(thread, replies=2)


async def test_what_waits_for_a_revoked_token_is_left_for_the_next_start(
    slack: LocalSlack,
) -> None:
    async with open_session() as http:
        client = SlackClient("xoxb-no", slack.api, http)
        transport, key = SlackTransport(SlackWorkspace(client)), ThreadKey("slack", "T", "C", "1.0")
        assert transport.serves(key)
        with pytest.raises(SurfaceUnreachable):
            await client.call("chat.postMessage", {"channel": "C", "text": "x"})
        assert not transport.serves(key)


def listening() -> set[asyncio.Task[Any]]:
    """What the SDK hears with."""
    return {t for t in asyncio.all_tasks() if "process_messages" in repr(t.get_coro())}


async def test_a_socket_that_ends_unforeseen_is_opened_anew(world: SlackWorld) -> None:
    listening().pop().cancel()
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")


async def test_sockets_that_keep_ending_are_opened_ever_more_seldom(world: SlackWorld) -> None:
    waits, others = [], listening()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with open_session() as http:
        client = SlackClient(BOT_TOKEN, world.slack.api, http)
        workspace = SlackWorkspace(client, clock=lambda: 0.0)
        connection = SlackConnection(world.house, workspace, 0.1, sleep=sleep)
        await connection.open()
        while len(waits) < 4:
            (ending,) = listening() - others
            ending.cancel()
            await world.slack.until(lambda: bool(listening() - others - {ending}))  # noqa: B023
        await connection.close()
    assert waits == [0.5, 1.0, 2.0, 4.0]


async def test_an_address_that_leads_nowhere_is_left_for_another(
    world: SlackWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidthread.slack.connection._CONNECT_WITHIN", 0.3)
    async with open_session() as http:
        client = SlackClient(BOT_TOKEN, world.slack.api, http)
        ask, nowhere = client.open_connection, ["ws://127.0.0.1:9/link"]

        async def told(token: str) -> str:
            return nowhere.pop() if nowhere else await ask(token)

        monkeypatch.setattr(client, "open_connection", told)
        connection = SlackConnection(world.house, SlackWorkspace(client), 0.1)
        async with asyncio.timeout(20):
            await connection.open()
        await connection.close()


async def test_no_line_of_the_log_is_lost_once_an_event_was_heard(
    world: SlackWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")
    get_logger("vidthread.of_this_test").info("here")
    assert "here" in caplog.messages


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SlackWorld]:
    async with open_world("slack", tmp_path) as opened:
        assert isinstance(opened, SlackWorld)
        yield opened


async def told(world: SlackWorld, command: str, user: str = "U0ANNA") -> str:
    delivered = world.slack.slash(world.channel, command, user=user)
    await world.slack.delivery.settled()
    return str(delivered.answer)


async def test_admins_choose_where_the_bot_works(world: SlackWorld) -> None:
    world.slack.admins = {"U0ANNA"}
    other = world.slack.channel("other", "U0BOB")
    world.slack.channels[world.channel].members.add("U0BOB")
    assert "admin" in await told(world, f"settings channels <#{other}>", user="U0BOB")
    assert other in await told(world, f"settings channels <#{other}|other>")
    world.slack.mention(world.channel, link(1))
    await world.slack.until(lambda: bool(world.slack.ephemeral))
    assert f"<#{other}>" in world.slack.ephemeral[0].text
    assert world.slack.threads() == []
    assert "channels" in (await told(world, "settings")).lower()


async def test_figures_privacy_and_forgetting(world: SlackWorld) -> None:
    world.slack.admins = {"U0ANNA"}
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")
    await world.say(thread, "what is crane 3?")
    await world.idle(thread, replies=2)
    greeted = world.slack.mention(world.channel, "hi")
    await world.idle(greeted, "no video in this thread yet")
    assert "- 1 thread\\n- 1 video" in await told(world, "stats")
    assert "I store" in await told(world, "privacy")
    assert "v1:forget:me" in await told(world, "forget me")
    await world.forget(thread, "forget this server", "all")
    await world.idle(thread, "everything I stored")
    assert "0 threads" in await told(world, "stats")
