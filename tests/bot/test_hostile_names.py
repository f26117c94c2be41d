"""Whatever strangers call their videos, files and themselves, no renderer makes anything of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from fakes.discord_components import texts as discord_texts
from fakes.slack_rules import pings_in, texts_of
from hostile import NAMES
from talks import talk_of
from vidthread.adapter import FileWithheld
from vidthread.discord import layout as discord
from vidthread.discord.thread_surface import thread_name
from vidthread.pages import divide
from vidthread.playground.rendering import PageRenderer
from vidthread.slack import layout as slack
from vidthread.surface import Answer, Block, File, Limits, Notice, Page, Reply, Section, VideoCard
from vidthread.terminal.screen import Terminal
from youtube_analysis import AnalysisResult, AnalysisType
from youtube_analysis.checking.filter import StreamFilter
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.analysis import TaskOutput
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.services.content import ContentFormat, ContentService

UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
URL = "https://youtu.be/dQw4w9WgXcQ"


def written(name: str) -> str:
    """By a model that was led astray: what its filter lets through."""
    passing = StreamFilter(split_into_passages(talk_of("A sentence.")))
    return passing.feed(f"It is {name}") + passing.close()


def blocks_of(name: str) -> tuple[Block, ...]:
    return (
        VideoCard("dQw4w9WgXcQ", name, URL, 60.0, name, name, (name,)),
        Section(AnalysisType.SUMMARY, f"### TL;DR\n{written(name)}\n\n# B", live=False),
        Answer(written(name), live=False),
        Notice("It failed.", failure=True, reference="0a1b2c3d"),
        File(f"{name}.md", "", "text/markdown"),
    )


def pages_of(name: str, limits: Limits) -> tuple[Page, ...]:
    return divide(Reply("r1", blocks_of(name), live=False), limits)


def markdown_harm(markdown: str) -> Iterator[str]:
    """Where a reader of markdown would lead, and what it would load or run."""
    for token in MarkdownIt("commonmark", {"html": True}).parse(markdown):
        for part in (token, *(token.children or ())):
            address = str(part.attrs.get("href", part.attrs.get("src", "")))
            if part.type in {"html_block", "html_inline", "image"} or (
                address and not address.startswith(URL)
            ):
                yield f"{part.type} {address}{part.content}"


# --- each renderer, and what its reader would make of what it gives out ---


def on_slack_as_markdown(name: str) -> Iterator[str]:
    for page in pages_of(name, slack.LIMITS):
        payload = slack.render(page)
        yield payload["stream"]
        yield from (block["text"] for block in payload["blocks"] if block["type"] == "markdown")
    yield slack.render(Page("r1", 0, (Notice(FileWithheld("Slack", name).message),), live=False))[
        "stream"
    ]


def on_discord(name: str) -> Iterator[str]:
    views = [discord.render(page) for page in pages_of(name, discord.LIMITS)]
    views.append(discord.render_opening(Reply("r1", blocks_of(name), live=False, opens=True)))
    views += [discord.render_beginning(name), discord.render_sentence(f"It is “{name}”.")]
    withheld = Notice(FileWithheld("Discord", name).message, failure=True)
    views.append(discord.render(Page("r1", 0, (withheld,), live=False)))
    for view in views:
        yield from discord_texts(view.to_components())  # type: ignore[no-untyped-call]


def called_on_discord(shown: str) -> list[str]:
    return re.findall(
        r"(?<!\\)<@[!&]?\d+>|@everyone|@here|(?<!\\)</\w+:\d+>|(?<!\\)<(?:id|t):\w", shown
    )


def as_words_on_discord(name: str) -> Iterator[str]:
    """Where only words are wanted: a person's name, a question that is quoted."""
    yield discord.literal(name)


def more_than_words(shown: str) -> list[str]:
    return re.findall(r"(?<!\\)(?:\\\\)*[*_~`|\[\]<>#]|://|\n|@\w|^(?:[-+]|\d+\.)\s", shown)


