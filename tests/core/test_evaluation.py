"""What is measured of a talk, on texts whose mistakes are known: each figure is counted by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_answers import tokens
from fakes.model_failures import Failure
from talks import SECONDS, talk_of
from youtube_analysis import ServiceFactory, Settings
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.services.evaluation import (
    Evaluation,
    EvaluationService,
    Question,
    hits,
)

# One passage each, of five seconds: two make a tenth of the talk.
SAID = (
    "This wooden crane stands at the harbour of Gdansk.",
    "Two brothers built it in the year 1444 for a merchant.",
    "It lifted forty tonnes of grain in a single hour.",
    "Inside are two huge wheels in which men walked all day.",
    "Ropes are checked by the keeper before the first lift.",
    "Never stand under a load that hangs from a hook.",
    "The museum next door shows amber and old maps.",
    "A ticket for children costs three zloty on Sundays.",
    "Ferries to Sweden leave from the pier every second morning.",
    "The captain of our ferry plays the violin at breakfast.",
    "Bakers sell dark bread with plum jam near the bridge.",
    "Our guide lost her umbrella in the strong wind.",
    "Storks nest on the chimney of the town brewery.",
    "Cyclists follow the green signs towards the lighthouse.",
    "The lighthouse keeper paints his door every spring.",
    "Fishermen mend their nets behind the church.",
    "Swimming is forbidden near the old locks.",
    "The library lends telescopes to patient visitors.",
    "Winter here is long, quiet and full of fog.",
    "Thank you for listening, and come and see us.",
)
# What the model writes for the summary, the key moments and each question.
SUMMARY = {
    "category": "Education",
    "context_tag": "General",
    "tldr": "Two brothers built the crane in the year 1444. [2]",
    "details": [],
    "key_points": [
        # Said in the third passage, which is not named.
        "It lifted forty tonnes of grain in a single hour. [15]",
        # Nobody says ninety.
        "Men in the huge wheels lifted ninety tonnes. [4]",
        # Said, and not cited.
        "Ferries to Sweden leave from the pier every second morning.",
    ],
}
MOMENTS = """\
- [6] **Danger:** The speaker warns: “Never stand under a load that hangs from a hook.” [6]
- [9] **Ferries:** “Ferries to Sweden leave from the bridge every Friday morning.” [9]
"""
ANSWERS = {
    "Who built it?": "Two brothers built it for a merchant. [2]",
    "What do bakers sell?": "Storks nest on the chimney. [13] Bakers sell dark bread. [11]",
    "What is parking?": "[none] The video does not tell. A ticket costs three zloty. [8]",
}
BUILT, SOLD, PARKING = ANSWERS


def reply(body: dict[str, Any]) -> str:
    if "response_format" in body:
        return json.dumps(SUMMARY)
    last = str(body["messages"][-1]["content"])
    return next((answer for asked, answer in ANSWERS.items() if asked in last), MOMENTS)


def talk() -> Transcript:
    chapters = tuple(Chapter(f"Part {n}", n * SECONDS) for n in range(len(SAID)))
    return split_into_passages(talk_of(*SAID, title="The crane", chapters=chapters))


def place(number: int) -> tuple[float, float]:
    """Where a passage is said."""
    return ((number - 1) * SECONDS, number * SECONDS)


@asynccontextmanager
async def opened(model: LocalModel | None, **settings: Any) -> AsyncIterator[EvaluationService]:
    if model:
        settings |= {"openai_base_url": model.url, "openai_model": "local"}
    async with ServiceFactory(Settings(**settings)) as factory:
        yield factory.get_evaluation_service()


async def measure(model: LocalModel | None, *questions: Question) -> Evaluation:
    async with opened(model, semantic="off") as service:
        return await service.evaluate(talk(), questions)


async def test_each_figure_of_an_analysis_is_what_a_person_counts() -> None:
    async with LocalModel(reply=reply, first_token=0.1) as model:
        found = await measure(model)
        read = sum(tokens(call.body) for call in model.calls)
    assert (found.talk, found.model) == ("The crane", "local")
    # Six claims, of which one has no citation.
    assert found.citation_recall == pytest.approx(5 / 6)
    # Of [2] [15] [4] [6] [9], the first and the fourth.
    assert found.citation_precision == pytest.approx(2 / 5)
    # One of two: there is no bridge, and no Friday.
    assert found.quotes_right == pytest.approx(1 / 2)
    # 1444 and forty are spoken, ninety is not.
    assert found.numbers_right == pytest.approx(2 / 3)
    # The ninety tonnes and the Friday.
    assert found.marked == pytest.approx(2 / 6)
    # Passages 2; 4; 6; 9; 15.
    assert found.tenths == 5
    # What the server counted, and a hundred written by each of two calls.
    assert found.tokens == read + 2 * 100
    assert 0.2 <= found.seconds < 20
    assert (found.hit1, found.hit3) == (None, None)


async def test_answers_count_as_well_and_are_held_against_their_windows() -> None:
    async with LocalModel(reply=reply) as model:
        alone = await measure(model)
        found = await measure(
            model,
            Question(BUILT, (place(2),)),
            Question(SOLD, (place(11),)),
            Question(PARKING),
        )
    # Four claims more, all cited and found; who says that the video does not tell claims nothing
    # by that, but by what is added.
    assert found.citation_recall == pytest.approx((5 + 4) / (6 + 4))
    assert found.citation_precision == pytest.approx((2 + 4) / (5 + 4))
    assert found.marked == pytest.approx(2 / (6 + 4))
    assert found.numbers_right == pytest.approx((2 + 2) / (3 + 2))
    # Of the two with windows, one at the first citation and both at the first three.
    assert (found.hit1, found.hit3) == (0.5, 1.0)
    # It is the analysis that shall go through the talk.
    assert found.tenths == alone.tenths
    assert found.tokens > alone.tokens


async def test_an_answer_at_the_wrong_place_is_no_hit() -> None:
    async with LocalModel(reply=reply) as model:
        found = await measure(model, Question(BUILT, (place(17),)), Question(PARKING, (place(3),)))
    assert (found.hit1, found.hit3) == (0.0, 0.0)


async def test_each_question_is_told_when_its_turn_comes() -> None:
    async with LocalModel(reply=reply) as model, opened(model, semantic="off") as service:
        turns: list[int] = []
        asked = Question(BUILT), Question(SOLD, language="de")
        await service.evaluate(talk(), asked, turns.append)
        last = [call.last_message for call in model.calls[2:]]
    assert turns == [1, 2]
    assert last[0].endswith(BUILT)
    assert SOLD in last[1]
    assert last[1].endswith(": de")


async def test_sections_are_made_anew_each_time() -> None:
    async with LocalModel(reply=reply) as model, opened(model, semantic="off") as service:
        await service.evaluate(talk())
        await service.evaluate(talk())
        assert len(model.calls) == 4


async def test_a_model_that_writes_only_what_is_said_has_nothing_against_it() -> None:
    async with LocalModel() as model:
        found = await measure(model)
    shares = found.citation_recall, found.citation_precision, found.quotes_right
    assert shares == (1.0, 1.0, 1.0)
    assert (found.numbers_right, found.marked) == (1.0, 0.0)


async def test_the_offline_engine_is_measured_like_any_other() -> None:
    found = await measure(None, Question(BUILT, (place(2),)))
    assert found.model == "offline"
    assert (found.citation_precision, found.quotes_right, found.marked) == (1.0, 1.0, 0.0)
    assert (found.hit1, found.hit3) == (1.0, 1.0)
    assert found.tokens == 0
    assert found.tenths == 10


async def test_what_a_model_broke_off_is_not_measured_but_what_stood_in() -> None:
    async with LocalModel(reply=reply, always=Failure.NO_END) as model:
        stood_in = await measure(model)
    offline = await measure(None)
    assert replace(stood_in, seconds=0.0) == replace(offline, seconds=0.0)


async def test_a_model_that_was_away_for_a_while_is_mixed() -> None:
    async with LocalModel(reply=reply, always=Failure.NO_END, only=BUILT) as model:
        found = await measure(model, Question(BUILT))
    assert found.model == "mixed"


async def test_the_vectors_of_the_talk_are_there_before_the_first_question() -> None:
    async with LocalModel(reply=reply) as model:
        embedding = {"openai_embedding_model": "local", "openai_embedding_base_url": model.url}
        async with opened(None, **embedding) as service:
            seen: list[set[str]] = []

            def on_question(_: int) -> None:
                seen.append({text for call in model.embeddings.calls for text in call.texts})

            await service.evaluate(talk(), (Question(BUILT),), on_question)
    assert all(any(said in text for text in seen[0]) for said in SAID)


def test_a_hit_is_an_overlap_with_a_short_citation() -> None:
    window = (100.0, 140.0)
    assert hits([(130, 175)], [window], 1)
    assert not hits([(131, 175)], [window], 1)
    assert not hits([(90, 151)], [window], 1)
    assert hits([(102, 140)], [(100, 104)], 1)
    assert not hits([(102.5, 140)], [(100, 104)], 1)
    assert not hits([(0, 45), (130, 175)], [window], 1)
    assert hits([(0, 45), (130, 175)], [window], 2)
    assert not hits([window], [window, (300.0, 320.0)], 3)
    assert hits([window, (300, 330)], [window, (300.0, 320.0)], 3)
    assert not hits([window], [], 3)
