"""Events of the core become what a reply shows."""

from __future__ import annotations

import pytest

from fakes.model_asked import READING
from vidthread.replies import AnalysisState, AnswerState
from vidthread.sentences import say
from vidthread.surface import Answer, Progress, Section, VideoCard
from youtube_analysis import AnalysisType
from youtube_analysis.models.analysis import Queued
from youtube_analysis.workflow import SectionDelta, VideoRead

ANSWER = AnswerState("key", "somebody", READING)
ANALYSIS = AnalysisState("key", "somebody", (AnalysisType.SUMMARY,))


@pytest.mark.parametrize("state", [ANSWER, ANALYSIS], ids=["answer", "analysis"])
def test_what_is_waited_for_is_told(state: AnswerState | AnalysisState) -> None:
    told: list[tuple[str, int | None]] = []
    for event in (Queued(2), Queued(1), Queued(0)):
        state = state.fold(event)
        block = state.reply().blocks[0]
        assert isinstance(block, Progress)
        told.append((block.text, block.position))
    assert told == [
        ("Queued: number 2 in line", 2),
        ("Queued: number 1 in line", 1),
        (say("progress.model_reads"), 0),
    ]


@pytest.mark.parametrize("state", [ANSWER, ANALYSIS], ids=["answer", "analysis"])
def test_a_long_talk_is_told_part_by_part(state: AnswerState | AnalysisState) -> None:
    block = state.fold(Queued(0, part=2, parts=6)).reply().blocks[0]
    assert block == Progress("Reading part 2 of 6")


def test_the_first_word_ends_the_wait() -> None:
    answer = ANSWER.fold(Queued(0)).fold("It ")
    assert isinstance(answer.reply().blocks[0], Answer)
    analysis = ANALYSIS.fold(Queued(0)).fold(SectionDelta(AnalysisType.SUMMARY, "It "))
    section, progress, *_ = analysis.reply().blocks
    assert isinstance(section, Section)
    assert isinstance(progress, Progress)
    assert progress.text != say("progress.model_reads")


def test_nobody_says_how_much_was_read_before_the_parts_of_a_long_talk_are() -> None:
    reading = VideoRead(READING)
    known = ANALYSIS.fold(reading).reply().blocks[0]
    assert isinstance(known, VideoCard)
    assert known.coverage
    parts = ANALYSIS.fold(reading).fold(Queued(0, part=2, parts=6)).reply().blocks[0]
    assert isinstance(parts, VideoCard)
    assert parts.coverage == ""
