"""The sentences that claims are measured with are what their kinds say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from claims_set import (
    FALSE_KINDS,
    FAR,
    FAR_SECONDS,
    TALKS,
    TRUE_KINDS,
    UNCITED,
    VERBATIM,
    Case,
    cited,
    load,
    mechanical,
    passage_number,
    words,
)
from youtube_analysis.captions import parse_captions
from youtube_analysis.models.video import Segment

COUNTS = {
    "changed number": 12,
    "changed name": 6,
    "swapped name": 6,
    "plain lie": 20,
    "uncited lie": 12,
    "cut quote": 10,
    "negation": 12,
    "reworded": 25,
    "translated": 12,
}
LANGUAGES = ["de", "es", "fr", "ru", "ja", "pt"]
QUOTED = re.compile("“([^”]+)”")
CAPITALISED = re.compile(r"\b[A-Z]\w+")
# Words in a row that a reworded sentence may not share with its talk.
COPIED = 4


@dataclass(frozen=True)
class Spoken:
    """A sentence of an invented talk."""

    text: str
    start: float
    end: float


@pytest.fixture(params=TALKS)
def talk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def segments(talk: str, request: pytest.FixtureRequest) -> tuple[Segment, ...]:
    """The captions of the talk; skips where the recordings are missing."""
    if talk != "sample":
        request.getfixturevalue("recordings")
    return parsed(talk)


@cache
def parsed(talk: str) -> tuple[Segment, ...]:
    captions = TALKS[talk]
    return tuple(parse_captions(captions.name, captions.read_bytes()).segments)


def of_kind(talk: str, kind: str) -> list[Case]:
    return [case for case in load(talk) if case.kind == kind]


def spaced(parts: list[str]) -> str:
    """Words with a space around each, so that only whole words are found."""
    return f" {' '.join(parts)} "


def speech(segments: tuple[Segment, ...]) -> str:
    """All words of the talk, spaced."""
    return spaced([word for segment in segments for word in words(segment.text)])


def invented(count: int, seconds: float) -> list[Spoken]:
    """So many different sentences of nine words, one every so many seconds."""
    return [
        Spoken(f"This is what they said about topic number {n}.", n * seconds, (n + 1) * seconds)
        for n in range(count)
    ]


def test_each_talk_has_so_many_sentences_of_each_kind(talk: str) -> None:
    cases = load(talk)
    assert Counter(case.kind for case in cases) == COUNTS
    assert len({case.text for case in cases}) == len(cases)
    assert {case.talk for case in cases} == {talk}


def test_each_kind_is_true_or_false() -> None:
    assert not TRUE_KINDS & FALSE_KINDS
    assert COUNTS.keys() <= TRUE_KINDS | FALSE_KINDS


def test_sentences_are_as_long_as_models_write_them(talk: str) -> None:
    lengths = [len(case.text.split()) for case in load(talk) if case.language != "ja"]
    assert min(lengths) >= 8
    assert max(lengths) <= 30


def test_no_sentence_holds_a_citation(talk: str) -> None:
    assert [case.text for case in load(talk) if "[" in case.text] == []


def test_only_uncited_lies_cite_nothing(talk: str) -> None:
    assert {case.kind for case in load(talk) if case.at is None} == {"uncited lie"}
    assert all(case.at is None for case in of_kind(talk, "uncited lie"))


def test_only_translations_are_not_english(talk: str) -> None:
    assert [case.language for case in of_kind(talk, "translated")] == LANGUAGES * 2
    assert {case.language for case in load(talk) if case.kind != "translated"} == {"en"}


def test_cited_seconds_lie_in_the_talk(talk: str, segments: tuple[Segment, ...]) -> None:
    begin, end = segments[0].start, segments[-1].start + segments[-1].duration
    assert [c for c in load(talk) if c.at is not None and not begin <= c.at <= end] == []


def test_pieces_of_cut_quotes_are_words_of_the_talk(
    talk: str, segments: tuple[Segment, ...]
) -> None:
    said = speech(segments)
    for case in of_kind(talk, "cut quote"):
        (quotation,) = QUOTED.findall(case.text)
        pieces = [words(piece) for piece in quotation.split("…")]
        assert len(pieces) > 1, quotation
        assert len(words(quotation)) < 25, quotation
        assert [piece for piece in pieces if not piece or spaced(piece) not in said] == []
        assert spaced(words(quotation)) not in said, quotation


def test_a_changed_name_is_not_spoken(talk: str, segments: tuple[Segment, ...]) -> None:
    said = set(speech(segments).split())
    for case in of_kind(talk, "changed name"):
        names = [name.casefold() for name in CAPITALISED.findall(case.text)]
        assert set(names) - said, case.text


def test_a_swapped_name_is_spoken_too(talk: str, segments: tuple[Segment, ...]) -> None:
    said = set(speech(segments).split())
    for case in of_kind(talk, "swapped name"):
        names = [name.casefold() for name in CAPITALISED.findall(case.text)]
        assert set(names) <= said, case.text


def test_reworded_sentences_copy_no_phrase(talk: str, segments: tuple[Segment, ...]) -> None:
    said = speech(segments)
    for case in of_kind(talk, "reworded"):
        own = words(case.text)
        runs = [own[n : n + COPIED] for n in range(len(own) - COPIED + 1)]
        assert [run for run in runs if spaced(run) in said] == []


def test_an_unknown_talk_has_no_sentences() -> None:
    with pytest.raises(FileNotFoundError):
        load("no-such-talk")


def test_verbatim_sentences_are_cited_at_their_own_start() -> None:
    starts = {sentence.text: sentence.start for sentence in invented(200, 10.0)}
    cases = mechanical(invented(200, 10.0), seed=1, talk="a talk", language="de")
    assert Counter(c.kind for c in cases) == {
        "verbatim": VERBATIM,
        "verbatim uncited": UNCITED,
        "far number": FAR,
    }
    assert {(c.talk, c.language) for c in cases} == {("a talk", "de")}
    assert all(c.at == starts[c.text] for c in cases if c.kind == "verbatim")
    assert all(c.at is None for c in cases if c.kind == "verbatim uncited")


def test_far_numbers_are_ten_minutes_away() -> None:
    starts = {sentence.text: sentence.start for sentence in invented(200, 10.0)}
    cases = [c for c in mechanical(invented(200, 10.0), seed=1) if c.kind == "far number"]
    assert all(c.at is not None and abs(c.at - starts[c.text]) >= FAR_SECONDS for c in cases)


def test_far_numbers_of_a_short_talk_are_at_its_farther_end() -> None:
    short = invented(50, 10.0)
    starts = {sentence.text: sentence.start for sentence in short}
    far = [c for c in mechanical(short, seed=1) if c.kind == "far number"]
    assert [c.at for c in far] == [490.0 if starts[c.text] < 245.0 else 0.0 for c in far]


def test_the_seed_decides_which_sentences_are_taken() -> None:
    talk = invented(200, 10.0)
    assert mechanical(talk, seed=1) == mechanical(talk, seed=1)
    assert mechanical(talk, seed=1) != mechanical(talk, seed=2)


@pytest.mark.parametrize(
    "unfit",
    [
        "Seven words are too few for that.",
        "word " * 36,
        "[laughter] This is what they said about topic number 500.",
        "♫ This is what they said about topic number 500 ♫",
    ],
    ids=["short", "long", "note", "song"],
)
def test_unfit_sentences_are_not_taken(unfit: str) -> None:
    fit = invented(VERBATIM, 10.0)
    taken = {case.text for case in mechanical([*fit, Spoken(unfit, 400.0, 410.0)], seed=1)}
    assert taken == {sentence.text for sentence in fit}


def test_what_is_said_twice_is_not_taken() -> None:
    talk = invented(VERBATIM + 1, 10.0)
    again = Spoken(talk[0].text.upper(), 900.0, 910.0)
    taken = {case.text for case in mechanical([*talk, again], seed=1)}
    assert taken == {sentence.text for sentence in talk[1:]}


def test_verbatim_sentences_are_on_one_line() -> None:
    broken = [Spoken(s.text.replace(" ", "\n", 3), s.start, s.end) for s in invented(40, 10.0)]
    taken = {case.text for case in mechanical(broken, seed=1)}
    assert taken == {sentence.text for sentence in invented(40, 10.0)}


def test_too_short_a_talk_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than population"):
        mechanical(invented(VERBATIM - 1, 10.0), seed=1)


@pytest.mark.parametrize(
    ("at", "number"), [(0.0, 1), (2.0, 1), (19.9, 1), (20.0, 2), (39.0, 2), (40.0, 3), (900.0, 3)]
)
def test_a_second_lies_in_the_passage_that_began_last(at: float, number: int) -> None:
    assert passage_number([2.0, 20.0, 40.0], at) == number


def test_a_citation_stands_behind_the_sentence() -> None:
    starts = [2.0, 20.0, 40.0]
    assert cited(Case("verbatim", "So it is.", 25.0, "en", "a talk"), starts) == "So it is. [2]"
    assert cited(Case("verbatim", "So it is.", 0.0, "en", "a talk"), starts) == "So it is. [1]"
    assert cited(Case("uncited lie", "So it is.", None, "en", "a talk"), starts) == "So it is."


def test_words_ignore_case_and_punctuation() -> None:
    assert words("Don’t “Stop”, now.") == words("don't stop now") == ["don", "t", "stop", "now"]
