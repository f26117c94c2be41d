"""Answers without a model: their three outcomes, what is asked of the whole, and their quotes."""

from __future__ import annotations

import re
from contextlib import aclosing
from itertools import combinations
from pathlib import Path

import pytest

from question_set import OURS, TalkAsked, read, talks
from talks import talk_of
from youtube_analysis import Answer, ServiceFactory, Settings
from youtube_analysis.checking.filter import cited_numbers
from youtube_analysis.llm.offline.answers import find_answer
from youtube_analysis.llm.offline.sections import Sections, quoted
from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.llm.port import Completion
from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.models.video import Segment, VideoData
from youtube_analysis.passages.ranking import Semantic
from youtube_analysis.passages.sentences import Sentence
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.passages.vectors import Vectors, unit

HARBOUR = (
    "Welcome to the harbour of Gdansk in the north of the country.",
    *["Fishing boats come and go all day in any weather."] * 9,
    "The big crane was built by two brothers called Nowak.",
    "It lifts forty tonnes of grain in a single hour of work.",
    *["Gulls sit on the roofs and wait for something to fall."] * 9,
    "Ferries to Sweden leave from the pier every second morning.",
    "A ticket for the ferry is sold at the small office by the gate.",
    *["The old lighthouse is painted white each spring by pupils."] * 9,
    "In winter the ice breaker keeps the channel open for ships.",
)


def answer_to(video: VideoData | Transcript, question: str) -> Completion:
    reading = video if isinstance(video, Transcript) else split_into_passages(video)
    talk = Talk(reading)
    return find_answer(Sections(talk), question)


@pytest.fixture(scope="module")
def sample() -> TalkAsked:
    return next(asked for asked in talks(recorded=False) if asked.name == "sample")


async def test_the_chat_service_answers_with_quotes_and_their_places(sample: TalkAsked) -> None:
    async with ServiceFactory(Settings()) as factory:
        parts = factory.get_chat_service().ask(sample.reading, "What went wrong with the cluster?")
        async with aclosing(parts):
            listed = [part async for part in parts]
    answer = listed[-1]
    assert isinstance(answer, Answer)
    assert answer.answered
    assert answer.engine == "offline"
    assert "our search cluster went red" in answer.text
    assert cited_numbers(answer.text) == [citation.number for citation in answer.citations]
    assert answer.text.startswith(listed[0] if isinstance(listed[0], str) else "")


async def test_the_chat_service_hands_on_notices(sample: TalkAsked) -> None:
    async with ServiceFactory(Settings()) as factory:
        parts = factory.get_chat_service().ask(sample.reading, "what about zeppelins?")
        async with aclosing(parts):
            answer = [part async for part in parts][-1]
    assert isinstance(answer, Answer)
    assert not answer.answered
    assert answer.lead
    assert answer.lead.code is NoticeCode.NEAREST


def test_an_answer_quotes_what_comes_of_the_words_asked_for() -> None:
    answer = answer_to(talk_of(*HARBOUR), "what about the big crane?")
    assert answer.answered
    assert answer.lead is None
    first = answer.text.split("\n\n")[0]
    assert "built by two brothers called Nowak. It lifts forty tonnes of grain" in first
    assert not first.startswith("“Fishing")


@pytest.mark.parametrize("name", OURS)
def test_quotes_are_whole_sentences_word_for_word_in_their_place(name: str) -> None:
    asked = next(asked for asked in talks(recorded=False) if asked.name == name)
    talk = Talk(asked.reading)
    sections = Sections(talk)
    quoted = 0
    for one in asked.asked:
        answer = find_answer(sections, one.question)
        assert cited_numbers(answer.text) == [c.number for c in answer.citations], one.question
        shares_nothing = answer.lead and answer.lead.code is NoticeCode.NOTHING_FOUND
        if one.kind == "whole" or shares_nothing:
            continue
        for quote, citation in zip(answer.text.split("\n\n"), answer.citations, strict=True):
            assert quote == f"“{citation.quote}” [{citation.number}]"
            inside = [s.text for s in asked.reading.sentences if within(s, citation)]
            runs = combinations(range(len(inside) + 1), 2)
            assert citation.quote in [" ".join(inside[first:stop]) for first, stop in runs]
            assert citation.end - citation.start <= 45.0 + 1e-6
            assert asked.reading.passages[citation.number - 1].end > citation.start
            assert len(citation.quote.split()) <= 55 or citation.quote in inside
            quoted += 1
    assert quoted > 60


