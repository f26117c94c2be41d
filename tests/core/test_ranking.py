"""Retrieval: windows, ranking by words and by meaning, and the vectors that it takes."""

from __future__ import annotations

from itertools import combinations
from math import isclose, sqrt

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talks import talk_of
from youtube_analysis.models.video import (
    CaptionTrack,
    Segment,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)
from youtube_analysis.passages.ranking import SECONDS, Lexical, Semantic, windows
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.passages.vectors import Vectors, unit

FERRY = "Tickets for the ferry are sold at the pier."
HARBOUR = (
    *["The harbour opens at dawn for the fishing boats."] * 12,
    "The submarine carries forty tonnes of grain.",
    *[FERRY] * 12,
)


def spoken(*segments: tuple[str, float, float], language: str = "en") -> Transcript:
    said = tuple(Segment(*segment) for segment in segments)
    info = VideoInfo("file-000000000000", "A talk")
    coverage = measure_coverage(said, None)
    return split_into_passages(
        VideoData(info, said, CaptionTrack(language, ""), Source.FILE, coverage)
    )


def best(ranking: Lexical | Semantic, reading: Transcript, question: str) -> str:
    hit = ranking.rank(question)[0]
    return " ".join(sentence.text for sentence in reading.sentences[hit.first : hit.last + 1])


