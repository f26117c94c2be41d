"""Quotes: exactly as spoken, in every language; nothing left out that turns the meaning."""

from pathlib import Path

import pytest

from languages import TALKS
from talks import talk_of
from youtube_analysis.captions import parse_captions
from youtube_analysis.checking.claims import tokens
from youtube_analysis.checking.evidence import SpokenWords
from youtube_analysis.models.video import (
    CaptionTrack,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)
from youtube_analysis.passages.transcript import Transcript, split_into_passages

SAID = split_into_passages(
    talk_of(
        "I never said that the minister stole the money.",
        "She said that the money was stolen by somebody else, and we all know it.",
        *[
            f"Between them stands sentence number {n} about something else entirely."
            for n in range(9)
        ],
        "In the end, um, nobody knows who took it, I said.",
        title="The stolen money",
    )
)
SPOKEN = SpokenWords(SAID)


@pytest.mark.parametrize(
    "quote",
    [
        "I never said that the minister stole the money",
        "i never said, that the MINISTER stole",
        "the money was stolen by … and we all know it",
        "She said that the money [...] by somebody else, and",
        "In the end, um, nobody knows",
        "The stolen money",
        "minister",
    ],
)
def test_what_is_spoken_so_is_a_quote(quote: str) -> None:
    assert SPOKEN.quoted(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "I said that the minister stole the money",
        "I … said that the minister stole the money",  # a piece of one word
        "the minister stole the money … nobody knows who took it",  # far apart
        "In the end, nobody knows who took it",  # “um” is left out
        "we all know it … She said that the money was",  # in another order
        "…",
        "",
    ],
)
def test_what_is_not_spoken_so_is_none(quote: str) -> None:
    assert not SPOKEN.quoted(quote)


def test_nothing_is_left_out_that_turns_the_meaning() -> None:
    spoken = SpokenWords(
        split_into_passages(
            talk_of("We do want the bridge to be built but we do not want it here now.")
        )
    )
    assert spoken.quoted("We do want the … to be built but we")
    assert not spoken.quoted("want the bridge to be built … want it here now")


@pytest.mark.parametrize("language", TALKS)
def test_small_words_of_other_languages_are_words(language: str) -> None:
    reading = split_into_passages(talk_of(*TALKS[language], language=language))
    assert_exact(SpokenWords(reading), reading)


@pytest.mark.parametrize("language", ["ar", "en", "ja", "ru", "sv"])
def test_every_sentence_of_a_recording_is_a_quote(recordings: Path, language: str) -> None:
    reading = _recorded(recordings / "captions" / f"elephants-dream.{language}.vtt", language)
    assert_exact(SpokenWords(reading), reading)


@pytest.mark.parametrize(
    ("name", "language"),
    [("friends-connect.hi.srt", "hi"), ("intro-google-data.zh-CN.stc", "zh")],
)
def test_every_sentence_of_two_more(recordings: Path, name: str, language: str) -> None:
    reading = _recorded(recordings / "captions" / name, language)
    assert_exact(SpokenWords(reading), reading)


def assert_exact(spoken: SpokenWords, reading: Transcript) -> None:
    """Every sentence is a quote; without one of its words, unless that happens to be said as
    well, it is none."""
    said = " ".join(token for p in reading.passages for token in tokens(p.text))
    for sentence in reading.sentences:
        words = tokens(sentence.text)
        if not words:
            continue
        assert spoken.quoted(sentence.text), sentence.text
        for place in range(1, len(words) - 1):
            shortened = [*words[:place], *words[place + 1 :]]
            if f" {' '.join(shortened)} " not in f" {said} ":
                assert not spoken.quoted(" ".join(shortened)), shortened


def _recorded(path: Path, language: str) -> Transcript:
    parsed = parse_captions(path.name, path.read_bytes())
    coverage = measure_coverage(parsed.segments, None)
    info = VideoInfo("file-0123456789ab", "A recording")
    track = CaptionTrack(language, language)
    return split_into_passages(VideoData(info, parsed.segments, track, Source.FILE, coverage))
