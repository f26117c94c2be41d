"""What people do in Slack, each answered once, whatever Slack sends how often."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.slack_replay import replay
from fakes.slack_shapes import BOT, Fault
from fakes.youtube_bodies import Failure, Track, Video
from slack_world import SlackHttpWorld, SlackWorld, of
from vidthread.slack import events
from worlds import cues, link, open_world

Open = Callable[..., AbstractAsyncContextManager[SlackWorld]]
SUBTITLES = b"1\n00:00:01,000 --> 00:00:09,000\nThe crane was built by two brothers in 1850.\n"


@asynccontextmanager
async def opened_world(
    kind: type[SlackWorld], folder: Path, **model: Any
) -> AsyncIterator[SlackWorld]:
    async with open_world("slack", folder, kind=kind, **model) as world:
        assert isinstance(world, SlackWorld)
        yield world


@pytest.fixture(params=[SlackWorld, SlackHttpWorld], ids=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    return partial(opened_world, request.param, tmp_path)


@pytest.fixture
def world(tmp_path: Path) -> Open:
    """Over sockets."""
    return partial(opened_world, SlackWorld, tmp_path)


def analyses(world: SlackWorld) -> int:
    shown = [of(m) for m in world.slack.messages.values() if m.by_bot and not m.deleted]
    return sum(text.count("## Key Moments") for text in shown)


async def quiet(world: SlackWorld) -> None:
    """Nothing is under way any more."""
    await world.slack.delivery.settled()
    for channel, thread in world.slack.threads():
        key = world.key(thread)
        assert channel == key.channel or channel != world.channel
        await world.house.assistant.idle(key)


async def test_a_mention_and_its_twin_are_answered_once(opened: Open) -> None:
    async with opened() as world:
        thread = world.slack.mention(world.channel, link(1))
        await world.idle(thread, "## Key Moments")
        await quiet(world)
        assert analyses(world) == 1
        events = {told.payload["event_id"] for told in world.slack.delivery.delivered}
        assert len(events) == 2


async def test_every_event_that_comes_again_and_again_is_answered_once(opened: Open) -> None:
    async with opened() as world:
        thread = world.slack.mention(world.channel, link(1))
        await world.idle(thread, "## Key Moments")
        await world.say(thread, "what is crane 3?")
        await world.idle(thread, replies=2)
        pressed = world.slack.shown(world.channel, thread)[0]
        world.slack.press(world.channel, pressed.ts, "v1:type:write_tweet")
        await world.idle(thread, "## X Post")
        shown = world.text(thread)
        calls = len(world.model.calls)
        for told in list(world.slack.delivery.delivered):
            world.slack.delivery.hand_out(told.kind, told.payload)
        await world.slack.delivery.settled()
        await world.restart()
        for told in list(world.slack.delivery.delivered):
            world.slack.delivery.hand_out(told.kind, told.payload)
        await quiet(world)
        assert (world.text(thread), len(world.model.calls)) == (shown, calls)


async def test_what_was_not_acknowledged_comes_again(opened: Open) -> None:
    """While the database is gone nothing is acknowledged, and nothing is lost."""
    async with opened() as world:
        hearing = world.house.assistant.hear
        failures = iter([True, True, True, False, False])

        async def fail(*given: Any) -> Any:
            if next(failures, False):
                raise ConnectionError("the database is gone")
            return await hearing(*given)

        world.house.assistant.hear = fail  # type: ignore[method-assign,assignment]
        thread = world.slack.mention(world.channel, link(1))
        await world.idle(thread, "## Key Moments")
        await quiet(world)
        assert analyses(world) == 1
        # Twins that come together share one hearing.
        assert 3 <= sum(told.tries for told in world.slack.delivery.delivered) <= 6


async def test_acknowledgements_are_out_in_time_while_everything_else_hangs(opened: Open) -> None:
    async with opened(hold=asyncio.Event()) as world:
        thread = world.slack.mention(world.channel, link(1))
        await world.until(lambda: "of harbour 1" in world.text(thread))
        for number in range(20):
            world.slack.mention(world.channel, link(number + 2))
            world.slack.slash(world.channel, link(number + 2))
            world.slack.mention(world.channel, "what?", thread=thread)
        await world.slack.delivery.settled()
        told = world.slack.delivery.delivered
        assert len(told) > 100
        assert [delivered for delivered in told if delivered.tries] == []
        assert world.model.hold
        world.model.hold.set()


async def test_a_bot_that_was_called_in_a_thread_reads_the_link_above(opened: Open) -> None:
    async with opened() as world:
        for called, told in [
            ("", "## Key Moments"),
            ("x post", "## X Post"),
            ("what is crane 3?", "## Key Moments"),
        ]:
            thread = world.slack.say(world.channel, f"look: <{link(1)}>")
            world.slack.say(world.channel, "nice", thread=thread, user="U0BOB")
            world.slack.mention(world.channel, called, thread=thread)
            await world.idle(thread, told)
            await quiet(world)
        reads = [a for a in world.slack.requests if a.method == "conversations.replies"]
        assert len(reads) == 3


async def test_plain_messages_count_where_they_are_meant_for_the_bot(world: Open) -> None:
    async with world() as slack:
        thread = await slack.open(link(1))
        await slack.idle(thread, "## Key Moments")
        say = partial(slack.slack.say, slack.channel, thread=thread)
        for ignored in ("thanks!", "👍", "<@U0BOB> what is crane 3?"):
            say(ignored)
        slack.slack.say(slack.channel, f"a link for nobody: {link(2)}")
        await slack.slack.delivery.settled()
        assert len(slack.shown(thread)) == 1
        say("what is crane 3?")
        await slack.idle(thread, replies=2)
        assert len(slack.slack.threads()) == 1


async def test_the_edit_of_a_question_is_no_new_one(world: Open) -> None:
    async with world() as slack:
        thread = await slack.open(link(1))
        await slack.idle(thread, "## Key Moments")
        asked = slack.slack.mention(slack.channel, "what is crane 3?", thread=thread)
        await slack.idle(thread, replies=2)
        shown = slack.text(thread)
        slack.slack.edit(slack.channel, asked, f"<@{BOT}> what is crane 4?")
        await quiet(slack)
        assert slack.text(thread) == shown


async def test_a_slack_that_is_slow_to_tell_a_language_holds_up_no_command(opened: Open) -> None:
    async with opened() as world:
        late = Fault("internal_error", late=20.0)
        world.slack.judge = lambda method, _: late if method == "users.info" else None
        told = [world.slack.slash(world.channel, text) for text in ("help", link(1))]
        await world.slack.until(lambda: all(one.answer for one in told))
        assert [one.tries for one in told] == [0, 0]
        await world.slack.until(lambda: bool(world.slack.threads()))


async def test_a_command_opens_a_thread_under_a_message_of_ours(opened: Open) -> None:
    async with opened() as world:
        told = world.slack.slash(world.channel, link(1))
        await world.slack.until(lambda: bool(world.slack.threads()))
        ((_, thread),) = world.slack.threads()
        text = await world.idle(thread, "## Key Moments")
        root, reply = world.slack.shown(world.channel, thread)
        assert "# Talk 1" in of(root)
        assert root.texts[0] == f"anna asked for {link(1)}"
        assert "# Talk 1" not in of(reply)
        assert text.count("## Key Moments") == 1
        assert told.answer == {"text": "Reading the video. The thread opens here when I'm done."}


async def test_a_command_without_a_link_is_answered_to_one_person(opened: Open) -> None:
    async with opened() as world:
        told = [
            world.slack.slash(world.channel, t) for t in ("what?", "help", "youtu.be/x", "stats")
        ]
        await world.slack.delivery.settled()
        answers = [str(delivered.answer) for delivered in told]
        assert "and a YouTube link" in answers[0]
        assert "Send me a YouTube link" in answers[1]
        assert "isn't a video" in answers[2]
        assert "0 threads" in answers[3]
        assert world.slack.threads() == []


@pytest.mark.parametrize("way", ["mention", "slash"])
async def test_what_failed_is_tried_again_where_it_was_asked_for(opened: Open, way: str) -> None:
    late = "late0000001"
    async with opened() as world:
        track = Track("en", cues(1))
        world.youtube.add(Video(late, tracks=(track,), failures={Failure.SERVER_ERROR: "player"}))
        ask = getattr(world.slack, way)
        ask(world.channel, f"https://youtu.be/{late}")
        await world.slack.until(lambda: bool(world.slack.ephemeral))
        assert world.slack.threads() == []
        world.youtube.add(Video(late, title="Late", tracks=(track,)))
        world.slack.press_aside(world.slack.ephemeral[0], "v1:retry:")
        await world.slack.until(lambda: bool(world.slack.threads()))
        ((_, thread),) = world.slack.threads()
        await world.idle(thread, "# Late")
        await world.idle(thread, "## Key Moments")
        root = world.slack.messages[world.channel, thread]
        asked = root.texts[0].removeprefix(f"<@{BOT}> ").removeprefix("anna asked for ")
        assert asked == f"https://youtu.be/{late}"
        assert root.by_bot is (way == "slash")


async def test_where_the_bot_is_not_a_member_it_says_what_to_do(world: Open) -> None:
    async with world() as slack:
        outside = slack.slack.channel("elsewhere", bot=False)
        slack.slack.slash(outside, link(1))
        await slack.slack.until(lambda: bool(slack.slack.ephemeral))
        (told,) = slack.slack.ephemeral
        assert (told.channel, told.user) == (outside, "U0ANNA")
        assert "/invite" in told.text


async def test_where_nobody_can_write_no_invitation_is_asked_for(world: Open) -> None:
    async with world() as slack:
        archived = Fault("is_archived")
        slack.slack.judge = lambda method, _: archived if method == "chat.postMessage" else None
        slack.slack.slash(slack.channel, link(1))
        await slack.slack.until(lambda: bool(slack.slack.ephemeral))
        assert "I can't write here" in slack.slack.ephemeral[0].text


async def test_a_command_whose_message_was_posted_unheard_of_posts_no_other(world: Open) -> None:
    async with world() as slack:
        lost = [Fault(carried_out=True)]
        slack.slack.judge = lambda method, _: (
            lost.pop() if lost and method == "chat.postMessage" else None
        )
        slack.slack.slash(slack.channel, link(1))
        await slack.slack.until(lambda: not lost)
        ((_, thread),) = slack.slack.threads()
        await slack.idle(thread, "## Key Moments")
        assert len([m for m in slack.slack.messages.values() if "asked for" in m.texts[0]]) == 1


def test_an_answer_that_is_sent_to_the_channel_too_is_heard() -> None:
    said = {"type": "message", "subtype": "thread_broadcast", "channel": "C1", "user": "U0ANNA",
            "text": "what is crane 3?", "ts": "2.0", "thread_ts": "1.0"}  # fmt: skip
    heard = events.from_event({"team_id": "T1", "event": said}, BOT)
    assert heard
    assert heard.key.thread == "1.0"


async def test_a_shortcut_reads_the_message_it_was_called_on(opened: Open) -> None:
    async with opened() as world:
        thread = world.slack.say(world.channel, f"look: <{link(1)}|this>")
        reply = world.slack.say(world.channel, f"or <{link(2)}>", thread=thread)
        nothing = world.slack.say(world.channel, "hello")
        world.slack.shortcut(world.channel, thread)
        await world.idle(thread, "# Talk 1")
        await world.idle(thread, "## Key Moments")
        world.slack.shortcut(world.channel, reply)
        await world.idle(thread, "# Talk 2")
        world.slack.shortcut(world.channel, nothing)
        await world.slack.until(lambda: bool(world.slack.ephemeral))
        assert "no YouTube link" in world.slack.ephemeral[0].text


async def test_a_link_in_a_direct_message(opened: Open) -> None:
    async with opened() as world:
        world.channel = world.slack.channel("", kind="D")
        thread = world.slack.say(world.channel, link(1))
        await world.idle(thread, "## Key Moments")
        world.slack.say(world.channel, "what is crane 3?", thread=thread)
        await world.idle(thread, replies=2)


async def test_a_question_in_a_direct_message_goes_on_about_the_newest_video(opened: Open) -> None:
    async with opened() as world:
        world.channel = world.slack.channel("", kind="D")
        early = world.slack.say(world.channel, "what is crane 3?")
        await world.idle(early, "There's no video in this thread yet")
        for number in (1, 2):
            thread = world.slack.say(world.channel, link(number))
            await world.idle(thread, "## Key Moments")
        asked = world.slack.say(world.channel, "what is crane 3?")
        assert "of harbour 2" in await world.idle(asked, "crane 3")
        assert "## Key Moments" not in world.text(asked)
        world.slack.say(world.channel, "and crane 4?", thread=asked)
        await world.idle(asked, "crane 4", replies=2)


async def test_a_question_in_a_direct_message_waits_for_the_video_above_it(opened: Open) -> None:
    async with opened(hold=asyncio.Event()) as world:
        assert world.model.hold
        world.channel = world.slack.channel("", kind="D")
        world.slack.say(world.channel, link(1))
        asked = world.slack.say(world.channel, "what is crane 3?")
        await world.slack.delivery.settled()
        world.model.hold.set()
        assert "of harbour 1" in await world.idle(asked, "crane 3")


async def test_a_question_in_the_form_is_shown_with_its_answer(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await world.press(thread, "v1:ask:")
        await world.slack.until(lambda: bool(world.slack.views))
        world.slack.submit(world.slack.views[0], {"question": {"question": "what is crane 3?"}})
        await world.idle(thread, "crane 3", replies=3)
        texts = [m.texts[-1] for m in world.slack.shown(world.channel, thread)]
        assert texts[1] == "anna asks:\n> what is crane 3?"
        assert "of harbour 1" in texts[2]


async def test_a_form_that_comes_too_late_is_not_opened(world: Open) -> None:
    async with world() as slack:
        thread = await slack.open(link(1))
        await slack.idle(thread, "## Key Moments")
        late = Fault("expired_trigger_id")
        slack.slack.judge = lambda method, _: late if method == "views.open" else None
        await slack.press(thread, "v1:ask:")
        await slack.slack.delivery.settled()
        assert slack.slack.delivery.delivered[-1].took is not None


async def test_captions_that_are_shared_in_a_thread_are_read(opened: Open) -> None:
    async with opened() as world:
        thread = world.slack.mention(world.channel, "", files={"crane.srt": SUBTITLES})
        text = await world.idle(thread, "## Key Moments")
        assert "two brothers" in text
        more = SUBTITLES.replace(b"two brothers", b"three sisters")
        world.slack.say(world.channel, "", thread=thread, files={"more.srt": more})
        await world.idle(thread, "three sisters")
        world.slack.say(world.channel, "", thread=thread, files={"picture.png": b"\x89PNG"})
        await quiet(world)
        assert len(world.shown(thread)) == 2


async def test_a_file_that_cannot_be_read_is_told(world: Open) -> None:
    async with world() as slack:
        gone = Fault(status=404)
        slack.slack.judge = lambda method, _: gone if method == "files.download" else None
        thread = slack.slack.mention(slack.channel, "", files={"crane.srt": SUBTITLES})
        await slack.slack.until(lambda: bool(slack.slack.ephemeral))
        assert "doesn't let me read crane.srt" in slack.slack.ephemeral[0].text
        slack.slack.judge = lambda *_: None
        large = slack.slack.mention(slack.channel, "", files={"large.srt": b"x" * 12 * 2**20})
        await slack.slack.until(lambda: len(slack.slack.ephemeral) == 2)
        assert "larger than" in slack.slack.ephemeral[1].text
        assert slack.shown(thread) == slack.shown(large) == []


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("files.getUploadURLExternal", Fault()),
        ("files.getUploadURLExternal", Fault("ratelimited", 429, 1.0)),
        ("files.completeUploadExternal", Fault(carried_out=True)),
    ],
)
async def test_an_export_that_is_held_up_comes_once_all_the_same(
    world: Open, step: str, fault: Fault
) -> None:
    async with world() as slack:
        thread = await slack.open(link(1))
        await slack.idle(thread, "## Key Moments")
        held = [fault]
        slack.slack.judge = lambda method, _: held.pop() if held and method == step else None
        await slack.say(thread, "export md")
        await slack.slack.until(lambda: bool(exported(slack, thread)))
        await slack.idle(thread, "[Talk 1.md]")
        assert slack.text(thread).count("[Talk 1.md]") == 1
        assert exported(slack, thread) == ["Talk 1.md"]


async def test_a_file_that_was_never_read_is_told_of_to_whoever_shared_it(opened: Open) -> None:
    """Its turn was given up while Slack's files were away."""
    async with opened() as world:
        asked = asyncio.Event()

        def judge(method: str, _: dict[str, Any]) -> Fault | None:
            if method != "files.download":
                return None
            asked.set()
            return Fault(status=503)

        world.slack.judge = judge
        thread = world.slack.mention(world.channel, "", files={"crane.srt": SUBTITLES})
        await asked.wait()
        ledger = world.house.store.ledger
        (left,) = await ledger.unfinished("slack")
        for _ in range(3):
            await ledger.retry(left.row)
        await world.restart()
        await world.slack.until(lambda: bool(world.slack.ephemeral))
        assert "interrupted" in world.slack.ephemeral[0].text
        assert world.shown(thread) == []