timed = st.lists(
    st.tuples(
        st.sampled_from(("The crane lifts grain.", "Ferries leave at noon.", "荷物を運びます。")),
        st.floats(0, 60),
        st.floats(0, 90),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(timed)
def test_windows_hold_every_sentence_and_hits_lie_apart(
    pauses: list[tuple[str, float, float]],
) -> None:
    segments, now = [], 0.0
    for text, pause, length in pauses:
        segments.append((text, now + pause, length))
        now += pause + length
    reading = spoken(*segments)
    over = windows(reading)
    held = [place for window in over for place in range(window.first, window.last + 1)]
    assert set(held) == set(range(len(reading.sentences)))
    assert all(held.count(place) <= 2 for place in held)
    assert [window.first for window in over] == sorted(window.first for window in over)
    hits = Lexical(reading).rank("which crane?")
    assert all(hit.end - hit.start <= SECONDS + 1e-6 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for one, other in combinations(hits, 2):
        assert min(one.end, other.end) - max(one.start, other.start) <= 5.0


def test_a_window_weighs_passages_by_their_seconds_in_it() -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    window = windows(reading)[1]
    owners = [p.number - 1 for p in reading.passages for _ in p.sentences]
    inside = owners[window.first : window.last + 1]
    assert len(set(inside)) > 1
    seconds = {place: 5.0 * inside.count(place) for place in set(inside)}
    assert dict(window.passages) == pytest.approx(seconds, rel=0.05)


def test_a_silence_of_years_makes_no_windows() -> None:
    reading = spoken(("The crane lifts grain.", 0, 3), ("Ferries leave at noon.", 1e9, 3))
    assert [(window.first, window.last) for window in windows(reading)] == [(0, 0), (1, 1)]
    assert Lexical(reading).rank("ferries")[0].start == pytest.approx(1e9)


def test_of_one_endless_sentence_the_beginning_is_cited() -> None:
    reading = spoken(("The crane lifts grain", 10, 300))
    (hit,) = Lexical(reading).rank("grain")
    assert (hit.start, hit.end) == (10, 55)


@pytest.mark.parametrize("question", ["submarine", "what does the SUBMARNE carry", "submarines?"])
def test_lexical_finds_the_place_of_words_and_misspelt_ones(question: str) -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    assert "submarine" in best(Lexical(reading), reading, question)


def test_lexical_finds_parts_of_words_and_scripts_without_spaces() -> None:
    german = split_into_passages(
        talk_of(
            *["Der Hafen öffnet am Morgen für die Fischer."] * 12,
            "Die Kaffeemaschinenreparatur dauert eine Stunde.",
            *["Die Fähre fährt jeden Mittag nach Schweden."] * 12,
            language="de",
        )
    )
    assert "Kaffeemaschinen" in best(Lexical(german), german, "wie lange braucht Reparatur")
    japanese = split_into_passages(
        talk_of(
            *["港は夜明けに開きます。"] * 12,
            "潜水艦は穀物を運びます。",
            *["切符は桟橋で売っています。"] * 12,
            language="ja",
        )
    )
    assert "潜水艦" in best(Lexical(japanese), japanese, "何が穀物を運ぶ？")


def test_nothing_shared_is_nowhere_and_a_short_talk_is_one_place() -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    assert Lexical(reading).rank("цена зерна") == []
    short = split_into_passages(talk_of("The crane lifts grain.", FERRY))
    (hit,) = Lexical(short).rank("who sells a ticket?")
    assert (hit.first, hit.last, hit.number) == (0, 1, 1)
    assert Lexical(split_into_passages(talk_of())).rank("crane") == []


def test_a_speaker_is_found_by_name() -> None:
    lines = [f"Ida: {line}" if n < 12 else f"Olof: {line}" for n, line in enumerate(HARBOUR)]
    reading = split_into_passages(talk_of(*lines))
    hit = Lexical(reading).rank("Olof")[0]
    assert reading.sentences[hit.last].speaker == "Olof"


def test_passages_that_share_most_with_a_text_come_first() -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    ranking = Lexical(reading)
    found = ranking.passages("The submarine carries grain to the pier.", limit=3)
    assert "submarine" in reading.passages[found[0][0] - 1].text
    assert len(found) == 3
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
    assert ranking.passages("цена зерна", limit=3) == []


def meaning_of(text: str) -> list[float]:
    """A stand-in for a model: what a sentence is about, as this test knows it."""
    subjects = (("submarine", "U-Boot", "vessel"), ("ferry", "Fähre"), ("harbour", "Hafen"))
    return [sum(word in text for word in words) + 0.01 for words in subjects]


@pytest.mark.parametrize("question", ["an underwater vessel", "Was trägt das U-Boot?"])
def test_meaning_finds_other_words_and_other_languages(question: str) -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    lexical = Lexical(reading)
    vectors = Vectors.of([meaning_of(passage.text) for passage in reading.passages])
    semantic = Semantic(lexical, vectors, unit(meaning_of(question)))
    assert "submarine" in best(semantic, reading, question)
    words = [best(lexical, reading, question)] if lexical.rank(question) else []
    assert not any("submarine" in text for text in words)


def test_words_still_count_where_meanings_are_alike() -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    vectors = Vectors.of([[1.0, 0.0]] * len(reading.passages))
    semantic = Semantic(Lexical(reading), vectors, (1.0, 0.0))
    assert "submarine" in best(semantic, reading, "submarine")


numbers = st.floats(-1e3, 1e3).filter(lambda number: abs(number) > 1e-3)
rows = st.lists(st.lists(numbers, min_size=8, max_size=8), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows)
def test_vectors_keep_directions(written: list[list[float]]) -> None:
    vectors = Vectors.of(written)
    assert (len(vectors), vectors.dim) == (len(written), 8)
    query = unit(written[0])
    for place, row in enumerate(written):
        exact = sum(a * b for a, b in zip(unit(row), query, strict=True))
        assert isclose(vectors.dot(place, query), exact, abs_tol=0.02)
    shares = tuple((place, 2.0) for place in range(len(written)))
    summed = [sum(2 * part for part in parts) for parts in zip(*map(unit, written), strict=True)]
    assert isclose(vectors.length(shares), sqrt(sum(part * part for part in summed)), abs_tol=0.3)


def test_vectors_are_small_and_packed_as_they_are() -> None:
    vectors = Vectors.of([[0.5, -0.25], [0.0, 0.0]])
    packed = msgspec.msgpack.encode(vectors)
    assert msgspec.msgpack.decode(packed, type=Vectors) == vectors
    assert len(vectors.packed) == 4
    assert list(vectors.row(0)) == [127, -64]
    assert vectors.dot(1, (1.0, 0.0)) == 0.0
    assert len(Vectors.of([])) == 0


@pytest.mark.parametrize("wrong", [[[1.0], [1.0, 2.0]], [[1.0], []]])
def test_vectors_of_different_lengths_are_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="different lengths"):
        Vectors.of(wrong)


def test_a_query_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a query of 3 numbers beside vectors of 2"):
        Vectors.of([[1.0, 2.0]]).dot(0, (1.0, 0.0, 0.0))


def test_unit_of_nothing_is_nothing() -> None:
    assert unit((0.0, 0.0)) == (0.0, 0.0)
    assert unit((3.0, 4.0)) == (0.6, 0.8)


def test_of_a_long_question_only_the_first_misspelt_words_are_mended() -> None:
    ranking = Lexical(split_into_passages(talk_of(*HARBOUR)))
    unknown = [f"zzzz{letter}zzzz" for letter in "abcdefghijklmnop"]
    (mended,) = ranking.query_terms("submarine")
    assert mended in ranking.query_terms(" ".join(["submarne", *unknown]))
    assert mended not in ranking.query_terms(" ".join([*unknown, "submarne"]))