def within(sentence: Sentence, citation: Citation) -> bool:
    return citation.start <= sentence.start < citation.end


def test_what_is_not_found_shows_the_nearest_places() -> None:
    answer = answer_to(talk_of(*HARBOUR), "What does a container of bananas weigh?")
    assert not answer.answered
    assert answer.lead
    assert answer.lead.code is NoticeCode.NEAREST
    assert len(answer.citations) == 3
    assert len({citation.number for citation in answer.citations}) == 3
    assert "bananas" not in answer.text
    assert "say" not in str(answer.lead)


def test_where_nothing_is_shared_the_topics_are_shown() -> None:
    answer = answer_to(talk_of(*HARBOUR), "バナナはいくら？")
    assert not answer.answered
    assert answer.lead
    assert answer.lead.code is NoticeCode.NOTHING_FOUND
    assert answer.citations
    for citation in answer.citations:
        assert f"[{citation.number}]" in answer.text


@pytest.mark.parametrize("question", ["what is the harbour?", "summary", "who speaks?"])
def test_a_talk_without_a_passage_has_nothing(question: str) -> None:
    answer = answer_to(talk_of(), question)
    assert answer == quoted(lead=answer.lead, answered=False)
    assert answer.lead
    assert answer.lead.code is NoticeCode.NOTHING_FOUND


@pytest.mark.parametrize("said", [("Mm.", "…", "?!"), ("Hello there",)])
def test_talks_of_hardly_a_word_do_not_break_it(said: tuple[str, ...]) -> None:
    for question in ("what is the harbour?", "summary", "how does it end?", "mm"):
        assert isinstance(answer_to(talk_of(*said), question), Completion)


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("how many tonnes of grain does it lift?", True),
        ("how many fishing boats?", False),
        ("what did Picasso build?", False),
        ("what did the brothers build?", True),
    ],
)
def test_figures_and_names_that_nobody_says_are_no_answer(question: str, *, answered: bool) -> None:
    assert answer_to(talk_of(*HARBOUR), question).answered is answered


def test_german_nouns_are_no_names() -> None:
    lines = [*["Der Kran hebt Getreide aus dem Schiff."] * 12, *["Die Möwen warten."] * 12]
    assert answer_to(talk_of(*lines, language="de"), "was hebt der Kran aus dem Rumpf?").answered


def test_meaning_answers_in_another_language() -> None:
    reading = split_into_passages(talk_of(*HARBOUR))
    talk = Talk(reading)
    rows = [[float("crane" in passage.text), 0.3] for passage in reading.passages]
    meaning = Semantic(talk.ranking, Vectors.of(rows), unit((1.0, 0.1)))
    question = "Wer hat den großen Kran gebaut?"
    answer = find_answer(Sections(talk), question, meaning)
    assert answer.answered
    assert "Nowak" in answer.text.split("\n\n")[0]
    without = find_answer(Sections(talk), question)
    assert not without.answered


def test_strangers_words_stay_words() -> None:
    lines = [
        *HARBOUR[:11],
        "Write `code` <b> #1 or snake_case_names about the crane.",
        *HARBOUR[11:],
    ]
    answer = answer_to(talk_of(*lines), "code about the crane")
    assert r"Write \`code\` \<b\> \#1 or snake\_case\_names about the crane." in answer.text
    assert cited_numbers(answer.text) == [citation.number for citation in answer.citations]


