"""The local Slack: the real bolt and its SDK connect to it, and it refuses what Slack refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from fakes.slack import LocalSlack
from fakes.slack_methods import METHODS
from fakes.slack_rules import specification
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN, TEAM, Fault


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as local:
        yield local


@pytest.fixture
async def client(slack: LocalSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(BOT_TOKEN, base_url=slack.api, session=session, retry_handlers=[])


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_bolt_hears_a_mention_twice_and_answers(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    channel, heard = slack.channel("talks"), []
    app = AsyncApp(client=client, signing_secret="s", request_verification_enabled=False)

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any]) -> None:
        heard.append("mention")
        await client.chat_postMessage(channel=channel, thread_ts=event["ts"], text="hello")

    @app.event("message")
    async def said() -> None:
        heard.append("message")

    @app.command("/analyze")
    async def commanded(ack: AsyncAck) -> None:
        await ack("heard")

    async with connected(app):
        await slack.until(lambda: len(slack.delivery.sockets) == 2)
        thread = slack.mention(channel, "hi")
        await slack.until(lambda: len(slack.shown(channel, thread)) == 1)
        await slack.delivery.settled()
        assert sorted(heard) == ["mention", "message"]
        told = slack.slash(channel, "link")
        await slack.delivery.refresh()
        await slack.delivery.settled()
        assert told.answer == {"text": "heard"}
        await slack.until(lambda: len(slack.delivery.sockets) == 2)
    assert slack.refused == []


@asynccontextmanager
async def connected(app: AsyncApp) -> AsyncIterator[None]:
    sockets = [AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=1) for _ in range(2)]
    opening: list[Any] = [socket.connect_async for socket in sockets]
    closing: list[Any] = [socket.close_async for socket in sockets]
    try:
        await asyncio.gather(*(connect() for connect in opening))
        yield
    finally:
        await asyncio.gather(*(close() for close in closing))


def test_every_method_that_is_served_is_defined() -> None:
    assert specification().keys() == {*METHODS, "apps.connections.open"}


async def test_arguments_are_held_against_the_published_definitions(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    channel = slack.channel("talks")
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("chat.postMessage", {"text": "x"}),
        ("chat.postMessage", {"channel": channel, "text": "x", "colour": "red"}),
        ("chat.postMessage", {"channel": channel, "text": 7}),
        ("conversations.replies", {"channel": channel, "ts": "1.0"}),
    ]
    for method, body in wrong:
        assert await error(client.api_call(method, json=body)) == "invalid_arguments"
    assert await error(client.api_call("chat.say", json={})) == "unknown_method"
    assert len(slack.refused) == 5


def block(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


def button(action: str, label: str = "B") -> dict[str, Any]:
    return block("button", action_id=action, text=block("plain_text", text=label))


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([block("markdown", text="x" * 12_001)], "invalid_blocks"),
        ([block("markdown", text="x" * 7_000)] * 2, "msg_blocks_too_long"),
        ([block("divider")] * 51, "msg_blocks_too_many"),
        ([block("section", text=block("mrkdwn", text="x" * 3_001))], "invalid_blocks"),
        ([block("actions", elements=[button("a"), button("a")])], "invalid_blocks"),
        ([block("actions", elements=[button("a", "x" * 76)])], "invalid_blocks"),
        ([block("actions", elements=[button("a" * 256)])], "invalid_blocks"),
        ([block("markdown", text="x", colour="red")], "invalid_blocks"),
        ([block("poem")], "invalid_blocks"),
        ([block("markdown", text="")], "invalid_blocks"),
    ],
)
async def test_blocks_are_held_against_the_models_of_the_sdk(
    slack: LocalSlack, client: AsyncWebClient, blocks: list[dict[str, Any]], expected: str
) -> None:
    sent = {"channel": slack.channel("talks"), "text": "x", "blocks": blocks}
    assert await error(client.api_call("chat.postMessage", json=sent)) == expected
    assert len(slack.refused) == 1


async def test_places_where_the_bot_cannot_write(slack: LocalSlack, client: AsyncWebClient) -> None:
    outside, hidden = slack.channel("a", bot=False), slack.channel("b", kind="G", bot=False)
    for channel, expected in [
        (outside, "not_in_channel"),
        (hidden, "channel_not_found"),
        ("C0NONE", "channel_not_found"),
    ]:
        assert await error(client.chat_postMessage(channel=channel, text="x")) == expected
    assert slack.refused == []


async def test_a_missing_scope_is_told(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.scopes = frozenset({"chat:write"})
    channel = slack.channel("talks")
    assert await error(client.conversations_replies(channel=channel, ts="1")) == "missing_scope"


async def test_a_stream_dies_of_old_age(slack: LocalSlack, client: AsyncWebClient) -> None:
    channel = slack.channel("talks")
    thread = slack.say(channel, "hi")
    where: dict[str, Any] = {"channel": channel, "thread_ts": thread}
    assert await error(client.chat_startStream(**where)) == "missing_recipient_team_id"
    told = await client.chat_startStream(
        **where, recipient_team_id=TEAM, recipient_user_id="U0ANNA", markdown_text="one "
    )
    ts = str(told["ts"])
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="two")
    update = client.chat_update(channel=channel, ts=ts, text="x")
    assert await error(update) == "streaming_state_conflict"
    slack.advance(299)
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text=" three")
    slack.advance(2)
    late = client.chat_appendStream(channel=channel, ts=ts, markdown_text=" four")
    assert await error(late) == "message_not_in_streaming_state"
    await client.chat_update(channel=channel, ts=ts, text="x")
    (message,) = slack.shown(channel, thread)
    assert message.texts == ["one ", "one two", "one two three", "x"]


async def test_tiers_are_kept_by_method(slack: LocalSlack, client: AsyncWebClient) -> None:
    slack.generosity = 1.0
    channel = slack.channel("talks")
    ts = str((await client.chat_postMessage(channel=channel, text="x"))["ts"])
    for _ in range(50):
        await client.chat_update(channel=channel, ts=ts, text="y")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel=channel, ts=ts, text="z")
    assert caught.value.response.status_code == 429
    assert 0 < int(caught.value.response.headers["Retry-After"]) <= 60
    await client.chat_delete(channel=channel, ts=ts)
    slack.advance(61)
    await client.chat_postMessage(channel=channel, text="x")


async def test_what_was_handed_out_is_used_up(slack: LocalSlack, client: AsyncWebClient) -> None:
    channel = slack.channel("talks")
    told = slack.slash(channel, "x").payload
    view = {"type": "modal", "title": block("plain_text", text="T"), "blocks": []}
    opening = {"trigger_id": told["trigger_id"], "view": view}
    slack.advance(4)
    assert await error(client.api_call("views.open", json=opening)) == "expired_trigger_id"
    assert client.session
    for use in range(6):
        async with client.session.post(told["response_url"], json={"text": "x"}) as answer:
            assert answer.status == (200 if use < 5 else 404)
    assert len(slack.ephemeral) == 5


async def test_a_file_needs_the_token_and_an_upload_its_three_steps(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    channel = slack.channel("talks")
    thread = slack.say(channel, "hi", files={"talk.srt": b"words"})
    address = slack.messages[channel, thread].files[0]["url_private_download"]
    assert client.session
    async with client.session.get(address) as answer:
        assert answer.content_type == "text/html"
    bearer = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with client.session.get(address, headers=bearer) as answer:
        assert await answer.read() == b"words"
    await client.files_upload_v2(
        channel=channel, thread_ts=thread, filename="a.md", title="a.md", content="# A"
    )
    (message,) = slack.shown(channel, thread)
    assert message.files[0]["name"] == "a.md"
    assert slack.contents[message.files[0]["id"]] == b"# A"


async def test_calls_fail_when_they_are_told_to(slack: LocalSlack, client: AsyncWebClient) -> None:
    channel = slack.channel("talks")
    slack.judge = lambda method, _: Fault("ratelimited", 429, 7.0) if "post" in method else None
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x")
    assert caught.value.response.headers["Retry-After"] == "7"
    slack.judge = lambda *_: Fault(carried_out=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=channel, text="x")
    assert len(slack.threads()) == 1


async def test_whom_a_message_calls_is_noted(slack: LocalSlack, client: AsyncWebClient) -> None:
    channel = slack.channel("talks")
    said = [block("markdown", text="<@U0BOB>")]
    await client.chat_postMessage(channel=channel, text="<!channel>", blocks=said)
    assert slack.pings == ["<!channel", "<@U0BOB"]


async def test_an_agent_has_sessions_and_prompts(slack: LocalSlack, client: AsyncWebClient) -> None:
    channel = slack.channel("", kind="D")
    thread = slack.say(channel, "hi")
    place: dict[str, Any] = {"channel_id": channel, "thread_ts": thread}
    unknown = client.agents_sessions_rename(**place, title="T")
    assert await error(unknown) == "session_not_found"
    for title in ("One", "Two"):
        await client.agents_sessions_setStatus(**place, status="processing", title=title)
    assert slack.sessions[channel, thread].title == "One"
    await client.agents_sessions_rename(**place, title="Three")
    assert slack.sessions[channel, thread].title == "Three"
    busy = client.agents_sessions_setStatus(**place, status="busy")
    assert await error(busy) == "invalid_status"
    prompt = {"title": "Help", "message": "help"}
    many = client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=[prompt] * 5)
    assert await error(many) == "invalid_arguments"
    slack.agent = False
    none = client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=[prompt])
    assert await error(none) == "not_agent_app"


async def test_a_file_is_seen_a_little_after_it_was_shared(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    channel = slack.channel("talks")
    thread, slack.late_shares = slack.say(channel, "hi"), 1
    await client.files_upload_v2(
        channel=channel, thread_ts=thread, filename="a.md", title="a.md", content="# A"
    )
    seen = [await client.conversations_replies(channel=channel, ts=thread) for _ in range(2)]
    assert [len(told["messages"]) for told in seen] == [1, 2]
