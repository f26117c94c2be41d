"""When the bot speaks: asked, and not when people talk to each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakes.slack_shapes import BOT
from worlds import ChatWorld, DiscordWorld, SlackWorld, World, link, open_discord, open_world

READ = "## Key Moments"
# Four people beside the bot: who says what; a question to each other follows another's remark.
TALK = [
    ("bert", "lunch at 12 works for me"),
    ("cleo", "which place?"),
    ("dora", "the new one by the harbour"),
    ("anna", "is it any good?"),
    ("bert", "stop"),
    ("cleo", "did you try the soup?"),
    ("dora", "still"),
    ("anna", "how was it?"),
    ("bert", "enough about food"),
    ("cleo", "forget this"),
    ("dora", "what do you mean?"),
    ("anna", "French"),
    ("bert", "why French?"),
    ("cleo", "para"),
    ("dora", "who wrote that?"),
    ("anna", "basta"),
    ("bert", "summary"),
    ("cleo", "of what?"),
    ("dora", "key moments"),
    ("anna", "are you coming tomorrow?"),
    ("bert", "export md"),
    ("cleo", "where is the file?"),
    ("dora", "👍"),
    ("anna", "thanks!"),
    ("bert", "ok"),
    ("cleo", "when do we meet?"),
    ("dora", "at three"),
    ("anna", "in which room?"),
    ("bert", "the big one"),
    ("cleo", "quiet"),
]


@pytest.fixture(params=["discord", "slack"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def tell(world: World, thread: str, name: str, text: str) -> str:
    """Somebody writes in a thread, addressed to nobody; the message's id."""
    if isinstance(world, SlackWorld):
        user = f"U0{name.upper()}"
        world.slack.channels[world.channel].members.add(user)
        return world.slack.say(world.channel, text, thread=thread, user=user)
    assert isinstance(world, DiscordWorld)
    known = (one for one in world.discord.users.values() if one.name == name)
    person = next(known, None) or world.discord.user(name)
    return world.discord.say(world.discord.channels[thread], person, text)


async def test_people_who_talk_to_each_other_are_left_alone(kind: str, tmp_path: Path) -> None:
    """Sixty remarks, twenty and more of them questions to each other: no answer, no command."""
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        before, talk = len(world.shown(thread)), TALK * 2
        assert len(talk) == 60
        assert sum("?" in text for _, text in talk) >= 20
        for name, text in talk:
            tell(world, thread, name, text)
        await heard(world, thread)
        assert len(world.shown(thread)) == before + 1
        sessions = world.house.factory.get_session_repository()
        session = await sessions.get(world.key(thread).session)
        assert session
        assert session.language is None
        assert not await world.house.store.threads.is_quiet(world.key(thread))


async def heard(world: World, thread: str) -> None:
    """All that was said before is, when what is asked now is answered."""
    before = len(world.shown(thread))
    await world.say(thread, "What is crane 3?")
    await world.idle(thread, "crane 3", replies=before + 1)


async def test_what_is_meant_for_it_is_answered_in_each_of_five_ways(
    kind: str, tmp_path: Path
) -> None:
    """A mention, a reply, a plain question that follows its word, the form, and `/ask`; on Slack,
    which has neither replies nor `/ask`, an edit that calls it, and `/analyze` with a question."""
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        ask = ask_on_slack if isinstance(world, SlackWorld) else ask_on_discord
        for number in range(20):
            before = len(answers(world, thread))
            await ask(world, thread, number % 5, f"What is crane {number}?")
            await world.until(lambda before=before: len(answers(world, thread)) > before)  # type: ignore[misc] # bound now
            await world.house.assistant.idle(world.key(thread))
        assert len(answers(world, thread)) == 20


async def ask_on_discord(world: World, thread: str, way: int, question: str) -> None:
    assert isinstance(world, DiscordWorld)
    match way:
        case 0:
            world.mention(thread, question)
        case 1:
            world.write(thread, question, reply_to=world.ours(thread)[-1].id)
        case 2:
            world.write(thread, question)
        case 3:
            form = world.discord.press(bearer(world, thread), "v1:ask:", world.person)
            await world.until(lambda: form.modal)
            world.discord.submit(form, {"question": question})
        case _:
            place, asked = world.discord.channels[thread], {"question": question}
            world.discord.command(place, world.person, "ask", asked)


async def ask_on_slack(world: World, thread: str, way: int, question: str) -> None:
    assert isinstance(world, SlackWorld)
    match way:
        case 0:
            world.slack.mention(world.channel, question, thread=thread)
        case 1:
            said = world.slack.say(world.channel, "Tell me more.", thread=thread)
            world.slack.edit(world.channel, said, f"<@{BOT}> {question}")
        case 2:
            world.slack.say(world.channel, question, thread=thread)
        case 3:
            before = len(world.slack.views)
            world.slack.press(world.channel, bearer(world, thread), "v1:ask:")
            await world.until(lambda: len(world.slack.views) > before)
            world.slack.submit(world.slack.views[-1], {"question": {"question": question}})
        case _:
            world.slack.slash(world.channel, f"{link(1)} {question}")


