"""What platforms do to a reply on its way: limits, lost answers, vanished messages, twins."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fakes.chat import Fault
from worlds import ChatWorld, link, open_world

READ = "## Key Moments"


async def test_a_message_that_is_rate_limited_stalls_no_other(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path, rate=2000.0) as world:
        assert isinstance(world, ChatWorld)
        limited: list[str] = []
        free = False

        def judge(method: str, message: str, _: dict[str, Any]) -> Fault | None:
            if method != "PATCH" or free:
                return None
            limited[:] = limited or [message]
            return Fault(429, retry_after=0.05) if message in limited else None

        world.chat.judge = judge
        one = await world.open(link(1))
        await world.until(lambda: bool(limited) or READ in world.text(one))
        other = await world.open(link(2))
        await world.idle(other, READ)
        assert "## Summary" not in world.chat.messages[limited[0]].text
        free = True
        text = await world.idle(one, READ)
        assert text.count("## Summary") == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_an_answer_of_the_platform_that_is_lost_doubles_nothing(
    tmp_path: Path, method: str
) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        struck: list[str] = []

        def judge(kind: str, _: str, body: dict[str, Any]) -> Fault | None:
            if kind != method or len(struck) > 8 or len(struck) % 2:
                struck.append("") if kind == method else None
                return None
            struck.append(body["content"])
            return Fault(carried_out=True)

        world.chat.judge = judge
        thread = await world.open(link(1))
        text = await world.idle(thread, READ)
        nonces = [message.nonce for message in world.chat.shown(thread)]
        assert len(nonces) == len(set(nonces))
        assert text.count("## Summary") == text.count("# Talk 1") == 1
        assert len(struck) > 1


async def test_a_platform_that_is_down_for_a_while_gets_everything_later(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        down = True
        world.chat.judge = lambda *_: Fault(503) if down else None
        thread = await world.open(link(1))
        await asyncio.sleep(0.6)
        down = False
        assert (await world.idle(thread, READ)).count("## Summary") == 1


async def test_a_message_that_vanished_is_posted_anew(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path, hold=asyncio.Event(), rate=2000.0) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        world.chat.shown(thread)[0].deleted = True
        assert world.model.hold
        world.model.hold.set()
        text = await world.idle(thread, READ)
        assert text.count("# Talk 1") == 1


async def test_a_thread_that_is_gone_ends_quietly(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path, hold=asyncio.Event()) as world:
        assert isinstance(world, ChatWorld)
        thread, other = await world.open(link(1)), await world.open(link(2))
        await world.until(lambda: "# Talk 1" in world.text(thread))
        world.chat.gone.add(thread)
        assert world.model.hold
        world.model.hold.set()
        await world.idle(other, READ)
        ledger = world.house.store.ledger
        async with asyncio.timeout(10):
            while await ledger.unfinished("chat"):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.02)


async def test_events_that_come_twice_are_answered_once(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.chat.say(thread, "what is crane 3?", id="a", message="one")
        world.chat.say(thread, "what is crane 3?", id="b", message="one")  # the mention's twin
        world.chat.acknowledged.discard("e1")  # delivered again
        world.chat.again(0)
        await world.chat.until(lambda: {"a", "b", "e1"} <= world.chat.acknowledged)
        await world.until(lambda: any(m.to == "one" for m in world.chat.shown(thread)))
        await world.idle(thread)
        await world.restart()
        assert [m.to for m in world.chat.shown(thread) if m.to == "one"] == ["one"]
        assert len(world.chat.threads()) == 1


async def test_the_bot_answers_what_is_meant_for_it(tmp_path: Path) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        chat = world.chat
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        answered = [
            chat.say(thread, "what is crane 1?", addressed="nobody"),
            chat.say(thread, "what is crane 2?"),
        ]
        silent = [
            chat.say(thread, "Ben, what is crane 3?", addressed="others"),
            chat.say("elsewhere", "what is crane 4?", addressed="nobody"),
        ]
        chat.say(thread, "quiet on")
        await world.idle(thread, "only reply when mentioned")
        silent.append(chat.say(thread, "what is crane 5?", addressed="nobody"))
        answered.append(chat.say(thread, "what is crane 6?"))
        await chat.until(lambda: answered[-1] in {m.to for m in chat.shown(thread)})
        await world.idle(thread)
        replied = {message.to for message in chat.messages.values()}
        assert replied.issuperset(answered)
        assert replied.isdisjoint(silent)


async def test_what_a_platform_that_was_away_did_not_get_is_delivered_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidthread.presenter.presenter.PATIENCE", 0.0)
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.chat.judge = lambda method, *_: Fault(500) if method in {"POST", "PATCH"} else None
        event = world.chat.say(thread, "What is crane 3?").removeprefix("p")
        assistant, ledger = world.house.assistant, world.house.store.ledger
        await world.until(lambda: event in world.chat.acknowledged)
        await assistant.idle(world.key(thread))
        assert len(await ledger.unfinished("chat")) == 1
        before = len(world.shown(thread))
        world.chat.judge = lambda *_: None
        await assistant.resume_all()
        await world.idle(thread, replies=before + 1)
        assert await ledger.unfinished("chat") == ()


async def test_what_people_ask_before_we_know_of_the_thread_waits_for_its_analysis(
    tmp_path: Path,
) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        chat = world.chat

        async def ask(thread: str) -> None:
            asked = [chat.say(thread, f"What is crane {n}?").removeprefix("p") for n in (3, 4)]
            await chat.until(lambda: chat.acknowledged.issuperset(asked))

        chat.on_opened = ask
        thread = await world.open(link(1))
        text = await world.idle(thread, READ, replies=4)
        assert "no video in this thread" not in text
        questions = [call.last_message for call in world.model.calls[-2:]]
        assert ["crane 3" in questions[0], "crane 4" in questions[1]] == [True, True]