def test_the_same_question_gets_the_same_answer() -> None:
    first, again = (answer_to(talk_of(*HARBOUR), "which ferry leaves when") for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("question", "code", "words"),
    [
        ("how long is it?", NoticeCode.LENGTH, "2:45"),
        ("wie lang ist das Video?", NoticeCode.LENGTH, "2:45"),
        ("hello", NoticeCode.GREETING, "Hello"),
        ("merci !", NoticeCode.THANKS, "welcome"),
        ("what happens at 1:12:00?", NoticeCode.AFTER_END, "2:45"),
    ],
)
def test_some_answers_are_a_notice_alone(question: str, code: NoticeCode, words: str) -> None:
    answer = answer_to(talk_of(*HARBOUR), question)
    assert answer.text == ""
    assert answer.citations == ()
    assert answer.answered is (code is not NoticeCode.AFTER_END)
    assert answer.lead
    assert answer.lead.code is code
    assert words in str(answer.lead)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how does it begin?", "“Welcome to the harbour of Gdansk"),
        ("how does it end?", "keeps the channel open for ships.”"),
        ("what does she say in the first two minutes", "Gulls sit on the roofs"),
        ("what happens at 0:51?", "“The big crane was built"),
        ("who is speaking?", "“Welcome to the harbour of Gdansk"),
    ],
)
def test_parts_of_a_talk_are_quoted(question: str, said: str) -> None:
    answer = answer_to(talk_of(*HARBOUR), question)
    assert answer.answered
    assert said in answer.text
    assert cited_numbers(answer.text) == [citation.number for citation in answer.citations]
    codes = {None: None, "who is speaking?": NoticeCode.SPEAKER_UNKNOWN}
    assert (answer.lead.code if answer.lead else None) is codes.get(question)


@pytest.mark.parametrize(
    ("question", "made"),
    [
        ("what is it about?", "gist"),
        ("what are the key takeaways?", "points"),
        ("was sind die wichtigsten Erkenntnisse?", "points"),
        ("main topics", "topics"),
    ],
)
def test_questions_about_the_whole_are_answered_by_its_lines(
    sample: TalkAsked, question: str, made: str
) -> None:
    talk = Talk(sample.reading)
    sections = Sections(talk)
    answer = find_answer(sections, question)
    lines = {
        "gist": [line.text for line in sections.gist],
        "points": [line.text for line in sections.points],
        "topics": [topic.title for topic in sections.topics],
    }[made]
    assert lines
    assert answer.answered
    assert answer.lead is None
    assert re.sub(r" \[\d+\]", "", answer.text) == "\n".join(f"- {line}" for line in lines)
    assert cited_numbers(answer.text) == [citation.number for citation in answer.citations]


def test_a_time_in_a_silence_is_answered_by_what_follows() -> None:
    video = talk_of(*HARBOUR)
    late = tuple(
        Segment(s.text, s.start + (60 if s.start >= 50 else 0), s.duration) for s in video.segments
    )
    moved = VideoData(video.info, late, video.track, video.source, video.coverage)
    assert "The big crane was built" in answer_to(moved, "what happens at 1:20?").text


def test_the_ending_is_what_is_said_last() -> None:
    answer = answer_to(talk_of(*HARBOUR), "what does he say in the last 20 seconds?")
    (citation,) = answer.citations
    assert citation.quote.endswith("keeps the channel open for ships.")
    assert citation.quote.count("lighthouse") == 3


def test_speakers_that_the_captions_name_are_named() -> None:
    lines = ["Ida: The crane lifts grain.", "Olof: The ferry leaves at noon."] * 3
    answer = answer_to(talk_of(*lines), "who is speaking?")
    assert answer.lead
    assert answer.lead.code is NoticeCode.SPEAKERS
    assert str(answer.lead) == "The captions name these speakers: Ida, Olof."
    assert re.findall(r"“(.*?)”", answer.text) == [
        "The crane lifts grain.",
        "The ferry leaves at noon.",
    ]


@pytest.mark.parametrize(
    "name", ["io2009-wave.ru.srt", "intro-google-data.ja.stc", "friends-connect.hi.srt"]
)
def test_real_talks_are_quoted_word_for_word(recordings: Path, name: str) -> None:
    reading = read(recordings / "captions" / name)
    talk = Talk(reading)
    sections = Sections(talk)
    said = " ".join(sentence.text for sentence in reading.sentences)
    for passage in [passage for passage in reading.passages if len(passage.sentences) > 1][::12]:
        answer = find_answer(sections, passage.text[:120])
        assert answer.citations
        for citation in answer.citations:
            assert citation.quote in said
