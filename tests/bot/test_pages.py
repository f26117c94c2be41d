"""Replies become pages: nothing is torn, nothing is lost, and what is shown stays where it is."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidthread.pages import divide
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    Button,
    File,
    Limits,
    Notice,
    Page,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from youtube_analysis.models.analysis import AnalysisType

CARD = VideoCard("abcdefghijk", "A talk", None, 60.0, "by A", "Read 1:00 of 1:00.")
STOP = Actions((Button("v1:stop:1", "Stop"),))
EXPORT = File("talk.md", "x" * 9000, "text/markdown")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def measure(block: Block, count: Callable[[str], int] = len) -> int:
    """As a platform does: a heading above a section, a line for what is live."""
    match block:
        case Section(type, text, live):
            return count(f"## {type}\n{text}") + (2 if live else 0)
        case Answer(text, live):
            return count(text) + (2 if live else 0)
        case Notice(text) | Progress(text):
            return count(text)
        case VideoCard():
            return 200
        case File() | Actions():
            return 0


def limits(characters: int, count: Callable[[str], int] = len) -> Limits:
    return Limits(characters, lambda block: measure(block, count))


def answer(text: str, characters: int, *, live: bool = False) -> tuple[Page, ...]:
    return divide(Reply("r", (Answer(text, live=live),), live=live), limits(characters))


def texts(pages: tuple[Page, ...]) -> list[str]:
    return [
        block.text for page in pages for block in page.blocks if isinstance(block, Answer | Section)
    ]


def words(start: int, count: int, word: str = "word") -> str:
    return " ".join(f"{word}{number}" for number in range(start, start + count))


# --- pages ---


def test_a_reply_with_nothing_in_it_is_one_empty_page() -> None:
    (page,) = divide(Reply("r", (), live=True, to="m"), limits(500))
    assert page == Page("r", 0, (), live=True, to="m")


def test_what_fits_is_one_page_as_it_is() -> None:
    blocks = (CARD, Section(AnalysisType.SUMMARY, " a\n\n\nb \n", live=False), STOP, EXPORT)
    (page,) = divide(Reply("r", blocks, live=False), limits(500))
    assert page.blocks == blocks
    assert not page.live


def test_only_the_end_of_what_grows_is_live() -> None:
    section = Section(AnalysisType.SUMMARY, f"{words(0, 40)}. " * 4, live=True)
    progress, done = Progress("Key Moments"), Notice("Read.")
    reply = Reply("r", (CARD, done, section, progress, STOP), live=True, to="m")
    pages = divide(reply, limits(500))
    assert [page.live for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [page.number for page in pages] == list(range(len(pages)))
    pieces = [block for page in pages for block in page.blocks if isinstance(block, Section)]
    assert [piece.live for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert {piece.key for piece in pieces} == {section.key}
    assert pages[-1].blocks[-2:] == (progress, STOP)


def test_progress_above_a_growing_text_moves_to_the_last_page() -> None:
    progress = Progress("Writing", 1, 3)
    blocks = (CARD, progress, Answer(f"{words(0, 60)}. " * 3, live=True), STOP)
    pages = divide(Reply("r", blocks, live=True), limits(500))
    assert len(pages) > 1
    assert pages[-1].blocks[0] == progress
    assert isinstance(pages[-1].blocks[1], Answer)
    assert not any(isinstance(block, Progress) for page in pages[:-1] for block in page.blocks)


def test_progress_without_room_has_a_page_and_the_text_stays_live() -> None:
    blocks = (Answer("x" * 480, live=True), Progress("p" * 100), STOP)
    first, second = divide(Reply("r", blocks, live=True), limits(500))
    assert (first.live, second.live) == (True, True)
    assert second.blocks == blocks[1:]


def test_a_page_that_is_almost_full_is_left_as_it_is() -> None:
    first, second = Answer("a" * 400, live=False), Notice("Some words. " * 20)
    pages = divide(Reply("r", (first, second), live=False), limits(500))
    assert [page.blocks for page in pages] == [(first,), (second,)]


def test_a_card_too_large_for_any_page_has_one_to_itself() -> None:
    pages = divide(Reply("r", (Notice("a"), CARD, Notice("b")), live=False), limits(100))
    assert [page.blocks for page in pages] == [(Notice("a"),), (CARD,), (Notice("b"),)]


def test_a_notice_is_divided_too() -> None:
    notice = Notice(f"{words(0, 50)}. " * 3, failure=True, reference="f00")
    pages = divide(Reply("r", (notice,), live=False), limits(300))
    assert len(pages) > 2
    assert all(
        isinstance(block, Notice) and block.failure and block.reference == "f00"
        for page in pages
        for block in page.blocks
    )


def test_nothing_fits_and_still_it_ends() -> None:
    section = Section(AnalysisType.SUMMARY, "abc " * 50, live=False)
    (page,) = divide(Reply("r", (section,), live=False), limits(5))
    assert page.blocks == (section,)


# --- cuts ---

W = words(0, 20)  # 129 characters
V = words(20, 12, "other")  # 95 characters
CUTS = [
    ("a blank line", f"{W}\n\n{W}", [W, W]),
    ("blank lines", f"{W}\n \n\n\n{W}", [W, W]),
    ("a line", f"{W}\n\n{W}\n{W}", [W, W, W]),
    ("a heading", f"{W}\n## B\n{W}", [W, f"## B\n{W}"]),
    ("a heading, not behind it", f"{W}\n\n## B\n\n{W}", [W, f"## B\n\n{W}"]),
    ("a heading in bold", f"{W}\n\n**B**\n\n{W}", [W, f"**B**\n\n{W}"]),
    ("a list item", f"- {W}\n- {W}", [f"- {W}", f"- {W}"]),
    ("a nested item", f"- {W}\n  - {W}", [f"- {W}", f"  - {W}"]),
    ("a deeply nested item", f"- {W}\n    - {W}", [f"- {W}", f"- {W}"]),
    ("a sentence", f"{W}. {W.title()}.", [f"{W}.", f"{W.title()}."]),
    ("a sentence in quotes", f"“{W}.” {W.title()}.", [f"“{W}.”", f"{W.title()}."]),
    (
        "a sentence without a space",
        f"{'字' * 150}。{'字' * 99}。",
        [f"{'字' * 150}。", f"{'字' * 99}。"],
    ),
    (
        "no citation",
        f"{W}. {V.title()}. [1:16](https://youtu.be/x?t=76)",
        [f"{W}.", f"{V.title()}. [1:16](https://youtu.be/x?t=76)"],
    ),
    ("a clause", f"{W}{W[:40]}, {V}", [f"{W}{W[:40]},", V]),
    ("a space", f"{W} {V}", [f"{W} {words(20, 8, 'other')}", words(28, 4, "other")]),
    (
        "no dash that would make a list",
        f"{W} {V[:68]} - {V[:90]}",
        [f"{W} {V[:63]}", f"{V[64:68]} - {V[:90]}"],
    ),
    (
        "no number that would make a list",
        f"{W} {V[:68]} 1. {V[:90]}",
        [f"{W} {V[:63]}", f"{V[64:68]} 1. {V[:90]}"],
    ),
    ("graphemes", "👩‍👩‍👧‍👦" * 40, ["👩‍👩‍👧‍👦" * 28, "👩‍👩‍👧‍👦" * 12]),
    ("flags", "🇩🇪" * 150, ["🇩🇪" * 100, "🇩🇪" * 50]),
    ("letters with marks", "xe\u0301" * 80, ["xe\u0301" * 66 + "x", "e\u0301" + "xe\u0301" * 13]),
    ("a fence", f"```py\n{W}\n{W}\n```\nend", [f"```py\n{W}\n```", f"```py\n{W}\n```\nend"]),
    ("the line before a fence", f"{W}\n```\n{W}\n```", [W, f"```\n{W}\n```"]),
    ("the end of a fence", f"```\n{W}\n{'x' * 62}\n```\n{V}", [f"```\n{W}\n{'x' * 62}\n```", V]),
    (
        "code without lines",
        f"```\n{'x' * 300}\n```",
        [f"```\n{'x' * 194}\n```", f"```\n{'x' * 106}\n```"],
    ),
    (
        "a fence in a list",
        f"- ```py\n  {W}\n  {W}\n  ```",
        [f"- ```py\n  {W}\n  ```", f"  ```py\n  {W}\n  ```"],
    ),
    ("a fence in a quotation", f"> ~~~\n> {W}\n> {W}\n> ~~~", [f"> ~~~\n> {W}\n> ~~~"] * 2),
    (
        "a table",
        f"| a | b |\n|---|---|\n| {W} | 1 |\n| {W} | 2 |",
        [f"| a | b |\n|---|---|\n| {W} | 1 |", f"| a | b |\n|---|---|\n| {W} | 2 |"],
    ),
    ("the line behind a table", f"| a |\n|---|\n| {W} |\n{V}", [f"| a |\n|---|\n| {W} |", V]),
    ("bold that no page holds", f"**{W} {W}**", [f"**{W} {words(0, 11)}", f"{words(11, 9)}**"]),
    ("no bold", f"{W} **{V}**", [W, f"**{V}**"]),
    (
        "no bold behind a sentence",
        f"{'字' * 190}。**{'字' * 40}。**",
        [f"{'字' * 190}。", f"**{'字' * 40}。**"],
    ),
    ("no bold within a line", f"- {W} **x**\n- **{V}**", [f"- {W} **x**", f"- **{V}**"]),
    ("a quotation", f"> {W} {W}", [f"> {W} {words(0, 11)}", f"> {words(11, 9)}"]),
    ("no code", f"{W} x `{V}`", [f"{W} x", f"`{V}`"]),
    ("no link", f"{W} x [{V}](https://a.b/c)", [f"{W} x", f"[{V}](https://a.b/c)"]),
    (
        "no links side by side",
        f"{W} x [a](https://a.b)[{V}](c)",
        [f"{W} x", f"[a](https://a.b)[{V}](c)"],
    ),
    ("no address", f"{W} x https://a.b/{'c' * 80}", [f"{W} x", f"https://a.b/{'c' * 80}"]),
    ("no mark of a list", f"- {'x' * 300}", [f"- {'x' * 198}", "x" * 102]),
    ("no escape", f"{'x' * 199}\\<{'y' * 50}", ["x" * 199, f"\\<{'y' * 50}"]),
    ("no entity", f"{'x' * 197}&amp;{'y' * 50}", ["x" * 197, f"&amp;{'y' * 50}"]),
    (
        "a link too long for a page",
        f"[a](https://a.b/{'c' * 250})",
        [f"[a](https://a.b/{'c' * 184}", f"{'c' * 66})"],
    ),
]


@pytest.mark.parametrize(("text", "pieces"), [row[1:] for row in CUTS], ids=[r[0] for r in CUTS])
def test_it_is_cut_at(text: str, pieces: list[str]) -> None:
    assert texts(answer(text, 202)) == pieces


# --- any text ---


class Writer:
    """Markdown of strangers; every word and every mark in it stands there once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.numbers = itertools.count(100_000)
        self.whole: list[str] = []  # what must not be torn

    def text(self, length: int) -> str:
        text = ""
        while len(text) < length:
            kind = self.chance.choice((*"ppplllohtfqxb",))
            # Two tables in a row are one, and a lone ` begins code.
            apart = "\n\n" if kind in "tx" else self.chance.choice(("\n\n", "\n", "\n\n\n"))
            text = f"{text.rstrip()}\n\n" if kind == "t" else text
            text += getattr(self, f"_{kind}")() + apart
        return text[: len(text) if self.chance.random() < 0.5 else length].rstrip()

    def _keep(self, text: str) -> str:
        self.whole.append(text)
        return text

    def _word(self) -> str:
        n = next(self.numbers)
        return self._keep(
            self.chance.choice((f"w{n}", f"Wort{n}ö", f"字{n}字", f"👩‍👩‍👧{n}", f"e\u0301{n}"))
        )

    def _mark(self) -> str:
        n = next(self.numbers)
        forms = (
            f"[{n}](https://youtu.be/abcdefghijk?t={n})",
            f"[a{n} [b] c](https://a.b/c_(d)_{n})[d{n}](https://e.f)",
            f"[{n}:16]",
            f"https://a.b/{n}?c=d_e",
            f"<https://a.b/{n}>",
            f"`code {n}, code. Code`",
            f"``a ` b {n}``",
            f"\\<{n}",
            f"\\*{n}",
            f"{n}&amp;{n}",
            f"&#{n};",
        )
        return self._keep(self.chance.choice(forms))

    def _words(self, most: int = 60) -> str:
        parts = []
        for _ in range(self.chance.randint(1, most)):
            part = self._mark() if self.chance.random() < 0.12 else self._word()
            parts.append(part + self.chance.choice(("", "", "", "", ",", ".", "。", "?")))
        return " ".join(parts)

    def _p(self) -> str:
        return self._words()

    def _b(self) -> str:
        return f"{self._words(9)} **{self._words(30)}** {self._words(9)} _{self._words(9)}_"

    def _l(self) -> str:
        return "\n".join(
            f"{self.chance.choice(('', '', '  '))}- {self._words(25)}" for _ in range(6)
        )

    def _o(self) -> str:
        return "\n".join(f"{n}. {self._words(25)}" for n in range(1, 6))

    def _h(self) -> str:
        return self.chance.choice((f"## {self._words(5)}", f"**H{next(self.numbers)}**"))

    def _t(self) -> str:
        rows = [f"| {self._word()} | {self._mark()} |" for _ in range(self.chance.randint(1, 15))]
        return "\n".join(["| head | head |", "|:--|---|", *map(self._keep, rows)])

    def _f(self) -> str:
        lines = [f"  c{next(self.numbers)} = **1" for _ in range(self.chance.randint(1, 25))]
        return "\n".join(["```py", *map(self._keep, lines), "```"])

    def _q(self) -> str:
        return f"> {self._words(50)}"

    def _x(self) -> str:
        return self.chance.choice(
            ("**", "[", "`", "* * *", "a * b", "||", "<", "&", "\\", "![", "](", "|")
        )


