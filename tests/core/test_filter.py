"""The filter that a model's text passes while it streams: what may be seen, however it is cut."""

import random
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talks import talk_of
from youtube_analysis.checking.filter import HELD, MARK, StreamFilter
from youtube_analysis.passages.transcript import Transcript, split_into_passages

READING = split_into_passages(
    talk_of(
        *(
            f"Sentence number {n} speaks at length of crane {n} in the harbour." * 2
            for n in range(9)
        ),
        "The train to Warsaw leaves at 10:30 in the morning, and John 3:16 is read.",
    )
)


def passed(text: str, sizes: Iterator[int] | None = None, reading: Transcript = READING) -> str:
    """What leaves the filter of a text in pieces of these sizes (else in one)."""
    made = StreamFilter(reading)
    given_out = ""
    while sizes and text:
        size = next(sizes)
        given_out += made.feed(text[:size])
        text = text[size:]
    given_out += made.feed(text) + made.close()
    assert given_out == made.shown
    return given_out


@pytest.mark.parametrize(
    "written",
    [
        *("[1]", "[ 1 ]", "[cite: 1]", "[citation:1]", "【1】", "［1］", "[^1]", "(passage 1)"),
        *("[passage 1]", "[Passages 1]", "[#1]", "【1†source】", "[p. 1]", "[source 1]"),
        *("[ref 1]", "[Ref. 1]", r"\[1\]", r"\[ref 1\]", r"\[ 1 \]"),
        *("[1](https://youtu.be/x?t=4)", "[1] 0:06", "[1](#1)"),
        *("[1: 0:06]", "[1, 0:06–0:12]", "[Passage 1, 1:00:06]", "[1 @ 0:06]", "[1 (0:06)]"),
        *("[^1^]", "[1.]", "[1,]", "【1, 0:06】"),
    ],
)
def test_a_citation_may_be_written_in_many_ways(written: str) -> None:
    assert passed(f"Yes {written}").rstrip() == "Yes [1]"


@pytest.mark.parametrize(
    ("written", "cited"),
    [
        ("[1, 2]", "[1][2]"),
        ("[1-3]", "[1][2][3]"),
        ("[1][2]", "[1][2]"),
        ("[2 and 4; 5]", "[2][4][5]"),
        ("[1, 99]", "[1]"),
        ("[1, 3, 0:06]", "[1][3]"),
        ("[1-2; 0:06 - 0:12]", "[1][2]"),
        ("[1-999999]", "".join(f"[{n}]" for n in range(1, len(READING.passages) + 1))),
    ],
)
def test_several_passages_in_one_citation(written: str, cited: str) -> None:
    assert passed(f"Yes {written} so") == f"Yes {cited} so"


def test_numbers_without_a_passage_never_pass() -> None:
    assert passed("Nonsense [77]. More [0], and [99999] more.") == "Nonsense. More, and more."


@pytest.mark.parametrize(
    "text",
    [
        "It isn't the workers' fault, don't you think, in the '90s and '80s?",
        "A ratio of 3:1 at 16:9, in chapter 4: done. See 1. and 2) of it (both).",
        "He met Anna (the CEO) – 12,500 € for 3.5 % of it, on 2024-05-01; e.g. v1.2.",
        "Use `git push` and a*b, x < 5 > 3, #tag & more: [x] done, a[0], f(x).",
        "Node.js and U.S. troops. Done.Then again, and/or not; 10.12.2024.",
        "It leaves at 10:30, you know, and John 3:16 was read (30 minutes).",
        '“Quotes” stay, "as" they «are»; R&D, \\[x\\] and 5\'10.',
        "Ünïcödé, 日本語の文章、और हिन्दी, بالعربية 👍🏽 می‌خواهم.",
        "- one\n  - two\n\n1. three\n\n### Four\n\n**Five:** six",
    ],
)
def test_ordinary_words_pass_as_they_are(text: str) -> None:
    assert passed(text) == text


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("[more](https://evil.example) of", "more of"),
        ("![p](http://evil.example/x) of", "p of"),
        ("[![a](http://b.com)](http://c.com)", "a"),
        ("[a](javascript:alert)", "a"),
        ("see https://evil.example/a?b=c, ok", "see `evil.example/a?b=c`, ok"),
        ("go to evil.example/login or t.me/x now", "go to `evil.example/login` or `t.me/x` now"),
        (
            "from EVIL.technology, evil.vip:81, evil.is",
            "from `EVIL.technology`, `evil.vip:81`, `evil.is`",
        ),
        ("_evil.com_ and __ev_il.com__/x", "_`evil.com`_ and __`ev_il.com`__/x"),
        (
            "//evil.com xn--e1afmkfd.xn--p1ai пример.рф",
            "`//evil.com` `xn--e1afmkfd.xn--p1ai` `пример.рф`",
        ),
        ("write to me.you+x@evil.example now", "write to `me.you+x@evil.example` now"),
        (
            "at 93.184.216.34/login, www.evil or www.a.bc",
            "at `93.184.216.34/login`, `www.evil` or `www.a.bc`",
        ),
        ("see `evil.com`.", "see `evil.com`."),
        ("`a`evil.com", "`a`evil.\u200bcom"),
        ("a ` b evil.com/x c", "a ` b evil.\u200bcom/x c"),
        ("`get evil.com/x` it", "`get evil.\u200bcom/x` it"),
        ("evil.com`", "evil.\u200bcom`"),
        ("at www.example.com.", "at `www.example.com`."),
        ("<script>x</script>", "\\<script>x\\</script>"),
        ("<@123> <!channel> @everyone", "\\<@123> \\<!channel> @\u200beveryone"),
        ("```py\nprint(1)\n```\nend", "\nprint(1)\n\nend"),
        ("So:\n```markdown\n# A\n```", "So:\n\n# A\n"),
        ("~~~ text", "text"),
        ("```x``` it", "x it"),
        ("[x][99](http://evil.com) y", "[x] y"),
        ("[1](the second one)", "[1] (the second one)"),
        (f"Lies. {MARK}", "Lies. Not found in the video"),
        ("R&amp;D &#91;9&#58;59&#93;", "R&D & #91;9& #58;59& #93;"),
        ("[9\\:59] x", "x"),
        ("All [[999]998] of it [http://99] [[[12:34]99]", "All of it "),
        ("Use `arr[1]` and `names[2]`, [1].", "Use arr\\[1\\] and names\\[2\\], [1]."),
        ("items[0] is one", "items[0] is one"),
        ("- **[1]:** one", "- **[1]:** one"),
        ("[x]: http://evil.com", "[x] : `evil.com`"),
        ("a\u202eb\u200bc\u2066d", "abcd"),
    ],
)
def test_links_tags_and_calls_lose_their_effect(written: str, visible: str) -> None:
    assert passed(written) == visible


