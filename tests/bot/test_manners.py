"""When the bot speaks: asked, and not when people talk to each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worlds import ChatWorld, DiscordWorld, link, open_discord, open_world

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


async def test_people_who_talk_to_each_other_are_left_alone(tmp_path: Path) -> None:
    """Sixty remarks, twenty and more of them questions to each other: no answer, no command."""
    async with open_discord(tmp_path) as world:
        people = {name: world.discord.user(name) for name in ("anna", "bert", "cleo", "dora")}
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        place, before = world.discord.channels[thread], len(world.shown(thread))
        talk = TALK * 2
        assert len(talk) == 60
        assert sum("?" in text for _, text in talk) >= 20
        for name, text in talk:
            world.discord.say(place, people[name], text)
        await heard(world, thread)
        assert len(world.shown(thread)) == before + 1
        sessions = world.house.factory.get_session_repository()
        session = await sessions.get(world.key(thread).session)
        assert session
        assert session.language is None
        assert not await world.house.store.threads.is_quiet(world.key(thread))


async def heard(world: DiscordWorld, thread: str) -> None:
    """All that was said before is, when what is asked now is answered."""
    before = len(world.shown(thread))
    world.mention(thread, "What is crane 3?")
    await world.idle(thread, "crane 3", replies=before + 1)


async def test_what_is_meant_for_it_is_answered_in_each_of_five_ways(tmp_path: Path) -> None:
    """A mention, a reply, a plain question that follows its word, the form, and `/ask`."""
    async with open_discord(tmp_path) as world:
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        place = world.discord.channels[thread]
        for number in range(20):
            before, question = len(answers(world, thread)), f"What is crane {number}?"
            match number % 5:
                case 0:
                    world.mention(thread, question)
                case 1:
                    world.write(thread, question, reply_to=world.ours(thread)[-1].id)
                case 2:
                    world.write(thread, question)
                case 3:
                    form = world.discord.press(bearer(world, thread), "v1:ask:", world.person)
                    await world.until(lambda form=form: form.modal)  # type: ignore[misc] # bound now
                    world.discord.submit(form, {"question": question})
                case _:
                    asked = {"question": question}
                    world.discord.command(place, world.person, "ask", asked)
            await world.until(lambda before=before: len(answers(world, thread)) > before)  # type: ignore[misc] # bound now
            await world.house.assistant.idle(world.key(thread))
        assert len(answers(world, thread)) == 20


def answers(world: DiscordWorld, thread: str) -> list[str]:
    told = [m.text for m in world.ours(thread)[1:]]
    return [text for text in told if re.search(r"of harbour|crane", text) and READ not in text
            and "asks:" not in text]  # fmt: skip


def bearer(world: DiscordWorld, thread: str) -> str:
    return next(m.id for m in reversed(world.ours(thread)) if "v1:ask:" in m.actions)


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
    tmp_path: Path,
    before: list[tuple[str, str]],
    last: tuple[str, str],
    *,
    answered: bool,
    restarted: bool,
) -> None:
    async with open_discord(tmp_path) as world:
        people = {name: world.discord.user(name) for name in ("anna", "bert")}
        thread = await world.open(link(1))
        await world.idle(thread, READ)
        place = world.discord.channels[thread]
        for name, text in before:
            world.discord.say(place, people[name], text)
        await world.caught_up()
        if restarted:
            await world.restart()
        asked = world.discord.say(place, people[last[0]], last[1])
        await heard(world, thread)
        replied = {m.reply_to.id for m in world.ours(thread) if m.reply_to}
        assert (asked in replied) is answered


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


async def test_a_question_that_waits_is_seen_typed_for(tmp_path: Path) -> None:
    async with open_discord(tmp_path, rate=30.0) as world:
        thread = await world.open(link(1))
        await world.until(lambda: "harbour" in world.text(thread))
        assert thread not in world.discord.typing
        world.mention(thread, "What is crane 3?")
        await world.until(lambda: thread in world.discord.typing)