def plain(text: str) -> str:
    """Without what may be repeated, or left out at a cut."""
    text = re.sub(r"^[ >]*(?:```|~~~).*$|^\| head.*\n.*$|^ *> ?", "", text, flags=re.MULTILINE)
    return re.sub(r"[\s*_|~`]|\|\|", "", text)


MEASURES = [
    pytest.param(count, size, id=f"{size} {count.__name__}")
    for count in (len, utf16)
    for size in (500, 2000, 3000, 12000)
]


@pytest.mark.parametrize(("count", "size"), MEASURES)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**9), live=st.booleans())
def test_markdown_is_kept(count: Callable[[str], int], size: int, seed: int, live: bool) -> None:
    writer = Writer(random.Random(seed))
    text = writer.text(size * 3)
    section = Section(AnalysisType.SUMMARY, text, live=live)
    held = limits(size, count)
    pages = divide(Reply("r", (CARD, section, STOP), live=live), held)
    for page in pages:
        assert sum(map(held.measure, page.blocks)) <= size
    pieces = texts(pages)
    assert plain("".join(f"{piece}\n" for piece in pieces)) == plain(f"{text}\n")
    for whole in writer.whole:
        if whole in text:
            assert sum(whole in piece for piece in pieces) == 1, whole
    for piece in pieces[:-1]:
        check_end(piece)
    check_tables(pieces)


