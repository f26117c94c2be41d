"""From captions to sentences and passages, whatever the script."""

import gc
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from talks import talk_of
from youtube_analysis import ServiceFactory, Settings
from youtube_analysis.checking.literal import literal, unescaped, visible
from youtube_analysis.models.video import Chapter, Segment, VideoData
from youtube_analysis.passages.sentences import split_sentences
from youtube_analysis.passages.transcript import Passage, split_into_passages
from youtube_analysis.passages.words import (
    Analyzer,
    count_words,
    estimate_tokens,
    function_words,
    guess_language,
    word_lists,
)


def sentences(*segments: tuple[str, float, float]) -> list[str]:
    return [s.text for s in split_sentences(Segment(*segment) for segment in segments)]


def test_sentences_are_put_together_over_captions() -> None:
    assert sentences(
        ("Welcome to the", 0, 2), ("second day. We\nhope you", 2, 2), ("slept well.", 4, 1)
    ) == ["Welcome to the second day.", "We hope you slept well."]


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    assert sentences(("Dr. Lee took 3.5 hours, e.g. on Monday. Then she left.", 0, 5)) == [
        "Dr. Lee took 3.5 hours, e.g. on Monday.",
        "Then she left.",
    ]


def test_sounds_and_speaker_labels_are_no_words() -> None:
    spoken = split_sentences(
        [
            Segment("HOST: Good evening. [applause]", 0, 3),
            Segment("LEE: Thanks for having me.", 3, 2),
            Segment("♪ jingle ♪", 5, 2),
            Segment("HOST: (laughter) So you built it.", 7, 2),
        ]
    )
    assert [(s.speaker, s.text) for s in spoken] == [
        ("HOST", "Good evening."),
        ("LEE", "Thanks for having me."),
        ("HOST", "So you built it."),
    ]


def test_a_title_with_a_colon_is_no_speaker() -> None:
    assert sentences(("It is called", 0, 1), ("Caching: the hard parts.", 1, 2)) == [
        "It is called Caching: the hard parts."
    ]


def test_a_label_that_comes_once_ends_the_turn_before_it() -> None:
    spoken = split_sentences(
        [
            Segment("HOST: Good evening. So you built it.", 0, 3),
            Segment("Ann Miller: We did.", 3, 2),
            Segment("It took a year.", 5, 2),
            Segment("HOST: It is called", 7, 1),
            Segment("Caching: the hard parts.", 8, 2),
        ]
    )
    assert [(s.speaker, s.text) for s in spoken] == [
        ("HOST", "Good evening."),
        ("HOST", "So you built it."),
        (None, "Ann Miller: We did."),
        (None, "It took a year."),
        ("HOST", "It is called Caching: the hard parts."),
    ]


def test_a_sentence_starts_when_its_first_word_is_spoken() -> None:
    first, second = split_sentences([Segment("One two. Three four.", 10, 4)])
    assert first.start == 10
    assert 11.5 < second.start < 12.5
    assert second.end == 14


def test_chinese_and_japanese_join_without_spaces() -> None:
    assert sentences(("计算机并不是", 0, 2), ("非常智能。它们需要帮助。", 2, 2)) == [
        "计算机并不是非常智能。",
        "它们需要帮助。",
    ]
    assert sentences(
        ("ブログの例を", 0, 2), ("見てみましょう", 2, 2), ("記事があります", 4, 2)
    ) == [
        "ブログの例を見てみましょう",
        "記事があります",
    ]


def test_unpunctuated_speech_is_cut_at_silences_and_new_clauses() -> None:
    words = "we looked at the logs for an hour and nobody saw anything strange at all "
    segments = [Segment(words, 10.0 * n, 9.5) for n in range(12)]
    cut = split_sentences(segments)
    assert len(cut) >= 6
    assert all(count_words(sentence.text) <= 60 for sentence in cut)
    assert " ".join(" ".join(s.text for s in cut).split()) == " ".join((words * 12).split())


def test_clauses_of_unpunctuated_speech_are_found() -> None:
    said = (
        "we had a lot of trouble with the database last year so we moved everything to another "
        "server and i think that was the best decision of the whole project but it took us three "
        "months because nobody knew how the old one worked now we have a document that tells you"
    )
    assert sentences((said, 0, 20)) == [
        "we had a lot of trouble with the database last year",
        "so we moved everything to another server",
        "and i think that was the best decision of the whole project",
        "but it took us three months because nobody knew how the old one worked",
        "now we have a document that tells you",
    ]


def test_right_to_left_stops_move_behind_their_words() -> None:
    assert sentences(("...إلى الشمال", 0, 2)) == ["إلى الشمال..."]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=60),
            st.floats(0, 1e5),
            st.floats(0, 60),
        ),
        max_size=30,
    )
)
def test_any_captions_give_ordered_times_and_nonempty_sentences(
    cues: list[tuple[str, float, float]],
) -> None:
    segments = sorted((Segment(*cue) for cue in cues), key=lambda segment: segment.start)
    for sentence in split_sentences(segments):
        assert sentence.text.strip()
        assert 0 <= sentence.start <= sentence.end <= 1e5 + 60