async def test_an_export_is_a_file_in_the_thread_once(opened: Open) -> None:
    async with opened() as world:
        thread = await world.open(link(1))
        await world.idle(thread, "## Key Moments")
        await world.say(thread, "export md")
        await world.slack.until(lambda: bool(exported(world, thread)))
        await world.idle(thread, "[Talk 1.md]")
        await world.restart()
        await quiet(world)
        assert exported(world, thread) == ["Talk 1.md"]
        content = next(c for i, c in world.slack.contents.items() if i in world.slack.files)
        assert b"Talk 1" in content


def exported(world: SlackWorld, thread: str) -> list[str]:
    shown = world.slack.shown(world.channel, thread)
    return [file["name"] for message in shown for file in message.files]


async def test_a_crash_between_a_post_and_its_answer_posts_nothing_twice(opened: Open) -> None:
    """The answers to the first calls are lost, each after it was carried out."""
    async with opened() as world:
        lost = iter(["chat.startStream", "chat.postMessage", "chat.update"])
        wanted = next(lost)

        def judge(method: str, _: dict[str, Any]) -> Fault | None:
            nonlocal wanted
            if method != wanted:
                return None
            wanted = next(lost, "")
            return Fault(carried_out=True)

        world.slack.judge = judge
        world.slack.slash(world.channel, link(1))
        await world.slack.until(lambda: wanted == "chat.postMessage" or bool(world.slack.threads()))
        thread = await world.open(link(2))
        await world.idle(thread, "## Key Moments")
        await quiet(world)
        assert analyses(world) == 2
        roots = [m for m in world.slack.messages.values() if "asked for" in m.texts[0]]
        assert len(roots) == 1