def check_end(piece: str) -> None:
    assert piece == piece.rstrip()
    lines = piece.splitlines()
    assert len([line for line in lines if line.startswith("```")]) % 2 == 0
    assert not re.fullmatch(
        r"#+ .*|\*\*H\d+\*\*|\| head.*|\|:--.*|[ >]*(?:-|\d+\.|```py)", lines[-1]
    )


def check_tables(pieces: list[str]) -> None:
    """Whatever is a row of a table has its header above it on the same page."""
    for piece in pieces:
        for before, line in itertools.pairwise(["", *piece.splitlines()]):
            if line.startswith("| ") and not line.startswith("| head") and line.endswith("|"):
                assert before.startswith("|")


@pytest.mark.parametrize("size", [300, 500])
@settings(max_examples=6)
@given(seed=st.integers(0, 10**9))
def test_pages_stay_while_a_text_grows(size: int, seed: int) -> None:
    """Once a page has a successor with text, it never changes again."""
    chance = random.Random(seed)
    text = Writer(chance).text(size * 4)
    shown: list[str] = []
    ends = [*itertools.accumulate(chance.choices((1, 1, 2, 3, 7, 30), k=len(text)))]
    for end in [*(end for end in ends if end < len(text)), len(text)]:
        section = Section(AnalysisType.SUMMARY, text[:end], live=True)
        pages = divide(Reply("r", (CARD, section, Progress("p")), live=True), limits(size))
        pieces = texts(pages)
        settled = min(len(shown), len(pieces)) - 1
        assert pieces[:settled] == shown[:settled]
        assert len(pieces) >= len(shown) - 1
        shown = pieces if len(pieces) >= len(shown) else [*pieces, shown[-1]]
    final = Section(AnalysisType.SUMMARY, text, live=False)
    assert texts(divide(Reply("r", (CARD, final), live=False), limits(size))) == pieces


