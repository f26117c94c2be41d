"""One outline of a talk for the analysis, the timeline and the transcript."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from analyses import OWN, analyses, read
from talks import talk_of
from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.llm.offline.outline import find_outline
from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.models.analysis import AnalysisType, TaskOutput
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.services.outline import OutlineService

HEADING = re.compile(r"^- \[\d+\] \*\*(.*?)(?::\*\*|\*\*$)", re.MULTILINE)


async def test_the_outline_is_the_creators_chapters() -> None:
    chapters = (Chapter("Loading", 0), Chapter(" ", 60), Chapter("Customs", 120))
    sentences = [f"Crane {n} lifts forty tonnes of grain." for n in range(36)]
    reading = split_into_passages(talk_of(*sentences, chapters=chapters))
    outline = find_outline(Talk(reading))
    assert [topic.title for topic in outline] == ["Loading", "Loading", "Customs"]
    assert [topic.start for topic in outline] == [0.0, 60.0, 120.0]
    moments = TaskOutput(AnalysisType.KEY_MOMENTS, "- [2] **A:** b. [2]\n- [3] **C:** d. [3]", "m")
    assert await OutlineService(OfflineModel()).topics(reading, moments) == outline
    rows = HEADING.findall((await analyses(reading))[AnalysisType.KEY_MOMENTS].text)
    assert rows == [topic.title for topic in outline]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_the_outline_has_no_gap(path: Path) -> None:
    reading = read(path)
    outline = find_outline(Talk(reading))
    assert 3 <= len(outline) <= 8
    assert outline[0].first == 1
    assert outline[-1].last == len(reading.passages)
    assert all(before.last + 1 == after.first for before, after in pairwise(outline))


def test_topics_begin_where_the_speaker_goes_on() -> None:
    """Now, the meeting itself; the third thing is; fourth; there is one more trap."""
    assert {10, 15, 21, 33} <= {topic.first for topic in find_outline(Talk(read(OWN[0])))}


def test_no_heading_is_a_list_of_words_or_torn() -> None:
    cranes = (
        "Cranes, hooks, ropes and drums.",
        "The crane of the harbour lifts the grain from the ships on Monday.",
        "The rope, the hook, the drum of the crane.",
        "The crane and the",
        "He said that the crane of the harbour (which he built) lifts grain.",
    )
    for topic in find_outline(Talk(split_into_passages(talk_of(*cranes * 5)))):
        assert topic.title.count(",") < 2
        assert topic.title.count("(") == topic.title.count(")")
        assert topic.title.split()[-1] not in {"the", "of", "from"}
        assert 3 <= len(topic.title.split()) <= 8


async def test_the_outline_follows_the_models_key_moments() -> None:
    reading = read(OWN[0])
    text = "- [1] **Why:** It begins. [2]\n- [15] **How you\nask:** So. [16]\n- [99] **No:** x."
    moments = TaskOutput(AnalysisType.KEY_MOMENTS, text, "gpt")
    outline = await OutlineService(OfflineModel()).topics(reading, moments)
    assert [(topic.title, topic.first, topic.last) for topic in outline] == [
        ("Why", 1, 14),
        ("How you ask", 15, len(reading.passages)),
    ]
    assert outline[1].start == reading.passages[14].start
    offline = find_outline(Talk(reading))
    for other in (
        None,
        replace(moments, engine="offline"),
        replace(moments, type=AnalysisType.SUMMARY),
        replace(moments, text="Nothing to list. [3]"),
    ):
        assert await OutlineService(OfflineModel()).topics(reading, other) == offline
