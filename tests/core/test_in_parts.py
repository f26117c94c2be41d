"""Talks that are longer than the window of a model are read whole all the same."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from fakes.model import LocalModel
from fakes.model_answers import tokens
from fakes.model_failures import Failure
from long_talks import insight, long_talk, question, take_notes
from youtube_analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    Answer,
    ChatMessage,
    MessageRole,
    Queued,
    ServiceFactory,
    Settings,
)
from youtube_analysis.errors import ModelBroke
from youtube_analysis.llm.port import Extract, Prompt
from youtube_analysis.llm.prompts.messages import converse, prompt_budget
from youtube_analysis.llm.prompts.notes import extract_text, passage_costs, plan, read_notes
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import Note, Transcript, split_into_passages
from youtube_analysis.repositories.tables import SCHEMA, talk_notes
from youtube_analysis.workflow import Event, Finished

HALF_HOUR = split_into_passages(long_talk(0.5))
TWO_HOURS = split_into_passages(long_talk(2))
KEY_MOMENTS = (AnalysisType.KEY_MOMENTS,)
IN_NOTES = "so these notes were taken"
Body = dict[str, Any]


@asynccontextmanager
async def reading_through(
    window: int, server: LocalModel, *, told: int = 0, **settings: Any
) -> AsyncIterator[ServiceFactory]:
    """`told`: what OPENAI_CONTEXT says of the window, where that is not so."""
    server.window = window
    chosen: dict[str, Any] = {
        "openai_context": told or window,
        "openai_verify": "off",
        "semantic": "off",
    }
    async with server:
        made = Settings(openai_base_url=server.url, openai_model="local", **(chosen | settings))
        async with ServiceFactory(made) as factory:
            yield factory


async def events_of(
    factory: ServiceFactory,
    reading: Transcript = HALF_HOUR,
    types: tuple[AnalysisType, ...] = KEY_MOMENTS,
) -> list[Event]:
    request = AnalysisRequest("unread", types)
    async with factory.get_video_analysis_workflow().open(request, reading=reading) as events:
        return [event async for event in events]


async def analyzed(factory: ServiceFactory, *args: Any) -> AnalysisResult:
    *_, end = await events_of(factory, *args)
    assert isinstance(end, Finished)
    return end.result


async def answer(
    factory: ServiceFactory,
    asked: str,
    reading: Transcript = HALF_HOUR,
    turns: tuple[ChatMessage, ...] = (),
) -> Answer:
    *_, end = [part async for part in factory.get_chat_service().ask(reading, asked, turns=turns)]
    assert isinstance(end, Answer)
    return end


def asked_for_notes(server: LocalModel) -> list[str]:
    return [call.last_message for call in server.calls if "Task: take notes" in call.last_message]


def found(text: str) -> int:
    return sum(insight(number).rstrip(".") in text for number in range(10))


@pytest.mark.parametrize("refuses", [False, True], ids=["cuts", "refuses"])
@pytest.mark.parametrize(
    ("window", "reading"), [(4_096, HALF_HOUR), (8_192, HALF_HOUR), (32_768, TWO_HOURS)]
)
async def test_every_window_serves_every_talk(
    window: int, reading: Transcript, refuses: bool
) -> None:
    server = LocalModel(reply=take_notes, refuses_long=refuses)
    async with reading_through(window, server) as factory:
        result = await analyzed(factory, reading, tuple(AnalysisType))
        answers = [await answer(factory, question(number), reading) for number in range(10)]
    assert not result.failures
    for output in result.outputs:
        assert output.engine == "local"
        assert output.note is None
        assert found(output.text) >= 9
        tenths = {int(10 * one.start / reading.video.duration) for one in output.citations}
        assert tenths == set(range(10))
        assert all(reading.cite(one.number).start <= one.start for one in output.citations)
    assert [insight(n).rstrip(".") in answers[n].text for n in range(10)].count(True) >= 9
    assert all(tokens(json.loads(call.raw)) <= window for call in server.calls)


async def test_a_part_is_read_once_however_many_want_it() -> None:
    server = LocalModel(reply=take_notes, first_token=0.05)
    async with reading_through(4_096, server) as factory:
        one, two, three = await asyncio.gather(
            analyzed(factory, HALF_HOUR, tuple(AnalysisType)),
            analyzed(factory, HALF_HOUR, (AnalysisType.BLOG_POST,)),
            answer(factory, question(3)),
        )
        parts = asked_for_notes(server)
        assert len(parts) == len(set(parts)) > 3
        await answer(factory, question(4))
        assert asked_for_notes(server) == parts
    whole = sum(tokens(json.loads(call.raw)) for call in server.calls[: len(parts)])
    spent = one.usage.prompt + two.usage.prompt + three.usage.prompt
    assert spent < 2 * whole  # what a part took is told once


async def test_a_long_talk_costs_little_more_than_itself() -> None:
    talk = "\n".join(f"[{one.number}] {one.text}" for one in TWO_HOURS.passages)
    spent = list[int]()
    for types in (KEY_MOMENTS, tuple(AnalysisType)):
        server = LocalModel(reply=take_notes)
        async with reading_through(32_768, server) as factory:
            spent.append((await analyzed(factory, TWO_HOURS, types)).usage.total)
    assert spent[0] <= 1.15 * len(talk) / 4
    assert spent[1] <= 1.35 * len(talk) / 4


async def test_progress_is_told_by_part() -> None:
    async with reading_through(4_096, LocalModel(reply=take_notes)) as factory:
        told = [event for event in await events_of(factory) if isinstance(event, Queued)]
    parts = told[0].parts
    assert [event.part for event in told] == sorted(event.part for event in told)
    assert {event.parts for event in told} == {parts}
    assert told[0].part == 1
    assert 3 < parts >= told[-1].part


async def test_after_a_kill_only_the_others_are_asked_again(tmp_path: Path) -> None:
    server = LocalModel(reply=take_notes, hold=asyncio.Event())
    kept: dict[str, Any] = {
        "database_url": f"sqlite:///{tmp_path / 'kept.db'}",
        "openai_concurrent": 1,
    }
    assert server.hold
    server.hold.set()

    hangs = asyncio.Event()

    def third_hangs(body: Body) -> str:
        if len(server.calls) == 3 and server.hold:
            server.hold.clear()
            hangs.set()
        return take_notes(body)

    server.reply = third_hangs
    async with reading_through(4_096, server, **kept) as factory:
        await remember(factory)
        run = asyncio.create_task(analyzed(factory))
        await hangs.wait()
        await until_kept(factory, 2)
        run.cancel()
    before = asked_for_notes(server)
    server = LocalModel(reply=take_notes)
    async with reading_through(4_096, server, **kept) as factory:
        await remember(factory)
        result = await analyzed(factory)
        again = asked_for_notes(server)
        assert await factory.get_session_repository().forget("here")
    assert found(result.outputs[0].text) >= 9
    assert set(before[:2]).isdisjoint(again)
    assert before[2] in again
    server = LocalModel(reply=take_notes)
    async with reading_through(4_096, server, **kept) as factory:
        await factory.get_database().open(SCHEMA)
        await analyzed(factory)
    assert len(asked_for_notes(server)) == len(again) + 2  # they went with the session


async def until_kept(factory: ServiceFactory, parts: int) -> None:
    count = select(func.count()).select_from(talk_notes)
    async with asyncio.timeout(30):
        while True:
            kept = await factory.get_database().read(lambda connection: connection.scalar(count))
            if kept == parts:
                return
            await asyncio.sleep(0.01)


async def remember(factory: ServiceFactory) -> None:
    await factory.get_database().open(SCHEMA)
    video, fingerprint = HALF_HOUR.video, HALF_HOUR.fingerprint
    await factory.get_session_repository().add_video("here", video, fingerprint, "")


async def test_a_part_that_fails_is_a_named_gap_until_it_is_read() -> None:
    server = LocalModel(reply=take_notes, always=Failure.FILTERED, only="passages 1 to ")
    async with reading_through(4_096, server) as factory:
        result = await analyzed(factory)
        (output,) = result.outputs
        assert output.engine == "local"
        assert output.note
        assert output.note.code is NoticeCode.PARTS_UNREAD
        assert "minutes 0–" in str(output.note)
        assert "declined" in str(output.note)
        assert any("minutes 0–" in str(missing) for missing in result.video.missing)
        assert found(output.text) >= 6
        told = await answer(factory, question(9))
        assert told.note
        assert told.note.code is NoticeCode.PARTS_UNREAD
        server.always, before = None, len(asked_for_notes(server))
        mended = await analyzed(factory)
        assert len(asked_for_notes(server)) == before + 1
    assert mended.outputs[0].note is None
    assert mended.video.missing == HALF_HOUR.video.missing
    assert found(mended.outputs[0].text) >= 9


async def test_where_every_part_fails_the_model_is_down() -> None:
    server = LocalModel(reply=take_notes, always=Failure.QUOTA)
    async with reading_through(4_096, server) as factory:
        (output,) = (await analyzed(factory)).outputs
    assert output.engine == "offline"
    assert "quota is used up" in str(output.note)


@pytest.mark.parametrize("window", [4_096, 8_192])
@pytest.mark.parametrize("refuses", [False, True], ids=["cuts", "refuses"])
async def test_a_window_that_nobody_told_is_learnt_and_the_talk_read_anew(
    window: int, refuses: bool
) -> None:
    server = LocalModel(reply=take_notes, refuses_long=refuses)
    async with reading_through(window, server, told=128_000) as factory:
        (output,) = (await analyzed(factory)).outputs
        assert output.engine == "local"
        assert output.note is None
        assert found(output.text) >= 9
        before = len(server.calls)
        (output,) = (await analyzed(factory, HALF_HOUR, (AnalysisType.X_POST,))).outputs
        assert found(output.text) >= 9
        assert len(server.calls) == before + 1


async def test_a_server_that_counts_in_its_own_way_is_asked_no_smaller_and_smaller() -> None:
    server = LocalModel(reply=take_notes, share=0.5)
    async with reading_through(0, server, told=128_000) as factory:
        (output,) = (await analyzed(factory)).outputs
        again = (await analyzed(factory, HALF_HOUR, (AnalysisType.X_POST,))).outputs[0]
    assert output.engine == again.engine == "local"
    assert found(output.text) >= 9
    assert "only part" in str(output.note)
    assert len(server.calls) < 9


async def test_a_talk_of_one_part_is_not_asked_for_once_more() -> None:
    short = split_into_passages(long_talk(0.1))
    async with reading_through(0, LocalModel(take_notes, share=0.5), told=128_000) as factory:
        (output,) = (await analyzed(factory, short)).outputs
    assert output.engine == "local"
    assert "only part" in str(output.note)
    server = LocalModel(take_notes, always=Failure.TOO_LONG)
    async with reading_through(0, server, told=128_000) as factory:
        (output,) = (await analyzed(factory, short)).outputs
    assert output.engine == "offline"
    assert "too long" in str(output.note)
    assert len(server.calls) == 1


async def test_what_a_note_invents_is_shown_to_nobody() -> None:
    lie = {"claim": "The mayor of Zanzibar sold 900 submarines.", "passages": [2]}

    def lying(body: Body) -> str:
        if "Task: take notes" not in str(body["messages"][-1]["content"]):
            return take_notes(body)
        return json.dumps({"notes": [lie, *json.loads(take_notes(body))["notes"]]})

    server = LocalModel(reply=lying)
    async with reading_through(4_096, server) as factory:
        await analyzed(factory)
    last = server.calls[-1].last_message
    assert IN_NOTES in last
    assert "insight" in last
    assert "Zanzibar" not in last


async def test_notes_that_do_not_fit_are_merged_until_they_do() -> None:
    def verbose(body: Body) -> str:
        """Takes three times as many notes of a part as it was asked for."""
        task = str(body["messages"][-1]["content"])
        if "This is a part" in task:
            body = {"messages": [{"content": re.sub(r"at most \d+ of", "at most 24 of", task)}]}
        return take_notes(body)

    server = LocalModel(reply=verbose)
    async with reading_through(4_096, server) as factory:
        (output,) = (await analyzed(factory)).outputs
        merges = [asked for asked in asked_for_notes(server) if IN_NOTES in asked]
        await analyzed(factory, HALF_HOUR, (AnalysisType.X_POST,))
        assert [a for a in asked_for_notes(server) if IN_NOTES in a] == merges
    assert len(merges) > 1
    assert found(output.text) >= 9
    assert all(tokens(json.loads(call.raw)) <= 4_096 for call in server.calls)


async def test_what_notes_leave_out_is_looked_up_in_the_likeliest_part() -> None:
    def forgetful(body: Body) -> str:
        """Finds an answer only where it sees a whole part."""
        last = str(body["messages"][-1]["content"])
        if "Task: take notes" in last or "This is a part" in str(body["messages"]):
            return take_notes(body)
        return "[none] The video does not tell."

    server = LocalModel(reply=forgetful)
    async with reading_through(4_096, server) as factory:
        told = await answer(factory, question(7))
        assert insight(7).rstrip(".") in told.text
        assert told.answered
        taken, last = asked_for_notes(server), server.calls[-1].last_message
        part = last.partition("# End")[0]
        assert any(asked.startswith(part) for asked in taken)  # as a server's cache knows it
        none = await answer(factory, "How long does every zinc pump run?")
    assert not none.answered
    assert none.text == "The video does not tell."


async def test_follow_ups_begin_with_the_same_bytes() -> None:
    server = LocalModel(reply=take_notes)
    turns: tuple[ChatMessage, ...] = ()
    async with reading_through(8_192, server) as factory:
        await analyzed(factory)
        begun = len(server.calls)
        for number in range(3):
            told = await answer(factory, question(number), HALF_HOUR, turns)
            turns = (
                *turns,
                ChatMessage(MessageRole.USER, question(number)),
                ChatMessage(MessageRole.ASSISTANT, told.text, answer=told),
            )
        sent = [call.raw.decode().partition("# Passages")[0] for call in server.calls[begun:]]
    assert len(sent) == 3
    for before, after in pairwise(sent):
        assert after.startswith(before.rpartition("# End")[0])


@pytest.mark.parametrize("window", [4_096, 8_192, 16_384, 32_768, 128_000])
@pytest.mark.parametrize("reading", [HALF_HOUR, TWO_HOURS], ids=["short", "long"])
def test_parts_hold_every_passage_once_and_fit(window: int, reading: Transcript) -> None:
    costs = passage_costs(reading)
    planned = plan(reading, costs, window)
    assert [n for part in planned.parts for n in part] == [p.number for p in reading.passages]
    sizes = [sum(costs[n - 1] for n in part) for part in planned.parts]
    assert max(sizes) <= min(25_000, window * 3 // 4)
    assert max(sizes) <= 1.2 * min(sizes)
    assert 0 < planned.notes_room <= window // 2


def test_a_part_fits_with_its_chapters_and_the_longest_of_names() -> None:
    video = long_talk(0.5)
    info = replace(video.info, title="标题" * 2_000, channel="频道" * 2_000)
    chapters = tuple(Chapter(f"A chapter of several words: {n}", n * 10.0) for n in range(170))
    reading = split_into_passages(replace(video, info=info, chapters=chapters))
    planned = plan(reading, passage_costs(reading), 4_096)
    for part in planned.parts:
        prompt = Prompt(reading, extract=Extract(part), notes=planned.most_notes)
        shown = extract_text(reading, Extract(part))
        assert converse(prompt, shown, prompt_budget(4_096)).tokens <= prompt_budget(4_096)


ONE = Note("It holds.", (12, 13))


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('{"notes": [{"claim": "It holds.", "passages": [12, 13]}]}', [ONE]),
        ('```json\n{"notes": [{"claim": "It  holds.", "passages": "[12] [13]"}]}\n```', [ONE]),
        ('{"notes": [{"claim": "It holds.", "passages": [12, 13]}, {"claim": "It', [ONE]),
        ('{"notes": [7, {"claim": 7}, {"claim": "It holds.", "passages": [12, 13]}]}', [ONE]),
        ('[{"claim": "It holds.", "passages": [12, 13]}]', [ONE]),
        ('{"notes": [{"claim": "It\nholds.", "passages": ["[12]", "[13]"]}]}', [ONE]),
        ("Here are they:\n- It holds. [12][13]\n", [Note("It holds", (12, 13))]),
        ('{"notes": []}', []),
        ("[]", []),
        ('{"notes": [{"claim": "It holds."}]}', [Note("It holds.", ())]),
    ],
)
def test_notes_are_read_in_whatever_form_they_come(text: str, notes: list[Note]) -> None:
    assert read_notes(text) == notes


@pytest.mark.parametrize("text", ["", "It holds.", '{"notes": "It holds."}', "{" * 9])
def test_what_is_no_notes_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ModelBroke, match="no notes"):
        read_notes(text)