async def caught_up(world: World) -> None:
    if isinstance(world, SlackWorld):
        await world.slack.delivery.settled()
    elif isinstance(world, DiscordWorld):
        await world.caught_up()


def answers(world: World, thread: str) -> list[str]:
    told = [m.text for m in world.shown(thread)[1:]]
    return [text for text in told if re.search(r"of harbour|crane", text) and READ not in text
            and "asks:" not in text]  # fmt: skip


def bearer(world: World, thread: str) -> str:
    return next(m.key for m in reversed(world.shown(thread)) if "v1:ask:" in m.buttons)


async def test_a_call_without_a_word_is_answered_in_one_line(kind: str, tmp_path: Path) -> None:
    """A picture is no word, either."""
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        for call in (call_without_a_word, call_with_a_picture):
            before = len(world.shown(thread))
            call(world, thread)
            await world.idle(thread, replies=before + 1)
            told = world.shown(thread)[-1].text
            assert told.removeprefix("! ") == "Write your question as a message."


def call_without_a_word(world: World, thread: str) -> None:
    if isinstance(world, SlackWorld):
        world.slack.mention(world.channel, "", thread=thread)
    elif isinstance(world, DiscordWorld):
        world.mention(thread)


def call_with_a_picture(world: World, thread: str) -> None:
    name, content = "crane.png", b"\x89PNG"
    if isinstance(world, SlackWorld):
        world.slack.mention(world.channel, "", thread=thread, files={name: content})
    elif isinstance(world, DiscordWorld):
        world.mention(thread, attachments=[(name, content)])


CASES = [
    # since the bot's last word
    ([], ("anna", "What is crane 5?"), True),
    ([], ("bert", "What is crane 5?"), True),
    ([("anna", "hm"), ("anna", "let me think")], ("anna", "What is crane 5?"), True),
    ([("bert", "hm")], ("anna", "What is crane 5?"), False),
    ([("bert", "hm")], ("bert", "What is crane 5?"), True),
    ([], ("anna", "Tell us about crane 5."), False),
    ([], ("anna", "@bert what is crane 5?"), False),
]


@pytest.mark.parametrize(("before", "last", "answered"), CASES)
@pytest.mark.parametrize("restarted", [False, True])
async def test_who_has_the_floor(
    kind: str,
    tmp_path: Path,
    before: list[tuple[str, str]],
    last: tuple[str, str],
    *,
    answered: bool,
    restarted: bool,
) -> None:
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        for name, text in before:
            tell(world, thread, name, text)
        await caught_up(world)
        if restarted:
            await world.restart()
        shown = len(world.shown(thread))
        tell(world, thread, *last)
        await heard(world, thread)
        assert len(world.shown(thread)) == shown + 1 + answered


async def test_a_question_in_line_keeps_the_floor(tmp_path: Path) -> None:
    """What is asked behind one that is being answered is asked of us, too."""
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        world.chat.say(thread, "dora speaks", addressed="others", author="dora")
        world.chat.say(thread, "What is crane 1?", author="anna")
        follows = world.chat.say(thread, "And crane 2?", addressed="nobody", author="bert")
        world.chat.say(thread, "hm", addressed="nobody", author="cleo")
        silent = world.chat.say(thread, "What crane?", addressed="nobody", author="bert")
        await world.chat.until(lambda: follows in {m.to for m in world.chat.shown(thread)})
        await world.idle(thread)
        assert silent not in {m.to for m in world.chat.shown(thread)}


@pytest.mark.parametrize("author", ["bert", "anna"])
async def test_what_destroys_asks_first_and_only_the_opener_may(
    tmp_path: Path, author: str
) -> None:
    async with open_world("chat", tmp_path) as world:
        assert isinstance(world, ChatWorld)
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        sessions, key = world.house.factory.get_session_repository(), world.key(thread)
        world.chat.say(thread, "forget", author="anna")
        await world.idle(thread, "Delete what I stored about this thread")
        assert await sessions.get(key.session)
        world.chat.say(thread, "", action="v1:forget:thread", author=author)
        told = "Forgotten" if author == "anna" else "Only whoever opened this thread"
        await world.idle(thread, told)
        assert bool(await sessions.get(key.session)) is (author == "bert")


async def test_what_is_deleted_is_said_once(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        await world.forget(thread)
        await world.press(thread, "v1:forget:thread")
        await world.idle(thread, "Forgotten")
        await world.press(thread, "v1:forget:thread")
        await caught_up(world)
        await world.say(thread, "help")
        assert (await world.idle(thread, "Send me a")).count("Forgotten") == 1


async def test_a_question_that_waits_is_seen_typed_for(tmp_path: Path) -> None:
    async with open_discord(tmp_path, rate=30.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "harbour" in world.text(thread))
        assert thread not in world.discord.typing
        world.mention(thread, "What is crane 3?")
        await world.until(lambda: thread in world.discord.typing)
