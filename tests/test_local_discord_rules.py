"""What Discord refuses, the local one refuses: in the same numbers, whatever client asks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from fakes import discord_schema
from fakes.discord_asking import Asking
from fakes.discord_guilds import Channel, Guild, User
from fakes.discord_limits import RateLimits
from fakes.discord_permissions import Permission
from fakes.discord_server import LocalDiscord

V2 = 1 << 15
NEW_THREAD = {"name": "A talk", "auto_archive_duration": 1440}


@pytest.fixture
async def server() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(limits=RateLimits(off=True)) as made:
        yield made


@pytest.fixture
async def ask(server: LocalDiscord) -> AsyncIterator[Asking]:
    async with aiohttp.ClientSession() as session:
        yield Asking(server, session)


@pytest.fixture
def guild(server: LocalDiscord) -> Guild:
    return server.guild()


@pytest.fixture
def channel(server: LocalDiscord, guild: Guild) -> Channel:
    return server.text_channel(guild)


@pytest.fixture
def anna(server: LocalDiscord) -> User:
    return server.user("anna")


@pytest.fixture
def document() -> None:
    if not discord_schema.DOCUMENT.is_file():
        pytest.skip(f"no description of Discord: {discord_schema.DOCUMENT} is missing")


def _text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def _button(custom_id: str, label: str = "Ask") -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def _row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(buttons)}


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"content": "x", "colour": "red"},
        {"content": "x", "nonce": "n" * 26},
        {"content": "x", "embeds": [{"title": "t" * 257}]},
        {"flags": V2, "components": [{"type": 17, "components": []}]},
        {"content": "x", "components": [_row(_button("a", "l" * 81))]},
    ],
)
async def test_a_body_is_held_against_the_document(
    server: LocalDiscord, ask: Asking, channel: Channel, body: dict[str, Any]
) -> None:
    assert await ask.post(channel, **body) == (400, 50035)
    assert len(server.refused) == 1
    assert server.messages(channel) == []


@pytest.mark.parametrize(
    "body",
    [
        {"flags": V2, "content": "x", "components": [_text("y")]},
        {"flags": V2, "components": [_text("y" * 2001), _text("y" * 2000)]},
        {"flags": V2, "components": [_text("y")] * 41},
        {"content": "x", "components": [_text("y")]},
        {"content": "x", "components": [_row(_button("a"), _button("a"))]},
        {"content": "x", "components": [_row(*[_button(f"{n}") for n in range(6)])]},
        {"content": "x", "components": [_row({"type": 2, "style": 5, "label": "l"})]},
        {"content": "x", "components": [_row({"type": 2, "style": 1, "custom_id": "a"})]},
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://none.md"}}]},
        {"embeds": [{"description": "d" * 3001}, {"description": "d" * 3000}]},
        {"content": "x", "message_reference": {"message_id": "1"}},
    ],
)
async def test_what_the_document_does_not_say_is_refused_too(
    server: LocalDiscord, ask: Asking, channel: Channel, body: dict[str, Any]
) -> None:
    assert await ask.post(channel, **body) == (400, 50035)
    assert len(server.refused) == 1


async def test_an_empty_message_is_none(ask: Asking, channel: Channel) -> None:
    assert await ask.post(channel, content=" \n") == (400, 50006)
    assert await ask.post(channel, flags=V2, components=[]) == (400, 50006)


async def test_ids_of_components_are_kept_or_given(ask: Asking, channel: Channel) -> None:
    box = {"type": 17, "components": [_text("a"), {**_text("b"), "id": 7}]}
    _, told = await ask.post(channel, flags=V2, components=[box])
    (made,) = told["components"]
    assert (made["id"], [inner["id"] for inner in made["components"]]) == (1, [2, 7])


@pytest.mark.parametrize(
    ("lost", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)],
)
async def test_a_permission_that_is_missing(
    server: LocalDiscord, ask: Asking, channel: Channel, lost: Permission, code: int
) -> None:
    server.forbid(channel, lost)
    assert await ask.post(channel, content="x") == (403, code)
    assert server.refused == []


async def test_in_a_thread_another_permission_counts(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    thread = server.thread(channel, anna, "A talk")
    server.forbid(channel, Permission.SEND_MESSAGES)
    assert (await ask.post(thread, content="x"))[0] == 200
    server.forbid(channel, Permission.SEND_MESSAGES_IN_THREADS)
    assert await ask.post(thread, content="x") == (403, 50013)
    private = server.thread(channel, anna, "Between us", private=True)
    assert await ask.post(private, content="x") == (403, 50001)


async def test_a_thread_hangs_on_a_message_once(
    server: LocalDiscord, ask: Asking, channel: Channel
) -> None:
    message = await ask.write(channel)
    path = f"/channels/{channel.id}/messages/{message}/threads"
    status, told = await ask("POST", path, NEW_THREAD)
    assert (status, told["id"]) == (200, message)
    assert await ask("POST", path, NEW_THREAD) == (400, 160004)
    (thread,) = server.threads(channel)
    inner = await ask.write(thread)
    nested = f"/channels/{thread.id}/messages/{inner}/threads"
    assert await ask("POST", nested, NEW_THREAD) == (400, 50024)


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "n" * 101}, {"auto_archive_duration": 5}])
async def test_a_thread_has_a_name_and_a_known_duration(
    ask: Asking, channel: Channel, wrong: dict[str, Any]
) -> None:
    message = await ask.write(channel)
    path = f"/channels/{channel.id}/messages/{message}/threads"
    assert await ask("POST", path, NEW_THREAD | wrong) == (400, 50035)


async def test_a_guild_has_so_many_active_threads(
    ask: Asking, guild: Guild, channel: Channel
) -> None:
    guild.most_active_threads = 0
    assert await ask("POST", f"/channels/{channel.id}/threads", NEW_THREAD) == (400, 160006)


async def test_archived_and_locked_threads(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    thread = server.thread(channel, anna, "A talk")
    message = await ask.write(thread)
    server.archive(thread)
    place = f"/channels/{thread.id}/messages/{message}"
    assert await ask("PATCH", place, {"content": "y"}) == (400, 50083)
    await ask.write(thread)
    assert not thread.archived
    server.lock(thread)
    assert await ask.post(thread, content="x") == (400, 160005)


async def test_what_is_gone_and_what_is_not_ours(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    theirs, ours = server.say(channel, anna, "hello"), await ask.write(channel)
    place = f"/channels/{channel.id}/messages/"
    assert await ask("PATCH", place + theirs, {"content": "y"}) == (403, 50005)
    server.delete(ours)
    assert await ask("PATCH", place + ours, {"content": "y"}) == (404, 10008)
    server.delete(channel)
    assert await ask.post(channel, content="x") == (404, 10003)


async def test_history_is_blank_without_the_intent(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    server.flags = 0
    server.say(channel, anna, "plain")
    await ask.write(channel, "ours")
    path = f"/channels/{channel.id}/messages?limit=2"
    _, told = await ask("GET", path)
    assert [message["content"] for message in told] == ["ours", ""]
    server.forbid(channel, Permission.READ_MESSAGE_HISTORY)
    assert await ask("GET", path) == (200, [])


async def test_files_are_limited(server: LocalDiscord, ask: Asking, channel: Channel) -> None:
    form = aiohttp.FormData({"payload_json": json.dumps({"content": "x"})})
    form.add_field("files[0]", BytesIO(b"x" * (10 * 2**20 + 1)), filename="large.bin")
    headers = {"Authorization": f"Bot {server.token}"}
    url = f"{server.api}/channels/{channel.id}/messages"
    async with ask.session.post(url, data=form, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, 40005)


async def test_whom_a_moderator_silenced_may_only_look(
    server: LocalDiscord, ask: Asking, guild: Guild, channel: Channel
) -> None:
    guild.timed_out.add(server.bot.id)
    assert await ask.post(channel, content="x") == (403, 50013)
    assert (await ask("GET", f"/channels/{channel.id}/messages"))[0] == 200


@pytest.mark.parametrize("names", [["Analyze"], ["ask me"], ["ask", "ask"]])
async def test_commands_have_names_of_their_own(
    server: LocalDiscord, ask: Asking, names: list[str]
) -> None:
    body = [{"name": name, "description": "A command"} for name in names]
    path = f"/applications/{server.application}/commands"
    assert await ask("PUT", path, body) == (400, 50035)
    assert server.syncs == 0


async def test_a_stranger_is_turned_away(ask: Asking) -> None:
    assert await ask("GET", "/users/@me", token="wrong") == (401, 0)


@pytest.mark.usefixtures("document")
async def test_a_bot_lists_its_guilds(server: LocalDiscord, ask: Asking) -> None:
    guilds = [server.guild(), server.guild(permissions=Permission.VIEW_CHANNEL)]
    server.throw_out(server.guild())
    status, told = await ask("GET", "/users/@me/guilds")
    assert (status, [g["id"] for g in told]) == (200, [guild.id for guild in guilds])
    assert told[1]["permissions"] == "1024"
    assert discord_schema.strangeness("GET", "/users/@me/guilds", told) == ""
    assert discord_schema.strangeness("GET", "/users/@me/guilds", [{"id": "1"}])