async def test_a_replay_is_answered_once(tmp_path: Path) -> None:
    """As tests/benchmarks/slack_replay.py, smaller."""
    done = await replay(tmp_path, 300, threads=20)
    assert (done.wrong, done.unacknowledged, done.refused) == ([], 0, [])
    assert done.duplicates > 90


async def test_order_holds_whatever_arrives_first(world: Open) -> None:
    def echo(body: dict[str, Any]) -> str:
        found = re.search(r"number (\d+)", str(body["messages"][-1]["content"]))
        return f"Echo {found[1]} [1]" if found else "- nothing [1]"

    async with world(reply=echo, hold=asyncio.Event()) as slack:
        assert slack.model.hold
        slack.model.hold.set()
        thread = await slack.open(link(1))
        await slack.idle(thread, "nothing")
        slack.model.hold.clear()
        await slack.say(thread, "What is number 0?")
        await slack.until(lambda: slack.house.assistant.busy(slack.key(thread)))
        delivery, held = slack.slack.delivery, []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivery, "hand_out", lambda *told: held.append(told))
            for number in range(1, 6):
                await slack.say(thread, f"What is number {number}?")
        for told in reversed(held):
            delivery.hand_out(*told)
            await delivery.settled()
        slack.model.hold.set()
        text = await slack.idle(thread, "Echo 5", replies=7)
        assert re.findall(r"Echo (\d+)", text) == [str(n) for n in range(6)]


async def test_nothing_is_lost_while_connections_are_renewed(
    world: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as slack:
        threads = []
        for number in range(8):
            await slack.slack.until(lambda: bool(slack.slack.delivery.sockets))
            threads.append(slack.slack.mention(slack.channel, link(number)))
            await slack.slack.delivery.refresh(warn=number % 2 == 0)
        for thread in threads:
            await slack.idle(thread, "## Key Moments")
        await quiet(slack)
        assert analyses(slack) == 8
    assert not [r for r in caplog.records if r.exc_info and isinstance(r.exc_info[1], OSError)]