@settings(max_examples=300)
@given(
    st.lists(
        st.text(alphabet="ab. \n#|-*_`~[]()<>&;\\!>:1字é👩\u200d\u0301\ud83d🇩", max_size=400)
        | st.sampled_from(["\n\n", "```\n", "| a |\n|--|\n", "**", "[a](https://b.c)", "- "]),
        max_size=6,
    ).map("".join),
    st.sampled_from([30, 50, 100]),
    st.booleans(),
)
def test_anything_is_divided_within_the_limits(text: str, size: int, live: bool) -> None:
    pages = answer(text, size, live=live)
    assert all(measure(block) <= size for page in pages for block in page.blocks)
    letters = re.sub(r"[^ab字é👩:]", "", text)
    assert re.sub(r"[^ab字é👩:]", "", "".join(texts(pages))).count(":") >= letters.count(":")


TALKS = {
    "paragraphs": f"{words(0, 60)}.\n\n" * 130,
    "lines": f"- **{words(0, 3)}**: {words(0, 12)} [1:16](https://youtu.be/x?t=76)\n" * 350,
    "one line": f"{words(0, 9)} " * 900,
    "no spaces": "語" * 60_000,
    "emoji": "👩‍👩‍👧‍👦" * 8600,
    "code": "```py\n" + "x = 1\n" * 10_000 + "```",
    "one line of code": "```py\n" + "x = 1;" * 10_000 + "```",
    "a table": "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 6000,
    "open brackets": "[" * 60_000,
    "open stars": "*a " * 20_000,
    "backticks": "`a``b" * 12_000,
    "line breaks": "a\n" * 30_000,
    "what is no table": "a | b\n" * 10_000,
}


@pytest.mark.parametrize("text", TALKS.values(), ids=TALKS)
def test_a_long_text_is_measured_in_proportion(text: str) -> None:
    """Each page takes a few looks at about a page, however much comes behind it."""
    seen: list[int] = []

    def measured(block: Block) -> int:
        seen.append(len(block.text) if isinstance(block, Answer) else 0)
        return measure(block)

    reply = Reply("r", (Answer(text, live=True),), live=True)
    pages = divide(reply, Limits(2000, measured))
    assert len(pages) <= len(text) // 700
    assert len(seen) <= 8 * len(pages)
    assert sum(seen) <= 16_000 * len(pages)
