"""The client of language models against a local server that speaks as they do."""

import asyncio
import json
from itertools import pairwise, takewhile
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_asked import QUESTION, READING, asked
from fakes.model_failures import Failure
from talks import talk_of
from youtube_analysis import AnalysisType, ChatMessage, MessageRole
from youtube_analysis.errors import ModelError, WindowTooSmall
from youtube_analysis.llm.port import Completion, Prompt, TextDelta
from youtube_analysis.llm.prompts.messages import TalkText, TokenCounts, converse
from youtube_analysis.models.analysis import Queued
from youtube_analysis.passages.transcript import split_into_passages


async def test_text_streams_and_ends_with_usage() -> None:
    async with asked(LocalModel(cached=80, rate=400)) as home:
        *deltas, end = await home.parts()
    assert len(deltas) > 5
    assert isinstance(end, Completion)
    assert end.engine == "local"
    assert end.usage.prompt > 500
    assert end.usage.completion == 100
    assert end.usage.cached == 80


async def test_a_talk_beyond_the_window_is_never_sent() -> None:
    async with asked(openai_context=1_100) as home:
        with pytest.raises(WindowTooSmall, match="1,100"):
            await home.parts()
        assert home.server.calls == []


async def test_whatever_is_asked_of_a_video_begins_with_the_same_bytes() -> None:
    """So that a server can serve it from its cache."""
    talk = split_into_passages(
        talk_of(*[f"Sentence {n} of a talk of half an hour." for n in range(360)])
    )
    turns: tuple[ChatMessage, ...] = ()
    async with asked() as home:
        for kind in tuple(AnalysisType)[1:]:
            await home.parts(Prompt(talk, task=kind))
        for question in ("What is it about?", "And who says so?", "Why?"):
            await home.parts(Prompt(talk, question=question, turns=turns))
            answer = "It is sentence 7. [0:35](https://youtu.be/dQw4w9WgXcQ?t=35)"
            said = ChatMessage(MessageRole.USER, question)
            turns = (*turns, said, ChatMessage(MessageRole.ASSISTANT, answer))
        bodies = [call.raw for call in home.server.calls]
    for before, after in pairwise(bodies):
        same = list(takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
        assert len(same) >= 0.95 * len(before)
    last = json.loads(bodies[-1])["messages"]
    assert [message["role"] for message in last] == ["system", *["user", "assistant"] * 2, "user"]
    assert "0:35" not in last[-2]["content"]
    assert last[-2]["content"] == "It is sentence 7."  # as older versions wrote times
    assert ":" not in last[1]["content"].partition("# Passages")[2]


async def test_more_than_may_stream_at_once_wait_in_a_line() -> None:
    server = LocalModel(first_token=0.05)
    async with asked(server, openai_concurrent=2) as home:
        runs = await asyncio.gather(*(home.parts() for _ in range(5)))
    assert server.most_at_once == 2
    positions = [[part.position for part in run if isinstance(part, Queued)] for run in runs]
    assert sorted(place[:1] for place in positions) == [[], [], [1], [2], [3]]
    # Two steps at once are told as one.
    assert all(place == sorted(set(place), reverse=True) for place in positions)


async def test_leaving_early_hangs_up() -> None:
    server = LocalModel(rate=50)
    async with asked(server) as home:
        stream = home.model.stream(QUESTION)
        assert isinstance(await anext(stream), TextDelta)
        await stream.aclose()
        await asyncio.wait_for(server.idle.wait(), 5)
    assert not server.calls[0].whole


async def test_tokens_and_their_cost_are_counted() -> None:
    prices: dict[str, Any] = {
        "openai_input_price": 2.0,
        "openai_cached_price": 0.5,
        "openai_output_price": 10.0,
    }
    async with asked(LocalModel(cached=100), **prices) as home:
        end = (await home.parts())[-1]
        counted = home.model.metrics.value
    assert isinstance(end, Completion)
    assert (counted("model_requests_total"), counted("model_failures_total")) == (1, 0)
    assert counted("model_tokens_total", "prompt") == end.usage.prompt
    assert counted("model_tokens_total", "cached") == 100
    fresh = end.usage.prompt - 100
    assert counted("model_cost_total") == pytest.approx((fresh * 2 + 100 * 0.5 + 100 * 10) / 1e6)


async def test_a_check_lists_the_models_and_says_what_is_wrong() -> None:
    async with asked() as home:
        await home.model.check()
        for failure in (Failure.HTML, Failure.GARBAGE, Failure.UNAUTHORIZED, Failure.NOT_HTTP):
            home.server.always = failure
            with pytest.raises(ModelError):
                await home.model.check()


def test_a_turn_of_a_thread_is_counted_once() -> None:
    counted: list[str] = []

    class Counts(TokenCounts):
        def count(self, text: str) -> int:
            counted.append(text)
            return super().count(text)

    counts, talk = Counts(most=3), TalkText("a talk", 3)
    turns = tuple(ChatMessage(MessageRole.USER, text) for text in ("one", "two"))
    for question in ("why?", "who?"):
        prompt = Prompt(READING, question=question, turns=turns)
        assert converse(prompt, talk, 9_000, counts) == converse(prompt, talk, 9_000)
    assert counted == ["one", "two", "why?", "who?"]
    counts("why?")
    assert counted[4:] == ["why?"]  # it was used least recently