def test_passages_hold_every_sentence_once_and_break_at_chapters() -> None:
    reading = split_into_passages(
        talk_of(
            *[f"Sentence number {n} speaks of the harbour." for n in range(40)],
            chapters=(Chapter("One", 0), Chapter("Two", 50), Chapter("Three", 100)),
        )
    )
    assert [p.number for p in reading.passages] == list(range(1, len(reading.passages) + 1))
    assert len(reading.sentences) == 40
    assert {50.0, 100.0} <= {passage.start for passage in reading.passages}


def test_language_is_guessed_from_script_and_function_words() -> None:
    assert guess_language(["Das ist nicht so einfach, wie man denkt, aber es geht."]) == "de"
    assert guess_language(["これはとても便利なものです"]) == "ja"
    assert guess_language(["计算机需要帮助"]) == "zh"
    assert guess_language(["Это очень хорошо, но не всегда так"]) == "ru"
    assert guess_language(["xqz plorf wibble"]) == ""


def test_every_list_of_words_is_folded_as_texts_are() -> None:
    for name in ("function_words", "speech"):
        for words in word_lists(name).values():
            assert words == {word.casefold() for word in words}
    assert len(word_lists("function_words")) >= 25
    assert {"the", "without"} <= function_words("en")
    assert function_words("xx") == frozenset()


def test_terms_are_stems_of_any_script() -> None:
    english = Analyzer("en-US")
    assert english.terms("The caches were caching it") == english.terms("cache cached")
    assert Analyzer("fr").terms("façade") == Analyzer("fr").terms("facade")
    assert "删除" in Analyzer("zh").terms("怎么删除事件")
    assert Analyzer("zh").terms("我们的事件") == ["事件"]
    assert Analyzer("xx").terms("the caches") == ["the", "caches"]
    assert "削除" in Analyzer("ja").terms("イベントを削除するには")
    assert Analyzer("hi").terms("नमस्कार") == Analyzer("hi").terms("नमस्कार")
    assert len(Analyzer("hi").terms("गैजेट")) == 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_literal_words_stay_words(text: str) -> None:
    said = literal(text)
    assert unescaped(said) == visible(" ".join(text.split()))
    page = MarkdownIt("commonmark").render(f"x {said} x")
    assert not re.search(r"<(?!/?p>)", page.replace("&lt;", ""))


def test_token_estimates_lie_above_known_counts() -> None:
    # True counts of the o200k vocabulary, counted once.
    assert 9 <= estimate_tokens("The quick brown fox jumps over the lazy dog") <= 18
    assert estimate_tokens("") == 1
    assert 6 <= estimate_tokens("计算机并不是非常智能") <= 14


@pytest.mark.parametrize(
    "told",
    [
        {"title": "Another"},
        {"channel": "Harbour"},
        {"published": "2026-08-12"},
        {"description": "Dr. Nowak on cranes."},
        {"keywords": ("crane",)},
        {"category": "Education"},
    ],
)
def test_a_fingerprint_stands_for_all_that_a_prompt_or_a_verdict_is_made_of(
    told: dict[str, Any],
) -> None:
    talk = talk_of("The crane lifts grain.")
    other = replace(talk, info=replace(talk.info, **told))
    assert split_into_passages(talk).fingerprint != split_into_passages(other).fingerprint


def test_a_fingerprint_does_not_change_with_the_number_of_views() -> None:
    talk = talk_of("The crane lifts grain.")
    watched = replace(talk, info=replace(talk.info, view_count=7))
    assert split_into_passages(talk).fingerprint == split_into_passages(watched).fingerprint


def test_the_same_words_uploaded_twice_are_two_talks() -> None:
    talk = talk_of("The crane lifts grain.")
    again = replace(talk, info=replace(talk.info, video_id="elsewhere11"))
    assert split_into_passages(talk).fingerprint != split_into_passages(again).fingerprint


async def test_a_kept_talk_goes_by_the_fingerprint_that_it_was_kept_under() -> None:
    async def stored() -> VideoData:
        return talk_of("A crane.")

    async with ServiceFactory(Settings()) as factory:
        recalled = await factory.get_transcript_service().recall("of old", stored)
    assert recalled
    assert recalled.fingerprint == "of old"


def test_what_a_talk_is_made_of_is_not_searched_for_garbage() -> None:
    spoken = [Segment("HOST: Good evening. So you built it.", 0, 3), Segment("Yes.", 3, 1)]
    sentences = split_sentences(spoken)
    passages = [Passage(1, sentences)]
    assert not any(map(gc.is_tracked, (*spoken, *sentences, *passages)))
