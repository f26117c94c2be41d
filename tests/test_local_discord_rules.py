"""What Discord refuses, the local one refuses: in the same numbers, whatever client asks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from fakes import discord_schema
from fakes.discord_guilds import Channel, Guild, User
from fakes.discord_limits import Rate, RateLimits
from fakes.discord_messages import Message
from fakes.discord_permissions import Permission
from fakes.discord_server import Fault, LocalDiscord

V2, EPHEMERAL = 1 << 15, 1 << 6
NEW_THREAD = {"name": "A talk", "auto_archive_duration": 1440}


@dataclass(frozen=True)
class Asking:
    """A client that does what it is told, and waits for nothing."""

    server: LocalDiscord
    session: aiohttp.ClientSession

    async def __call__(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """The status, and the code of a refusal or what else was answered."""
        headers = {"Authorization": f"Bot {token or self.server.token}"}
        url = self.server.api + path
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            told: Any = await answer.json() if answer.status != 204 else {}
            return answer.status, told.get("code", told) if answer.status >= 400 else told

    async def post(self, channel: Channel, **body: Any) -> tuple[int, Any]:
        return await self("POST", f"/channels/{channel.id}/messages", body)

    async def write(self, channel: Channel, text: str = "hello") -> str:
        """The id of a message of the bot's."""
        status, told = await self.post(channel, content=text)
        assert status == 200
        return str(told["id"])


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


async def test_an_interaction_is_answered_once_and_in_time(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    made, late = (server.command(channel, anna, "stats") for _ in range(2))
    path = f"/interactions/{made.id}/{made.token}/callback"
    assert await ask("POST", path, {"type": 5, "data": {"flags": EPHEMERAL}}) == (204, {})
    assert await ask("POST", path, {"type": 5}) == (400, 40060)
    webhook = f"/webhooks/{server.application}/{made.token}"
    assert (await ask("PATCH", webhook + "/messages/@original", {"content": "x"}))[0] == 200
    assert [m.text for m in server.ephemerals(anna)] == ["x"]
    server.skip(4)
    path = f"/interactions/{late.id}/{late.token}/callback"
    assert await ask("POST", path, {"type": 5}) == (404, 10062)
    server.skip(900)
    assert await ask("POST", webhook, {"content": "y"}) == (401, 50027)


@pytest.mark.parametrize(
    ("allowed", "kinds"),
    [
        ({}, ["user", "everyone", "reply"]),
        ({"allowed_mentions": {"parse": []}}, []),
        ({"allowed_mentions": {"parse": ["everyone"]}}, ["everyone"]),
        ({"allowed_mentions": {"parse": [], "replied_user": True}}, ["reply"]),
    ],
)
async def test_pings_are_written_down(
    *,
    server: LocalDiscord,
    ask: Asking,
    channel: Channel,
    anna: User,
    allowed: dict[str, Any],
    kinds: list[str],
) -> None:
    question = server.say(channel, anna, "what?")
    text = f"{anna.mention} and @everyone"
    reference = {"message_id": question}
    await ask.post(channel, content=text, message_reference=reference, **allowed)
    assert [ping.kind for ping in server.pings] == kinds


async def test_a_bucket_is_told_and_then_full(
    server: LocalDiscord, ask: Asking, channel: Channel
) -> None:
    server.limits.off = False
    rate = server.limits.rates["POST", "/channels/{channel_id}/messages"]
    assert rate == Rate(5, 5)
    for _ in range(5):
        await ask.write(channel)
    status, told = await ask.post(channel, content="x")
    assert status == 429
    assert 0 < told["retry_after"] <= 5
    assert not told["global"]
    assert (server.invalid, len(server.messages(channel))) == (1, 5)
    server.skip(5)
    await ask.write(channel)


async def test_everything_together_is_limited_but_for_interactions(
    server: LocalDiscord, ask: Asking, channel: Channel, anna: User
) -> None:
    server.limits.off, server.limits.everything = False, Rate(1, 60)
    await ask("GET", "/users/@me")
    status, told = await ask("GET", "/users/@me")
    assert (status, told["global"]) == (429, True)
    made = server.command(channel, anna, "stats")
    path = f"/interactions/{made.id}/{made.token}/callback"
    assert await ask("POST", path, {"type": 5}) == (204, {})


async def test_faults_come_before_or_after_what_was_asked(
    server: LocalDiscord, ask: Asking, channel: Channel
) -> None:
    faults = [Fault(0, carried_out=True), Fault(503), Fault(429, 219, "shared")]
    server.judge = lambda *_: faults.pop() if faults else None
    status, told = await ask.post(channel, content="limited")
    assert (status, told["retry_after"], server.invalid) == (429, 219, 0)
    assert (await ask.post(channel, content="broken"))[0] == 503
    with pytest.raises(aiohttp.ClientError):
        await ask.post(channel, content="carried out")
    assert [m.text for m in server.messages(channel)] == ["carried out"]


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


async def test_a_bot_that_a_person_brought_along_answers_five_times(
    server: LocalDiscord, ask: Asking, guild: Guild, channel: Channel, anna: User
) -> None:
    server.throw_out(guild)
    made = server.command(channel, anna, "analyze", {"link": "https://youtu.be/x"})
    body = {"type": 4, "data": {"content": "Reading."}}
    await ask("POST", f"/interactions/{made.id}/{made.token}/callback", body)
    webhook = f"/webhooks/{server.application}/{made.token}"
    answers = [await ask("POST", webhook, {"content": f"{n}"}) for n in range(6)]
    assert [status for status, _ in answers] == [200] * 5 + [400]
    assert answers[-1] == (400, 40094)
    assert await ask.post(channel, content="x") == (403, 50001)


async def test_whoever_waits_for_an_accepted_message_sees_it_before_its_answer(
    server: LocalDiscord, ask: Asking, channel: Channel
) -> None:
    seen: list[tuple[str, int]] = []

    async def note(message: Message) -> None:
        seen.append((message.text, len(server.asked("POST", "/messages"))))

    server.on_accepted = note
    for _ in range(2):
        await ask.post(channel, content="once", nonce="n", enforce_nonce=True)
    assert seen == [("once", 0)]


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
