"""The offline model: what it picks, what it leaves out, and that it never makes anything up."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from talks import talk_of
from youtube_analysis.captions import parse_captions
from youtube_analysis.checking.gate import CitationGate
from youtube_analysis.checking.spoken import SpokenWords
from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.llm.port import Completion, Prompt, TextDelta
from youtube_analysis.models.analysis import AnalysisType, ContentCategory, ContextTag
from youtube_analysis.models.transcript import CaptionTrack, Chapter, Source, measure_coverage
from youtube_analysis.models.video import VideoData, VideoInfo
from youtube_analysis.passages.reading import Reading, read_passages

CLEAN_TALKS = (
    "io2009-keynote.en.sbv-timing.srt",
    "io2009-wave.en.srt",
    "javascript-the-good-parts.en.srt",
    "intro-google-data.en.stc",
    "friends-connect.en.srt",
)
ALL_TALKS = (
    *CLEAN_TALKS,
    "io2009-wave.ru.srt",
    "intro-google-data.ja.stc",
    "intro-google-data.zh-CN.stc",
    "friends-connect.hi.srt",
    "friends-connect.ja.srt",
    "elephants-dream.ar.vtt",
    "elephants-dream.en.vtt",
    "elephants-dream.ja.vtt",
    "elephants-dream.ru.vtt",
    "elephants-dream.sv.vtt",
    "apollo11-air-to-ground.en.txt",
)
NEVER_POSTED = re.compile(
    r"\[(?:applause|laugh\w*|cheers[^\]]*|music)\]|♪|\bthank you\b|\bwelcome to\b|"
    r"\bgood morning\b|\bladies and gentlemen\b|>>",
    re.IGNORECASE,
)


async def text_of(reading: Reading, **wanted: object) -> tuple[str, Completion]:
    async with OfflineModel() as model:
        parts = [part async for part in model.stream(Prompt(reading, **wanted))]  # type: ignore[arg-type]
    *deltas, completion = parts
    assert isinstance(completion, Completion)
    return "".join(part.text for part in deltas if isinstance(part, TextDelta)), completion


def real_talk(recordings: Path, name: str) -> Reading:
    parsed = parse_captions(name, (recordings / "captions" / name).read_bytes())
    coverage = measure_coverage(parsed.segments, None)
    return read_passages(
        VideoData(
            VideoInfo("file-000000000000", name.split(".", maxsplit=1)[0], duration=coverage.total),
            parsed.segments,
            CaptionTrack(parsed.language or "", ""),
            Source.FILE,
            coverage,
        )
    )


def quoted_lines(text: str) -> list[tuple[str, int]]:
    """Sentences with the passage that they cite."""
    return [(m[1].strip(), int(m[2])) for m in re.finditer(r"([^\]\n]+?) \[(\d+)\]", text)]


def plain(text: str) -> str:
    text = text.replace("\\", "")
    return " ".join(re.findall(r"\w+", re.sub(r"\b(?:um+|uh+|erm?)\b", " ", text.casefold())))


@pytest.mark.parametrize("name", ALL_TALKS)
async def test_every_sentence_shown_was_said_where_it_is_cited(recordings: Path, name: str) -> None:
    reading = real_talk(recordings, name)
    for kind in (AnalysisType.SUMMARY, AnalysisType.ACTION_PLAN):
        text, _ = await text_of(reading, task=kind)
        lines = quoted_lines(text)
        assert len(lines) >= (3 if kind is AnalysisType.SUMMARY else 1)
        for line, number in lines:
            words = re.sub(r"^(?:\*\*.*?\*\*:?|[-•>#*\s]|\d+\.\s)+", "", line).strip("`“” ")
            assert plain(words) in plain(reading.passages[number - 1].text), line


@pytest.mark.parametrize("name", CLEAN_TALKS)
async def test_what_nobody_would_post_is_left_out(recordings: Path, name: str) -> None:
    reading = real_talk(recordings, name)
    for kind in AnalysisType:
        text, _ = await text_of(reading, task=kind)
        assert not NEVER_POSTED.search(text), (kind, NEVER_POSTED.search(text))


@pytest.mark.parametrize("name", CLEAN_TALKS[:4])
async def test_first_middle_and_last_third_contribute(recordings: Path, name: str) -> None:
    reading = real_talk(recordings, name)
    text, _ = await text_of(reading, task=AnalysisType.SUMMARY)
    for part in ("### TL;DR", "### Details", "### Key points"):
        section = text.partition(part)[2].split("###", 1)[0]
        thirds = {
            int(3 * reading.passages[number - 1].start / reading.video.duration)
            for _, number in quoted_lines(section)
        }
        assert thirds == {0, 1, 2}, part


@pytest.mark.parametrize("name", CLEAN_TALKS)
async def test_no_two_lines_say_nearly_the_same(recordings: Path, name: str) -> None:
    reading = real_talk(recordings, name)
    text, _ = await text_of(reading, task=AnalysisType.SUMMARY)
    bags = [frozenset(re.findall(r"\w{4,}", line.casefold())) for line, _ in quoted_lines(text)]
    for place, one in enumerate(bags):
        for other in bags[:place]:
            assert len(one & other) <= 0.7 * max(1, min(len(one), len(other))), (one, other)


async def test_the_same_talk_gives_the_same_text(recordings: Path) -> None:
    first = await text_of(real_talk(recordings, CLEAN_TALKS[1]), task=AnalysisType.SUMMARY)
    again = await text_of(real_talk(recordings, CLEAN_TALKS[1]), task=AnalysisType.SUMMARY)
    assert first == again


@pytest.mark.parametrize("name", CLEAN_TALKS[:3])
async def test_captions_as_machines_make_them_are_cut_into_clauses(
    recordings: Path, name: str
) -> None:
    """Without full stops and capitals most lines still begin and end where a clause does."""
    video = real_talk(recordings, name).video
    bare = tuple(
        replace(segment, text=" ".join(re.findall(r"[\w']+", segment.text.casefold())))
        for segment in video.segments
        if not segment.text.startswith("[")
    )
    reading = read_passages(replace(video, segments=bare))
    lengths = [len(sentence.text.split()) for sentence in reading.sentences]
    assert max(lengths) <= 48
    assert 10 <= sum(lengths) / len(lengths) <= 20
    hanging = {"the", "a", "of", "to", "and", "is", "that", "with", "my", "in"}
    torn = [s for s in reading.sentences if s.text.split()[-1] in hanging]
    assert len(torn) < 0.02 * len(lengths)
    text, _ = await text_of(reading, task=AnalysisType.SUMMARY)
    assert len(quoted_lines(text)) >= 10


async def test_chapters_are_the_key_moments_where_there_are_any() -> None:
    chapters = (Chapter("Loading", 0), Chapter("Unloading", 60), Chapter("Customs", 120))
    reading = read_passages(
        talk_of(*[f"Crane {n} lifts forty tonnes of grain." for n in range(36)], chapters=chapters)
    )
    text, _ = await text_of(reading, task=AnalysisType.KEY_MOMENTS)
    gate = CitationGate(SpokenWords(reading))
    shown = gate.feed(text) + gate.close()
    rows = [line for line in shown.splitlines() if line]
    assert [row.split("**")[1] for row in rows] == ["Loading", "Unloading", "Customs"]
    assert [re.search(r"\[([\d:]+)\]", row)[1] for row in rows] == ["0:00", "1:00", "2:00"]  # type: ignore[index]


async def test_advice_and_warnings_make_the_action_plan() -> None:
    reading = read_passages(
        talk_of(
            "Harbours are busy places with many moving parts and people.",
            "Always check the hook before the first lift of the day.",
            "Never stand under a load that hangs from the crane.",
            "Write down the weight of every container before lifting it.",
            "Grain prices rose by nine percent over the summer months.",
        )
    )
    text, _ = await text_of(reading, task=AnalysisType.ACTION_PLAN)
    advised, warned = text.split("### What it warns of")
    assert "check the hook" in advised
    assert "Write down the weight" in advised
    assert "Never stand under a load" in warned
    assert "Grain prices" not in text


async def test_greetings_sponsors_and_thanks_are_no_content() -> None:
    reading = read_passages(
        talk_of(
            "Hello everybody and welcome back to the channel about harbours.",
            "This video is sponsored by a company that sells rope to harbours.",
            "The crane in Gdansk lifts forty tonnes of grain in one hour.",
            "Steel ropes on harbour cranes are replaced after two years of work.",
            "Don't forget to subscribe and hit the bell for more harbour videos.",
            "Thank you so much for watching our film on harbour cranes.",
        )
    )
    for kind in AnalysisType:
        text, _ = await text_of(reading, task=kind)
        assert not re.search(r"sponsor|subscribe|welcome|thank you", text, re.IGNORECASE), text


@pytest.mark.parametrize(
    ("sentences", "category", "tag"),
    [
        (
            ["The browser sends the request to the server and the server runs the code."] * 12,
            ContentCategory.TECHNOLOGY,
            ContextTag.GENERAL,
        ),
        (
            ["The doctor asks the patient about sleep, diet and exercise."] * 12,
            ContentCategory.HEALTH,
            ContextTag.GENERAL,
        ),
        (["Lorem ipsum dolor sit amet."] * 12, ContentCategory.UNCATEGORIZED, ContextTag.GENERAL),
    ],
)
async def test_words_tell_the_category(
    sentences: list[str], category: ContentCategory, tag: ContextTag
) -> None:
    _, completion = await text_of(read_passages(talk_of(*sentences)), task=AnalysisType.SUMMARY)
    assert completion.classification is not None
    assert completion.classification.category is category
    assert completion.classification.tag is tag


async def test_a_title_that_says_how_to_is_a_guide() -> None:
    talk = talk_of(*["The crane lifts grain."] * 8, title="How to lift grain")
    _, completion = await text_of(read_passages(talk), task=AnalysisType.SUMMARY)
    assert completion.classification is not None
    assert completion.classification.tag is ContextTag.HOW_TO


HARBOUR = (
    "Welcome to the harbour of Gdansk in the north of the country.",
    "The big crane was built in 1985 by two brothers called Nowak.",
    "It lifts forty tonnes of grain in a single hour of work.",
    "Ferries to Sweden leave from the pier every second morning.",
    "A ticket for the ferry is sold at the small office by the gate.",
    "In winter the ice breaker keeps the channel open for ships.",
)


async def test_an_answer_quotes_the_place() -> None:
    reading = read_passages(talk_of(*HARBOUR))
    text, completion = await text_of(reading, question="how much grain can the crane lift?")
    assert completion.answered
    assert "lifts forty tonnes of grain" in text


async def test_what_is_not_said_is_answered_so() -> None:
    reading = read_passages(talk_of(*HARBOUR))
    text, completion = await text_of(reading, question="What does a container of bananas cost?")
    assert not completion.answered
    assert text.startswith("The video does not say.")
    assert "bananas" in text


async def test_a_question_without_a_subject_gets_the_gist() -> None:
    text, completion = await text_of(
        read_passages(talk_of(*HARBOUR)), question="summarize this video"
    )
    assert completion.answered
    assert "[" in text


async def test_a_question_may_name_a_time() -> None:
    reading = read_passages(talk_of(*HARBOUR))
    text, completion = await text_of(reading, question="what happens at 0:16?")
    assert completion.answered
    assert "Ferries to Sweden" in text
    late, completion = await text_of(reading, question="and at 1:12:00?")
    assert not completion.answered
    assert "ends before" in late


async def test_talks_without_words_do_not_break_it() -> None:
    reading = read_passages(talk_of("Mm.", "…", "?!"))
    for kind in AnalysisType:
        await text_of(reading, task=kind)
    _, completion = await text_of(reading, question="what is the harbour?")
    assert not completion.answered


async def test_a_clip_of_some_words_is_told_by_them() -> None:
    text, _ = await text_of(read_passages(talk_of("Hello there")), task=AnalysisType.SUMMARY)
    assert "### TL;DR\n\nHello there" in text
    assert text.count("Hello there") == 1
