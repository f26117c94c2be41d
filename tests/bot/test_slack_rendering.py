"""A page as Slack's blocks: within its limits, calling nobody, whatever it is made of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.slack_rules import check_blocks, check_markdown, check_message, pings_in
from vidthread.menus import ANEW, STOP
from vidthread.pages import divide
from vidthread.slack.layout import (
    LIMITS,
    actions,
    escaped,
    linked,
    measure,
    neutral,
    render,
    without_pictures,
)
from vidthread.slack.mrkdwn import plain
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    Button,
    File,
    Notice,
    Page,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from youtube_analysis.models.analysis import AnalysisType

CARD = VideoCard(
    "video000001", "A talk", "https://youtu.be/video000001", 300.0, "Ann · 5:00", "Read 5:00.",
    thumbnail="https://i.ytimg.com/vi/video000001/hqdefault.jpg",
)  # fmt: skip


def rendered(*blocks: Block, live: bool = False) -> dict[str, Any]:
    return render(Page("r1", 0, blocks, live))


def check(payload: dict[str, Any]) -> None:
    """As Slack would."""
    for method in ("chat.postMessage", "chat.update"):
        check_message(method, {"text": payload["text"], "blocks": payload["blocks"]})
    check_markdown(payload["stream"])
    assert pings_in(payload["text"], payload["blocks"]) == []
    assert pings_in(payload["stream"], []) == []


def test_every_kind_of_block_is_one_that_slack_takes() -> None:
    every = (
        CARD,
        Progress("Transcript", 1, 2),
        Section(AnalysisType.SUMMARY, "**Text** [0:01](https://youtu.be/v?t=1)", live=True),
        Answer("An answer.", live=False),
        Notice("It failed.", failure=True, reference="0a1b2c3d"),
        File("talk.md", "# Talk", "text/markdown"),
        Actions((STOP, ANEW)),
    )  # fmt: skip
    payload = rendered(*every, live=True)
    check(payload)
    kinds = [block["type"] for block in payload["blocks"]]
    assert kinds == ["section", "context", "markdown", "markdown", "markdown", "section", "actions"]
    assert payload["files"] == {"talk.md": "# Talk"}
    assert payload["status"] == "Transcript (1 of 2) …"
    assert payload["stream"].startswith("**[A talk](https://youtu.be/video000001)**")
    assert "Transcript" not in payload["stream"]
    assert payload["text"].startswith("*A talk*")
    assert "*Summary*" in payload["text"]
    assert "](" not in payload["text"]


def test_a_page_of_nothing_is_something() -> None:
    for block in (Answer("", live=True), Actions(()), Notice("")):
        check(rendered(block))


def test_a_title_as_long_as_it_gets_has_room() -> None:
    card = VideoCard(
        "v", "&<>" * 5000, "https://youtu.be/v", 1.0, "&" * 900, "&" * 900, ("&",) * 90
    )
    check(rendered(card))


def test_only_pictures_of_youtube_are_shown_and_they_can_be_left_out() -> None:
    shown = rendered(CARD)["blocks"]
    assert shown[0]["accessory"]["image_url"] == CARD.thumbnail
    assert "accessory" not in without_pictures(shown)[0]
    other = VideoCard("v", "t", None, 1.0, "", "c", thumbnail="https://evil.example/i.jpg")
    assert "accessory" not in rendered(other)["blocks"][0]


def test_buttons_are_no_more_and_no_longer_than_slack_takes() -> None:
    many = tuple(Button(f"v1:type:{n}", "x" * 200) for n in range(40))
    made = actions(many, value="1.2")
    check_blocks([made])
    assert len(made["elements"]) == 25
    assert made["elements"][0]["value"] == "1.2"


TEXTS = st.text(st.sampled_from([*"ab <>&@!#*_`|[]()\n.😀字"]), max_size=60)


@given(st.lists(TEXTS, max_size=6), st.booleans())
def test_what_is_divided_fits_on_slacks_pages(texts: list[str], live: bool) -> None:
    kinds = list(AnalysisType)
    blocks = tuple(
        Section(kinds[n], text * 400, live=live and n == len(texts) - 1)
        for n, text in enumerate(texts)
    )
    reply = Reply("r1", (CARD, *blocks, Actions((STOP,))), live)
    for page in divide(reply, LIMITS):
        check(render(page))


@given(TEXTS, st.integers(0, 60))
def test_the_text_of_a_stream_only_grows(text: str, cut: int) -> None:
    """Whatever is neutralised, nothing has to be taken back."""
    assert neutral(text).startswith(neutral(text[:cut]))
    sections = [Section(AnalysisType.SUMMARY, part, live=True) for part in (text[:cut], text)]
    grown = [rendered(CARD, section, live=True)["stream"] for section in sections]
    assert measure(sections[0]) <= measure(sections[1])
    assert grown[1].startswith(grown[0])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0BOT> <https://youtu.be/abc|youtu.be> why?", "https://youtu.be/abc why?"),
        ("ask <@U2|bob> in <#C1|talks> &amp; tell <!here>", "ask @bob in <#C1|talks> & tell @here"),
        ("1 &lt; 2 &gt; 0", "1 < 2 > 0"),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("<@U0BOT>", ""),
    ],
)
def test_what_people_write_is_read_as_plain_text(written: str, read: str) -> None:
    assert plain(written, "U0BOT") == read


def test_channels_of_our_own_sentences_stay_links() -> None:
    assert linked(escaped("Ask in <#C0TALKS>, not <!channel>.")).startswith("Ask in <#C0TALKS>")
    assert pings_in(linked(escaped("<!channel> <@U1>")), []) == []
