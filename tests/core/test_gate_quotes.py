"""Quotes in front of the gate: marks of all scripts stand only around what is said."""

import re

import pytest

from gates import MOON, gate, shown
from talks import talk_of
from youtube_analysis.checking.gate import CitationGate
from youtube_analysis.checking.marks import LEGEND, MARK
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.passages.reading import read_passages


@pytest.mark.parametrize(
    "quote",
    [
        "“It was built in Gdansk.”",
        '"it was BUILT, in Gdansk"',
        "«It was built»",
        "„It was built“",
        "»It was built«",
        "「It was built」",
        "‘It was built’",
        "'It was built'",
        "“The crane … in Gdansk”",
        "“The crane […] in Gdansk”",
        "“Nobody knows why it is always late”",
        "“**Nobody** knows why”",
        "“Cranes and trains”",
    ],
)
def test_a_quote_of_what_is_said_or_of_the_title_keeps_its_marks(quote: str) -> None:
    assert shown(f"So: {quote}.") == f"So: {quote}."


@pytest.mark.parametrize(
    "quote",
    [
        *(f"{pair[0]}{MOON}{pair[1]}" for pair in (
            "“”", '""', "„“", "„”", "‟”", "”“", "””", "＂＂", "❝❞", "〝〟", "〝〞", "🙶🙷", "ʺʺ",
            "״״", "″″",
            "«»", "»«", "»»", "‹›", "›‹", "❮❯", "「」", "『』", "｢｣", "﹁﹂", "﹃﹄", "⹂”", "˝˝",
            "‘’", "‚‘", "‛’", "''", "’’", "´´", "`´", "`'", "ʻʼ", "❛❜", "＇＇", "′′", "׳׳", "՚՚",
        )),
        *(f"{opener}{MOON}{closer}" for opener, closer in (
            ("``", "''"), ("''", "''"), (",,", "''"), ("‘‘", "’’"), ('""', '""'), ('"""', '"""'),
            ("<<", ">>"), ("‹<", ">›"), ("« ", " »"), ("' ", " '"), ("' ", "'"), ("'**", "**'"),
            ("“*", "*”"),
            ('\\"', '\\"'), ("&quot;", "&quot;"), ("&amp;ldquo;", "&rdquo;"),
            ("“\u200b", "\u2060”"),
            ("'\ufe0f", "'"), ("'Til then ", "'"), ("'90 people said ", "'"), ("“”“", "”"),
        )),
        "“It was built in the city of Gdansk”",
        "“in Gdansk … The crane lifts” of course",
        "“The crane ⓝⓞⓣ lifts forty tonnes”",
        "“The crane lifts ≠ forty tonnes”",
        "“The crane ~~lifts~~ forty tonnes”",
        "“The crane lifts $forty tonnes”",
        "“The crane lifts -40 forty tonnes”",
        "“The crane [moon 1] lifts forty tonnes”",
        "‘月亮是绿色奶酪做的而且很大’",
        "'달은 초록색 치즈로 만들어졌다'라고",
        "הוא ה\"ירח עשוי מגבינה ירוקה\"",
        f"“{MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON} {MOON}”",
    ],
)  # fmt: skip
def test_an_invented_quote_is_never_seen(quote: str) -> None:
    made = gate(f"He says {quote} [1] and goes.")
    assert "[…]" in made.shown
    assert not re.search("moon|ⓝ|≠|\\$|~|-40|city|月|달|ירח|of course”", made.shown), made.shown
    assert made.citations == ()
    assert MARK in made.marked()
    assert made.marked().endswith(LEGEND)


@pytest.mark.parametrize("opener", [*"'‘’‚‛´`ʻʼ❛＇", "''", "``", ",,", "<<", '""', "“”"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_may_be_a_quote_too_long_to_be_awaited_does_not_open_one(
    opener: str, size: int
) -> None:
    closer = {"“”": "“”", "<<": ">>"}.get(opener, "’" * len(opener))
    shown = gate(f"He says {opener}{f'{MOON} ' * 9}moon{closer} and goes.", size=size).shown
    assert shown.startswith(f"He says {MOON}")


@pytest.mark.parametrize("mark", ["《》", "〈〉", "⟪⟫"])
def test_a_title_loses_its_marks_only(mark: str) -> None:
    assert shown(f"He reads {mark[0]}{MOON}{mark[1]}.") == f"He reads {MOON}."


def test_marks_within_a_proved_quote_open_no_other() -> None:
    assert shown(f'“It was ‘built’ in Gdansk”, “The crane "lifts” {MOON}" ’tis') == (
        f"“It was ‘built’ in Gdansk”, “The crane lifts” {MOON} ’tis"
    )


EMPTY = 'Set the name to "" and the crane ' + "lifts what it can carry, as cranes do, " * 7


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        (EMPTY, EMPTY),
        ("«»" + "the " * 60, "the " * 60),
        ("x = '' and y = \"\" or «».", "x = '' and y = \"\" or «»."),
        ("“”", "“”"),
        ('""The crane lifts""', '"The crane lifts"'),
    ],
)
@pytest.mark.parametrize("size", [1, 10, 1000])
def test_an_empty_pair_of_marks_quotes_nothing(text: str, visible: str, size: int) -> None:
    assert gate(text, size=size).shown == visible


def test_a_term_in_quotes_that_nobody_says_loses_its_marks() -> None:
    assert shown("the “big crane” effect and 'moon cheese'") == (
        "the big crane effect and moon cheese"
    )


def test_inches_are_no_quotes() -> None:
    assert shown('A 5" pipe and a 6" pipe.') == "A 5″ pipe and a 6″ pipe."


def test_a_long_quote_is_shown_while_it_grows_and_ends_where_it_is_no_longer_true() -> None:
    lines = [f"Sentence number {n} is about crane {n} of the harbour." for n in range(30)]
    spoken = SpokenWords(read_passages(talk_of(*lines)))
    true = " ".join(lines)
    made = CitationGate(spoken)
    early = made.feed(f"“{true[:300]}")
    assert early.startswith("“Sentence number 0")
    assert len(early) > 250
    assert gate(f"“{true}” [1] end", spoken).shown.startswith(f"“{true}” [0:00]")
    false = f"“{true[:400]} and the moon is made of cheese” [1] end"
    visible = gate(false, spoken).shown
    assert "moon" not in visible
    assert visible.startswith(f"“{true[:250]}")
    assert "” […]" in visible
    assert visible.endswith(" end")