@pytest.mark.parametrize(
    ("written", "visible"),
    [
        ("At 12:34 he goes.", "At he goes."),
        ("He goes (12:34) now.", "He goes now."),
        ("He goes [1:02:03] now.", "He goes now."),
        ("He goes 2:10–2:40 now.", "He goes now."),
        ("It leaves at 10:30.", "It leaves at 10:30."),
        ("- 9:59: The company ends.", "- : The company ends."),
        ("At 9:59:30: x", "At : x"),
    ],
)
def test_a_clock_time_stays_only_where_the_talk_says_it(written: str, visible: str) -> None:
    assert passed(written) == visible


@pytest.mark.parametrize("written", ["[none] It is silent.", "\n**[None]** It is silent."])
def test_who_begins_so_says_that_the_video_does_not_tell(written: str) -> None:
    made = StreamFilter(READING)
    made.feed(written)
    made.close()
    assert made.unanswered
    assert "none" not in made.shown.casefold()


def test_elsewhere_that_marker_means_nothing() -> None:
    made = StreamFilter(READING)
    text = made.feed("Cranes lift. [1] [none] And more. [none]") + made.close()
    assert not made.unanswered
    assert text.rstrip() == "Cranes lift. [1] And more."


PIECES = [
    *(
        "word ",
        "word",
        " ",
        "\n",
        "[1]",
        "[9]",
        "[",
        "]",
        "(",
        ")",
        "](",
        "](http://a.b)",
        "[none]",
    ),
    *(
        "http",
        "://x.y/z",
        "evil.com",
        "/path",
        "<",
        ">",
        "<b",
        "@here",
        "@",
        "12:34",
        "10:30",
        "0:",
    ),
    *(
        "【",
        "】",
        "†",
        "［2］",
        "(passage 1)",
        "cite: ",
        "1-3",
        "**",
        "`",
        "```",
        "&#60;",
        "\u202e",
    ),
    *("日本語", "。", "“quote” ", "'", '"', "javascript:", "data:", "long words go on " * 5),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.integers(0, 10**6))
def test_the_chunks_never_matter(pieces: list[str], seed: int) -> None:
    text, chance = "".join(pieces), random.Random(seed)
    whole = passed(text)
    assert passed(text, iter(lambda: chance.choice((1, 2, 3, 7, 40)), 0)) == whole
    assert_harmless(whole)


@given(st.text(max_size=400), st.integers(1, 9))
def test_no_text_is_cut_differently_or_harmful(text: str, size: int) -> None:
    whole = passed(text)
    assert passed(text, iter(lambda: size, 0)) == whole
    assert_harmless(whole)


def assert_harmless(text: str) -> None:
    assert not re.search(r"\]\(", text)
    assert "://" not in re.sub(r"`[^`]*`", "", text)
    assert not re.search(r"(?<!\\)<[A-Za-z/!@#]", text)
    assert all(1 <= int(n) <= len(READING.passages) for n in re.findall(r"\[(\d{1,6})\]", text))


def test_what_has_begun_is_waited_for_a_while_only() -> None:
    for opened in ("[", "(", "<", "【", "[label](", "x" * 50):
        made = StreamFilter(READING)
        made.feed(opened)
        late = "".join(made.feed("word ") for _ in range(HELD // 4))
        assert len(late) >= HELD // 5, opened


@pytest.mark.parametrize("piece", ["[", "(((word ", "http://a.b/", "a.", "[1]", "<", "a", "1:23 "])
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        text, began = piece * (length // len(piece)), time.thread_time()
        passed(text, iter(lambda: 4, 0))
        return time.thread_time() - began

    seconds(2_000)
    assert seconds(64_000) < 3 * 8 * seconds(8_000)
