"""Pages of replies as messages of Discord: within its limits, and harmless whatever is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_world import DiscordWorld
from fakes.discord_components import check, texts, walk
from fakes.discord_schema import refusal
from fakes.model_answers import compose
from fakes.youtube_bodies import Track, Video
from hostile import DISCORD as HOSTILE
from vidthread.commands import action
from vidthread.discord.layout import (
    LIMITS,
    Layout,
    harmless,
    length,
    literal,
    render,
    render_opening,
    render_sentence,
)
from vidthread.discord.thread_surface import thread_name
from vidthread.menus import ANEW, ASK, STOP
from vidthread.pages import divide
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    Button,
    File,
    Notice,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from worlds import cues, open_discord
from youtube_analysis.checking.literal import printable
from youtube_analysis.models.analysis import AnalysisType

MESSAGES = "/channels/{channel_id}/messages"
WORDS = st.one_of(
    st.text(max_size=200),
    st.sampled_from([HOSTILE, "word " * 900, "# x\n\n" * 300, "| a | b |\n" * 200, "x" * 5_000]),
    st.lists(st.sampled_from([*HOSTILE.split(), "\n", "```"]), max_size=40).map(" ".join),
)
BLOCKS = st.one_of(
    st.builds(
        VideoCard,
        video_id=st.just("dQw4w9WgXcQ"),
        title=st.text(max_size=100) | st.just(HOSTILE[:100]),
        url=st.sampled_from([None, "https://youtu.be/dQw4w9WgXcQ"]),
        seconds=st.just(60.0),
        about=st.text(max_size=200),
        coverage=st.text(max_size=200),
        thumbnail=st.sampled_from([None, "https://i.ytimg.com/x.jpg", "https://evil.example/x"]),
    ),
    st.builds(Progress, st.sampled_from(["Reading the captions"]), st.integers(0, 9), st.just(9)),
    st.builds(Section, st.sampled_from(AnalysisType), WORDS, st.booleans()),
    st.builds(Answer, WORDS, st.booleans(), engine=st.sampled_from(["offline", "local"])),
    st.builds(Notice, WORDS.map(lambda t: t[:3_000]), st.booleans(), st.just("0a1b2c3d")),
    st.builds(File, st.just("talk.md"), WORDS, st.just("text/markdown")),
    st.just(
        Actions((STOP, ASK, ANEW, *(Button(action("type", f"t{n}"), "x" * 90) for n in range(6))))
    ),
)


def unique(blocks: list[Block]) -> tuple[Block, ...]:
    return tuple({block.key: block for block in blocks}.values())


@given(st.lists(BLOCKS, min_size=1, max_size=9).map(unique), st.booleans())
def test_every_page_is_one_that_discord_takes(blocks: tuple[Block, ...], live: bool) -> None:
    for page in divide(Reply("r1", blocks, live), LIMITS):
        layout = render(page)
        told = texts(taken(layout))
        assert sum(map(length, told)) <= 4_000
        assert all(text.strip() for text in told)
        assert layout == render(page)
        assert layout != render(page, to="1")


@given(st.lists(BLOCKS, min_size=1, max_size=9).map(unique), st.booleans())
def test_every_opening_is_one_that_discord_takes(blocks: tuple[Block, ...], live: bool) -> None:
    components = taken(render_opening(Reply("r1", blocks, live, opens=True)))
    pictures = [c["media"]["url"] for c in walk(components) if c["type"] == 11]
    assert all(url.startswith("https://i.ytimg.com/") for url in pictures)


def taken(layout: Layout) -> list[dict[str, Any]]:
    """Its components, after a look at all that Discord says of them."""
    components: list[dict[str, Any]] = layout.to_components()  # type: ignore[no-untyped-call]
    assert refusal("POST", MESSAGES, {"flags": 1 << 15, "components": components}) is None
    check(components, v2=True)
    assert not any(pings(told) for told in texts(components))
    return components


def pings(told: str) -> list[str]:
    """What Discord would make something of, unless a backslash stands before it."""
    return re.findall(
        r"(?<!\\)<@[!&]?\d+>|@everyone|@here|(?<!\\)</\w+:\d+>|(?<!\\)<(?:id|t):\w", told
    )


@given(WORDS)
def test_text_that_is_literal_stands_on_one_line_and_means_nothing(told: str) -> None:
    shown = literal(told)
    assert "\n" not in shown
    assert not pings(shown)
    assert not re.search(r"(?<!\\)[*_~`|\[\]<>]", shown)
    assert "://" not in shown
    assert not pings(harmless(told))


@given(st.text(max_size=300))
def test_a_name_of_a_thread_is_on_one_line_and_short(title: str) -> None:
    name = thread_name(title)
    assert length(name) <= 100
    assert " ".join(name.split()) == name
    assert name
    assert " ".join(printable(title).split()).startswith(name) or name == "A video"


def test_a_name_is_not_cut_in_the_middle_of_a_character() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert thread_name("x" * 95 + family) == "x" * 95


def test_a_sentence_leads_to_a_thread_and_pings_nobody() -> None:
    told = texts(taken(render_sentence("See, @everyone:", thread="12")))
    assert told == ["See, @\u200beveryone: <#12>"]


class Hostile(DiscordWorld):
    """A video whose words want to do harm."""

    async def start(self) -> None:
        lines = tuple((f"{HOSTILE} sentence {n}", at, d) for n, (_, at, d) in enumerate(cues(1)))
        title = HOSTILE[:90] + " talk"
        self.youtube.add(Video("hostile0001", title=title, tracks=(Track("en", lines),)))
        await super().start()


@pytest.mark.parametrize("offline", [False, True])
async def test_hostile_words_do_nothing_on_any_path(tmp_path: Path, *, offline: bool) -> None:
    """The world itself looks at pings and refusals at its end."""
    async with open_discord(tmp_path, Hostile, reply=evil) as world:
        if offline:
            world.model.reply = compose
        thread = await world.open("https://youtu.be/hostile0001")
        await world.idle(thread, "## Key Moments")
        before = len(world.shown(thread))
        world.mention(thread, f"what is {HOSTILE}")
        await world.idle(thread, replies=before + 1)
        place = world.discord.channels[thread]
        made = world.discord.command(place, world.person, "ask", {"question": HOSTILE})
        await world.until(lambda: made.original and "asks" in made.original.text)
        world.mention(thread, "export md")
        await world.idle(thread, ".md]")
        world.mention(world.channel, HOSTILE.replace("[x](https://evil.example)", ""))
        await world.in_channel("Send me a YouTube link")
        world.discord.command(world.channel, world.person, "analyze", {"link": HOSTILE})
        await world.told_privately("isn't a YouTube link")
        for message in world.ours(thread):
            assert "](https://evil" not in message.text
        assert len(place.name) <= 100


def evil(body: dict[str, Any]) -> str:
    """What a model says that was led astray."""
    if "response_format" in body:
        return compose(body)
    return f"{HOSTILE}\n\nIt says so [1]. <@&1> @everyone"
