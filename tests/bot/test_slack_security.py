"""Nothing that strangers send is heard, nothing of ours goes to strangers, nobody is called."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from fakes.slack_delivery import signed
from fakes.slack_shapes import BOT, Fault
from slack_world import SlackHttpWorld, SlackWorld
from vidthread.slack.client import SlackClient, open_session
from worlds import link, open_world

HOSTILE = "<!channel> <@U0BOB> <!here> @everyone & <https://evil.example|you.tube>"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[SlackHttpWorld]:
    async with open_world("slack-http", tmp_path) as opened:
        assert isinstance(opened, SlackHttpWorld)
        yield opened


def mention(world: SlackWorld, number: int) -> str:
    """An event as Slack would send it, of a message that stands there."""
    told = world.slack.delivery.delivered
    subscribed, world.slack.subscribed = world.slack.subscribed, frozenset()
    ts = world.slack.mention(world.channel, link(number))
    world.slack.subscribed = subscribed
    assert told == []
    event = {"type": "app_mention", "channel": world.channel, "user": "U0ANNA", "ts": ts,
             "text": f"<@{BOT}> {link(number)}", "event_ts": ts}  # fmt: skip
    return json.dumps({"type": "event_callback", "team_id": "T0LOCAL", "api_app_id": "A0BOT",
                       "event": event, "event_id": f"Ev{number}"})  # fmt: skip


async def send(
    world: SlackWorld, body: str | bytes, headers: dict[str, str], path: str = "events"
) -> int:
    sent = {"Content-Type": "application/json", **headers}
    url = f"{world.house.server.url}/slack/{path}"
    content = BytesIO(body.encode() if isinstance(body, str) else body)
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=content, headers=sent) as answer,
    ):
        await answer.read()
        return answer.status


async def test_forged_stale_and_altered_requests_are_refused(world: SlackHttpWorld) -> None:
    body = mention(world, 1)
    now = time.time()
    good = signed(body)
    stamp, signature = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    refused: list[dict[str, str]] = [
        {},
        signed(body, secret="another"),
        signed(body, secret=""),
        signed(body, at=now - 301),
        signed(body, at=now + 302),
        signed(body + " "),
        {**good, stamp: str(int(now) + 7)},
        {**good, signature: good[signature][:-1]},
        {**good, signature: ""},
        {stamp: good[stamp]},
        {signature: good[signature]},
        {**good, stamp: "yesterday"},
    ]
    for headers in refused:
        assert await send(world, body, headers) == 401, headers
    pressed = {"type": "block_actions", "team": {"id": "T0LOCAL"}, "user": {"id": "U0ANNA"}}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("interactive", "commands"):
        assert await send(world, f"payload={quote(json.dumps(pressed))}", form, path) == 401
    assert world.slack.threads() == []
    assert world.model.calls == []


BYTES = '{"type": "event_callback", "event": {"text": "é"}}'.encode("latin-1")


@pytest.mark.parametrize("path", ["events", "interactive", "commands"])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BYTES, {}),
        (b"\xff\xfe\0", {}),
        (b"payload=%FF", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"{}", {"Content-Type": "application/json; charset=nobodys"}),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}),
        (b"{}", {"Content-Encoding": "gzip"}),
        (b"\x1f\x8b\x08\0broken", {"Content-Encoding": "gzip"}),
        (b"{}", {"Content-Encoding": "br"}),
        (b"{}", {"Content-Type": "multipart/form-data"}),
    ],
)
async def test_what_nobody_signed_is_taken_for_bytes(
    world: SlackHttpWorld,
    caplog: pytest.LogCaptureFixture,
    body: bytes,
    headers: dict[str, str],
    path: str,
) -> None:
    forged = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=00"}
    for more in ({}, forged):
        assert await send(world, body, {**headers, **more}, path) == 401
    assert [record for record in caplog.records if record.exc_info] == []


async def test_what_is_signed_in_another_encoding_is_refused(
    world: SlackHttpWorld, caplog: pytest.LogCaptureFixture
) -> None:
    kind = "application/json; charset=nobodys"
    assert await send(world, "{}", {**signed("{}"), "Content-Type": kind}) == 415
    assert [record for record in caplog.records if record.exc_info] == []


async def test_open_routes_stand_under_the_same_edge(
    world: SlackHttpWorld, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{world.house.server.url}/slack/events"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert (answer.status, answer.content_type) == (405, "application/json")
        assert answer.headers["Server"] == "Vidthread"
    head = "POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    port = int(world.house.server.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}Content-Length: 9\r\n\r\nnot a size\r\n".encode())
    assert b" 4" in await reader.readline()
    writer.close()
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_replayed_request_is_answered_once(world: SlackHttpWorld) -> None:
    body = mention(world, 1)
    headers = signed(body)
    assert [await send(world, body, headers) for _ in range(3)] == [200, 200, 200]
    ((_, thread),) = [(c, m.ts) for (c, _), m in world.slack.messages.items() if not m.by_bot]
    await world.idle(thread, "## Key Moments")
    assert len(world.shown(thread)) == 1


async def test_a_thread_in_a_shared_channel_is_one_for_both_workspaces(
    world: SlackHttpWorld,
) -> None:
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")
    before, threads = len(world.shown(thread)), len(world.slack.threads())
    subscribed, world.slack.subscribed = world.slack.subscribed, frozenset()
    ts = world.slack.mention(world.channel, "What is crane 3?", thread=thread)
    world.slack.subscribed = subscribed
    event = {"type": "app_mention", "channel": world.channel, "user": "U0ANNA", "ts": ts,
             "text": f"<@{BOT}> What is crane 3?", "event_ts": ts, "thread_ts": thread,
             "team": "T0OTHER"}  # fmt: skip
    body = json.dumps({"type": "event_callback", "team_id": "T0OTHER", "api_app_id": "A0BOT",
                       "event": event, "event_id": "Ev9", "is_ext_shared_channel": True,
                       "authorizations": [{"team_id": "T0LOCAL", "user_id": BOT}]})  # fmt: skip
    assert await send(world, body, signed(body)) == 200
    await world.idle(thread, replies=before + 1)
    session = await world.house.factory.get_session_repository().get(world.key(thread).session)
    assert session
    assert "What is crane 3?" in [message.text for message in session.messages]
    assert len(world.slack.threads()) == threads


async def test_slack_may_verify_the_address(world: SlackHttpWorld) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "x"})
    url = f"{world.house.server.url}/slack/events"
    headers = {"Content-Type": "application/json", **signed(body)}
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as told:
        assert (told.status, (await told.json())["challenge"]) == (200, "c0ffee")
    assert await send(world, body, {}) == 401


async def test_requests_that_make_no_sense_end_nothing(world: SlackHttpWorld) -> None:
    for body in ("", "{", "[]", '"x"', "null", '{"type": "event_callback"}', '{"event": 7}',
                 '{"type": "event_callback", "event": {"type": "message"}}'):  # fmt: skip
        status = await send(world, body, signed(body))
        assert status in {200, 400, 404, 413, 500}, (body, status)
    assert await send(world, "x" * (2**20 + 1), {}) == 413
    thread = await world.open(link(1))
    await world.idle(thread, "## Key Moments")


async def test_without_a_secret_there_is_no_such_address(tmp_path: Path) -> None:
    async with open_world("slack", tmp_path) as world:
        assert isinstance(world, SlackWorld)
        body = mention(world, 1)
        assert await send(world, body, signed(body, secret="")) in {403, 404}
        assert world.slack.threads() == []


async def test_nobody_is_called_whatever_is_said(world: SlackHttpWorld) -> None:
    thread = await world.open(f"{link(1)} {HOSTILE}")
    await world.idle(thread, "## Key Moments")
    await world.say(thread, f"what about {HOSTILE}?")
    await world.idle(thread, replies=2)
    await world.press(thread, "v1:ask:")
    await world.slack.until(lambda: bool(world.slack.views))
    world.slack.submit(world.slack.views[0], {"question": {"question": HOSTILE}})
    world.slack.slash(world.channel, f"{link(2)} {HOSTILE}")
    await world.slack.until(lambda: len(world.slack.threads()) == 2)
    await world.idle(thread, replies=4)
    await world.idle(world.slack.threads()[1][1], "## Key Moments")
    assert world.slack.pings == []


@pytest.fixture
async def client(world: SlackHttpWorld) -> AsyncIterator[SlackClient]:
    async with open_session() as http:
        yield SlackClient("xoxb-secret", world.slack.api, http)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/files/F1/a.srt",
        "https://evil.example/files/F1/a.srt",
        "https://files.slack.com.evil.example/a.srt",
        "http://files.slack.com/a.srt",
        "https://files.slack.com:8443/a.srt",
        "https://evil.example@127.0.0.1/a.srt",
        "file:///etc/passwd",
        "",
        "https://[",
    ],
)
async def test_the_token_goes_to_slack_alone(client: SlackClient, address: str) -> None:
    """The network is guarded: a request that left this machine would fail the test."""
    assert await client.download(address) is None
    assert not await client.respond(address, {"text": "x"})


async def test_a_redirection_is_not_followed(world: SlackHttpWorld, client: SlackClient) -> None:
    world.slack.judge = lambda *_: Fault(status=302)
    assert await client.download(f"{world.slack.url}/files/F1/a.srt") is None


async def test_a_sign_in_page_is_no_file(world: SlackHttpWorld, client: SlackClient) -> None:
    assert await client.download(f"{world.slack.url}/files/F1/a.srt") is None


def test_what_is_secret_is_not_shown(world: SlackHttpWorld) -> None:
    bot = world.bot()
    assert set(bot.secrets()) == {bot.slack_bot_token, bot.slack_signing_secret}
    told: Any = repr(bot)
    assert not [secret for secret in bot.secrets() if secret in told]
