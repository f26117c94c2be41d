"""Offline analyses: what they pick, that they never make anything up, and when they say so."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from msgspec import structs

from analyses import OWN, Analyses, analyses, read
from languages import TALKS
from talks import talk_of
from youtube_analysis.llm.offline.outline import find_outline
from youtube_analysis.llm.offline.sections import Sections
from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import Transcript, split_into_passages

SPOKEN = (
    "io2009-keynote.en.sbv-timing.srt",
    "io2009-wave.en.srt",
    "javascript-the-good-parts.en.srt",
    "intro-google-data.en.stc",
    "friends-connect.en.srt",
    "io2009-wave.ru.srt",
    "intro-google-data.ja.stc",
    "intro-google-data.zh-CN.stc",
    "friends-connect.hi.srt",
    "friends-connect.ja.srt",
)
SCRAPS = (
    "elephants-dream.ar.vtt",
    "elephants-dream.en.vtt",
    "elephants-dream.ja.vtt",
    "elephants-dream.ru.vtt",
    "elephants-dream.sv.vtt",
    "apollo11-air-to-ground.en.txt",
)
POSTS = (AnalysisType.BLOG_POST, AnalysisType.LINKEDIN_POST, AnalysisType.X_POST)
HEADING = re.compile(r"^- \[\d+\] \*\*(.*?)(?::\*\*|\*\*$)", re.MULTILINE)
BEFORE = re.compile(
    r"^(?:- \[\d+\] \*\*.*?(?::\*\*|\*\*$)|- |\d+\. |#+ .*$|\*\*Category.*$)", re.MULTILINE
)
MARK = re.compile(r"(?<!\\)\*\*|(?<!\\)[`_~<>|]|(?<!\\)\*")
LEFT_OUT = re.compile(r"\[(?:applause|music)|♪|\bthank you\b|\bwelcome to\b|>>", re.IGNORECASE)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[\w\u0300-\u036f\u0900-\u097f]+", text.casefold()))


def lines_of(text: str) -> list[tuple[str, int]]:
    """What is quoted, with the passage that it cites; what stands before it left off."""
    bare = re.sub(
        r"^(?:- \[\d+\] \*\*.*?(?::\*\*|\*\*$)|- |\d+\. |#+ .*$)", "", text, flags=re.MULTILINE
    )
    bare = re.sub(r"^\*\*Category.*$", "", bare, flags=re.MULTILINE)
    return [(m[1].strip(" “”\n"), int(m[2])) for m in re.finditer(r"(.+?) \[(\d+)\]", bare)]


def check(reading: Transcript, made: Analyses) -> None:
    everything = plain(" ".join(passage.text for passage in reading.passages))
    for kind, completion in made.items():
        text = completion.text
        assert text.strip()
        for line in text.splitlines():
            marks = MARK.findall(line)
            assert marks in ([], ["**"] * 2, ["**"] * 4), line
        numbers = [int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", text)]
        assert numbers == [citation.number for citation in completion.citations]
        assert len(re.findall(r"(?<!\\)\[", text)) == len(numbers)
        for said, number in lines_of(text):
            words = plain(said.replace("\\", ""))
            assert words in plain(reading.passages[number - 1].text), (kind, said)
    headings = HEADING.findall(made[AnalysisType.KEY_MOMENTS].text)
    assert len(headings) == len(find_outline(Talk(reading)))
    for heading in headings:
        assert plain(heading), headings
        assert plain(heading.replace("\\", "")) in everything, heading
        parts = re.split(r"[,、，]", heading)
        assert len(parts) < 3, heading
        assert all(len(part.split()) > 1 or len(part) > 3 for part in parts[1:]), heading


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
async def test_our_talks_are_told_in_their_own_words(path: Path) -> None:
    reading = read(path)
    made = await analyses(reading)
    check(reading, made)
    assert all(completion.note is None for completion in made.values())


THIN = {NoticeCode.FEW_WORDS, NoticeCode.NO_SENTENCES, NoticeCode.MOSTLY_SILENT}


@pytest.mark.parametrize("name", [*SPOKEN, *SCRAPS])
async def test_real_talks_are_told_in_their_own_words(recordings: Path, name: str) -> None:
    reading = read(recordings / "captions" / name)
    made = await analyses(reading)
    check(reading, made)
    for completion in made.values():
        assert not LEFT_OUT.search(completion.text)
        assert (completion.note is not None) == (name in SCRAPS)
        assert completion.note is None or completion.note.code in THIN


@pytest.mark.parametrize(
    ("path", "announced", "learned"),
    [
        (OWN[0], "one meeting. Just one. The incident review. [1]", "three actions"),
        (OWN[1], "Heute geht es um alte Toaster", "Niemand repariert mehr als drei Geräte"),
    ],
    ids=["en", "de"],
)
async def test_the_tldr_begins_with_what_the_speaker_announces(
    path: Path, announced: str, learned: str
) -> None:
    reading = read(path)
    text = (await analyses(reading))[AnalysisType.SUMMARY].text
    tldr = text.partition("### TL;DR\n\n")[2].partition("\n\n###")[0]
    first = tldr.index(announced)
    assert first < 60
    assert first < tldr.index(learned)
    numbers = [number for _, number in lines_of(tldr)]
    assert len(numbers) == 3
    outline = find_outline(Talk(reading))
    places = [next(n for n, t in enumerate(outline) if t.first <= m <= t.last) for m in numbers]
    assert places == sorted(set(places)), "one line a topic, in their order"


def test_the_most_central_sentence_stands_for_the_talk() -> None:
    asides = [f"Somebody in row {n} had brought a thermos and a blanket." for n in range(3)]
    talk = talk_of(
        *asides,
        "The crane in the harbour lifts grain from ships and from trains.",
        "Grain from the ships is weighed below the crane of the harbour.",
        "A new crane in the harbour would lift grain twice as fast as before.",
        *asides,
    )
    gist = Sections(Talk(split_into_passages(talk))).gist
    assert all("crane" in line.text for line in gist)


@pytest.mark.parametrize("name", [*SPOKEN[:3], *SPOKEN[5:8]])
async def test_a_summary_hears_the_whole_talk_and_repeats_nothing(
    recordings: Path, name: str
) -> None:
    reading = read(recordings / "captions" / name)
    text = (await analyses(reading))[AnalysisType.SUMMARY].text
    lines = lines_of(text)
    for begin, stop in pairwise([0.0, 0.34, 0.67, 1.0]):
        share = [number / len(reading.passages) for _, number in lines]
        assert any(begin < place <= stop for place in share), text
    bags = [frozenset(re.findall(r"\w{4,}", line.casefold())) for line, _ in lines]
    for one, other in combinations(bags, 2):
        assert len(one & other) <= 0.7 * max(1, min(len(one), len(other))), (one, other)


@pytest.mark.parametrize("name", SPOKEN[:3])
async def test_captions_as_machines_make_them_are_told_in_clauses(
    recordings: Path, name: str
) -> None:
    """Without full stops and capitals most lines still begin and end where a clause does."""
    video = read(recordings / "captions" / name).video
    bare = tuple(
        structs.replace(segment, text=" ".join(re.findall(r"[\w']+", segment.text.casefold())))
        for segment in video.segments
        if not segment.text.startswith("[")
    )
    reading = split_into_passages(replace(video, segments=bare))
    lengths = [len(sentence.text.split()) for sentence in reading.sentences]
    assert max(lengths) <= 48
    assert 10 <= sum(lengths) / len(lengths) <= 20
    made = await analyses(reading)
    check(reading, made)
    lines = [line for line, _ in lines_of(made[AnalysisType.BLOG_POST].text)]
    hanging = {"the", "a", "of", "to", "and", "is", "that", "with", "my", "in"}
    assert len(lines) >= 5
    assert not [line for line in lines if line.split()[-1] in hanging]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
async def test_posts_are_quotes_to_start_from(path: Path) -> None:
    made = await analyses(read(path))
    quotes = []
    for kind in POSTS:
        completion = made[kind]
        assert completion.lead is not None
        assert completion.lead.code is NoticeCode.QUOTES_TO_START_FROM
        assert "#" not in completion.text
        quotes.append(re.findall(r"^- “.+” \[\d+\]$", completion.text, re.MULTILINE))
        assert len(quotes[-1]) == len(completion.text.splitlines())
    assert len(quotes[0]) > len(quotes[1]) > len(quotes[2]) == 1


@pytest.mark.parametrize("language", [*TALKS, "en"])
async def test_quotes_are_exactly_what_was_said(language: str) -> None:
    """Where um, er and han are words; in English they are hesitations, and stay as well."""
    spoken = TALKS.get(
        language, ("The crane, um, lifts about forty tonnes of grain in an hour.",) * 3
    )
    reading = split_into_passages(talk_of(*spoken, language=language))
    made = await analyses(reading)
    check(reading, made)
    assert made[AnalysisType.BLOG_POST].text.count("“") >= 1
    said = [line for line, _ in lines_of(made[AnalysisType.SUMMARY].text)]
    assert said
    for line in said:
        assert line[1:] in " ".join(spoken)


async def test_dialogue_is_told_by_few_lines_and_a_note() -> None:
    scraps = ["Emo?", "This way.", "Hurry up!", "No.", "Are you hurt, my friend?", "Listen to me."]
    made = await analyses(split_into_passages(talk_of(*scraps * 6)))
    for completion in made.values():
        assert completion.note is not None
        assert str(completion.note).endswith("hardly one whole sentence.")
        assert "TL;DR" not in completion.text
    completion = made[AnalysisType.ACTION_PLAN]
    assert completion.lead is not None
    assert len(completion.text.splitlines()) <= 3


@pytest.mark.parametrize("said", [("Hello there",), ("Mm", "…", "?!")])
async def test_a_clip_of_some_words_is_told_by_them(said: tuple[str, ...]) -> None:
    made = await analyses(split_into_passages(talk_of(*said)))
    for completion in made.values():
        assert completion.note is not None
        assert "words." in str(completion.note)
        assert said[0] in completion.text


async def test_long_silence_is_told() -> None:
    talk = talk_of(*[f"Crane {n} lifts forty tonnes of grain in the harbour." for n in range(9)])
    quiet = replace(talk, coverage=replace(talk.coverage, total=600.0))
    completion = (await analyses(split_into_passages(quiet)))[AnalysisType.SUMMARY]
    assert completion.note is not None
    assert "no captions" in str(completion.note)


async def test_strangers_words_stay_words() -> None:
    hostile = "The **crane** in `gdata.example [9] lifts <b>forty_tonnes_of | grain *daily now."
    reading = split_into_passages(talk_of(*[hostile] * 3))
    check(reading, await analyses(reading))
    chapters = (Chapter("A `b [1] **c", 0), Chapter("d_e", 5))
    reading = split_into_passages(talk_of(*[hostile] * 3, chapters=chapters))
    text = (await analyses(reading))[AnalysisType.KEY_MOMENTS].text
    assert r"**A \`b \[1\] \*\*c:**" in text
    assert r"**d\_e**" in text


async def test_housekeeping_is_no_content() -> None:
    talk = talk_of(
        "Hello everybody and welcome back to the channel about harbours.",
        "This video is sponsored by a company that sells rope to harbours.",
        "The crane in Gdansk lifts forty tonnes of grain in one hour.",
        "Steel ropes on harbour cranes are replaced after two years of work.",
        "Don't forget to subscribe and hit the bell for more harbour videos.",
        "Thank you so much for watching our film on harbour cranes.",
    )
    for completion in (await analyses(split_into_passages(talk))).values():
        assert not re.search(r"sponsor|subscribe|welcome|thank you", completion.text, re.IGNORECASE)


async def test_the_same_talk_gives_the_same_text() -> None:
    assert await analyses(read(OWN[0])) == await analyses(read(OWN[0]))