def as_a_threads_name(name: str) -> Iterator[str]:
    yield thread_name(name)


def more_than_a_line(shown: str) -> list[str]:
    return re.findall(r"[^\S ]|.{101,}", shown)


def on_slack(name: str) -> Iterator[str]:
    for page in pages_of(name, slack.LIMITS):
        payload = slack.render(page)
        yield from (payload["text"], payload["stream"], *texts_of(payload["blocks"]))
    yield slack.escaped(name)
    yield from texts_of(slack.blocks((Notice(name),)))


def called_on_slack(shown: str) -> list[str]:
    links = re.findall(r"<(?!https://youtu\.be/dQw4w9WgXcQ\|)[^\s<>\u2060][^<>]*>", shown)
    return [*pings_in(shown, []), *links, *re.findall(r"(?<![\w.+-])@(?:here|channel)", shown)]


@dataclass
class Tags(HTMLParser):
    """The tags of a document that do more than lay out its words."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        allowed = {"class", "data-seconds", "dir", "href", "start"}
        away = not (told.get("href") or URL).startswith(URL)
        if told.keys() - allowed or away or tag not in self.CALM:
            self.found.append(f"{tag} {told}")

    CALM = frozenset(
        "a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre strong ul body".split()
    )


def on_the_page(name: str) -> Iterator[str]:
    shown: dict[str, Any] = PageRenderer().render(Page("r1", 0, blocks_of(name), live=False))
    yield from (block["html"] for block in shown["blocks"] if "html" in block)


def tags_of(shown: str) -> list[str]:
    tags = Tags()
    tags.feed(shown)
    return tags.found


def document(name: str, form: ContentFormat) -> str:
    video = talk_of("A sentence.", title=name)
    output = TaskOutput(AnalysisType.SUMMARY, written(name), "a model")
    result = AnalysisResult(video, (output,), (), 1.0, datetime(2026, 1, 1, tzinfo=UTC))
    return ContentService().render(result, form)


def as_markdown(name: str) -> Iterator[str]:
    yield document(name, ContentFormat.MARKDOWN)


def as_html(name: str) -> Iterator[str]:
    yield document(name, ContentFormat.HTML).partition("<body")[2]


def as_text(name: str) -> Iterator[str]:
    yield document(name, ContentFormat.TEXT)


def nothing(_: str) -> list[str]:
    return []


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(
    ("render", "harm"),
    [
        (on_discord, called_on_discord),
        (as_words_on_discord, more_than_words),
        (as_a_threads_name, more_than_a_line),
        (on_slack, called_on_slack),
        (on_slack_as_markdown, markdown_harm),
        (on_the_page, tags_of),
        (as_markdown, markdown_harm),
        (as_html, tags_of),
        (as_text, nothing),
    ],
    ids=lambda part: part.__name__,
)
def test_a_hostile_name_stays_words(
    name: str, render: Callable[[str], Iterator[str]], harm: Callable[[str], Iterator[str]]
) -> None:
    for shown in render(name):
        assert list(harm(shown)) == []
        assert UNSEEN.findall(shown) == []


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("watched", [False, True])
def test_a_hostile_name_gives_a_terminal_no_orders(
    name: str, watched: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if watched:
        monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = Terminal()
    terminal.say(name)
    terminal.markdown(name)
    terminal.table([["", name], ["Talk", name]])
    terminal.check("model", name)
    terminal.error(InvalidRequest(f"There is no file “{name}”."))
    shown = "".join(capsys.readouterr())
    ours = re.compile(
        r"\x1b\[[\d;]*[mAK]|\x1b\[\?25[hl]|\x1b\]8;id=[\d.-]*;[^\x1b]*\x1b\\|\x1b\]8;;\x1b\\|\r"
    )
    assert UNSEEN.findall(ours.sub("", shown)) == []
