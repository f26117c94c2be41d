"""Answers of the local Discord to interactions, and what it does beside what was asked: limits,
faults, pings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from fakes.discord_asking import Asking
from fakes.discord_guilds import Channel, Guild, User
from fakes.discord_limits import Rate, RateLimits
from fakes.discord_messages import Message
from fakes.discord_server import Fault, LocalDiscord

EPHEMERAL = 1 << 6


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


async def test_a_bot_that_a_person_brought_along_answers_five_times(
    server: LocalDiscord, ask: Asking, guild: Guild, channel: Channel, anna: User
) -> None:
    server.throw_out(guild)
    made = server.command(channel, anna, "analyze", {"link": "https://youtu.be/x"})
    body = {"type": 4, "data": {"content": "Transcript."}}
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
