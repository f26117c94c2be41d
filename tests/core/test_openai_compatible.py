"""The client of language models against a local server that speaks, and fails, as they do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.model_failures import Failure
from talks import talk_of
from youtube_analysis import AnalysisType, ChatMessage, MessageRole, Settings
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)
from youtube_analysis.grounding.passages import read_passages
from youtube_analysis.llm.openai_compatible import OpenAICompatibleModel
from youtube_analysis.llm.port import Completion, Part, Prompt, Restarted, TextDelta
from youtube_analysis.models.progress import Queued

READING = read_passages(
    talk_of(
        *[f"Sentence number {n} speaks of crane {n} in the harbour of Gdansk." for n in range(40)]
    )
)
QUESTION = Prompt(READING, question="What lifts grain?")
SUMMARY = Prompt(READING, task=AnalysisType.SUMMARY)


@dataclass
class Asked:
    server: LocalModel
    model: OpenAICompatibleModel
    slept: list[float] = field(default_factory=list)

    async def parts(self, prompt: Prompt = QUESTION) -> list[Part]:
        return [part async for part in self.model.stream(prompt)]

    async def text(self, prompt: Prompt = QUESTION) -> str:
        """What the parts come to, restarts considered."""
        text = ""
        for part in await self.parts(prompt):
            text = "" if isinstance(part, Restarted) else text
            text += part.text if isinstance(part, TextDelta) else ""
        return text


@asynccontextmanager
async def asked(server: LocalModel | None = None, **settings: Any) -> AsyncIterator[Asked]:
    """A model whose waits between tries take no time and whose chance is always one half."""
    async with server or LocalModel() as running:
        made = Asked(running, OpenAICompatibleModel(Settings()))

        async def sleep(seconds: float) -> None:
            made.slept.append(seconds)

        chosen = replace(Settings(openai_base_url=running.url, openai_model="local"), **settings)
        made.model = OpenAICompatibleModel(chosen, sleep=sleep, rng=lambda: 0.5)
        try:
            yield made
        finally:
            await made.model.close()


async def test_text_streams_and_ends_with_usage() -> None:
    async with asked(LocalModel(cached=80)) as home:
        *deltas, end = await home.parts()
    assert len(deltas) > 20
    assert isinstance(end, Completion)
    assert end.engine == "local"
    assert end.usage.prompt > 500
    assert end.usage.completion == 100
    assert end.usage.cached == 80


async def test_the_summary_is_json_shown_as_markdown_while_it_grows() -> None:
    async with asked() as home:
        *deltas, end = await home.parts(SUMMARY)
        (call,) = home.server.calls
    assert call.body["response_format"]["type"] == "json_schema"
    assert not [part for part in deltas if isinstance(part, Restarted)]
    text = "".join(part.text for part in deltas if isinstance(part, TextDelta))
    assert text.startswith("**Category:** Technology · **Type:** Tutorial\n\n### TL;DR\n\n")
    assert "\n\n### Details\n\n**" in text
    assert "\n\n### Key points\n\n- " in text
    assert isinstance(end, Completion)
    assert end.classification is not None
    assert len(deltas) > 20


async def test_only_the_summary_asks_for_json() -> None:
    async with asked() as home:
        for kind in AnalysisType:
            await home.parts(Prompt(READING, task=kind))
        await home.parts()
        forms = ["response_format" in call.body for call in home.server.calls]
    assert forms == [True, False, False, False, False, False, False]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure.BUSY, ModelBusy),
        (Failure.SERVER_ERROR, ModelBusy),
        (Failure.QUOTA, ModelOutOfQuota),
        (Failure.UNAUTHORIZED, ModelMisconfigured),
        (Failure.NOT_FOUND, ModelMisconfigured),
        (Failure.TOO_LONG, TalkTooLong),
        (Failure.SILENT, ModelSilent),
        (Failure.HTML, ModelBroke),
        (Failure.GARBAGE, ModelBroke),
        (Failure.ODD_JSON, ModelBroke),
        (Failure.CUT, ModelBroke),
        (Failure.STALL, ModelSilent),
        (Failure.NO_END, ModelBroke),
        (Failure.ERROR_EVENT, ModelBroke),
        (Failure.ENDLESS, ModelBroke),
        (Failure.EMPTY, ModelBroke),
        (Failure.HALF_JSON, ModelBroke),
        (Failure.WRONG_SCHEMA, ModelBroke),
        (Failure.FILTERED, ModelDeclined),
    ],
)
@pytest.mark.parametrize("prompt", [QUESTION, SUMMARY], ids=["text", "json"])
async def test_every_failure_is_typed(
    failure: Failure, error: type[ModelError], prompt: Prompt
) -> None:
    if failure is Failure.HALF_JSON and prompt is QUESTION:
        pytest.skip("half a text is a text")
    async with asked(LocalModel(always=failure), openai_idle_timeout=0.3) as home:
        with pytest.raises(error) as caught:
            await home.parts(prompt)
        calls = len(home.server.calls)
    assert caught.value.message.endswith(".")
    tried_again = caught.value.retryable and error is not ModelSilent
    assert calls == (3 if tried_again else 1)
    assert len(home.slept) == calls - 1


@pytest.mark.parametrize(
    "failure",
    [Failure.BUSY, Failure.SERVER_ERROR, Failure.HTML, Failure.GARBAGE, Failure.CUT,
     Failure.NO_END, Failure.ERROR_EVENT, Failure.EMPTY],
)  # fmt: skip
@pytest.mark.parametrize("prompt", [QUESTION, SUMMARY], ids=["text", "json"])
async def test_what_passes_is_tried_again_and_comes_out_whole(
    failure: Failure, prompt: Prompt
) -> None:
    async with asked(LocalModel(failures=[failure, failure])) as home:
        whole = await home.text(prompt)
        assert whole == await home.text(prompt)
        assert len(home.server.calls) == 4
    assert home.slept == [0.4, 0.8]


async def test_a_server_that_names_a_time_is_asked_after_it() -> None:
    async with asked(LocalModel(failures=[Failure.BUSY], retry_after="7")) as home:
        await home.parts()
    assert home.slept == [7.0]
    async with asked(LocalModel(always=Failure.BUSY, retry_after="600")) as home:
        with pytest.raises(ModelBusy) as caught:
            await home.parts()
    assert home.slept == []
    assert caught.value.retry_after == 600


async def test_a_dead_server_is_unreachable_and_from_then_on_tried_once() -> None:
    async with asked() as home:
        await home.server.__aexit__()
        for calls in (2, 2):
            with pytest.raises(ModelUnreachable):
                await home.parts()
            assert len(home.slept) == calls
    async with asked() as home:
        home.server.always = Failure.BUSY
        for _ in range(2):
            with pytest.raises(ModelBusy):
                await home.parts()
        assert len(home.server.calls) == 4
        home.server.always = None
        assert await home.text()
        home.server.failures = [Failure.BUSY]
        assert await home.text()  # known to be alive: tried again as before


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize(
    "lacks",
    [
        {"stream_options"},
        {"prompt_cache_key"},
        {"json_schema"},
        {"json_schema", "json_object"},
        {"stream_options", "prompt_cache_key", "json_schema", "json_object"},
    ],
    ids=len,
)
async def test_what_a_server_lacks_is_done_without(lacks: set[str], named: bool) -> None:
    server = LocalModel(lacks=frozenset(lacks), names_what_it_lacks=named)
    async with asked(server) as home:
        end = (await home.parts(SUMMARY))[-1]
        assert isinstance(end, Completion)
        assert end.classification is not None
        asked_first = len(server.calls)
        await home.parts(SUMMARY)
    assert len(server.calls) == asked_first + 1  # remembered
    assert home.slept == []
    last = server.calls[-1].body
    form = (last.get("response_format") or {}).get("type")
    assert not {*last, form} & lacks


async def test_an_answer_cut_at_its_length_is_kept_and_said() -> None:
    for prompt in (QUESTION, SUMMARY):
        async with asked(LocalModel(always=Failure.LENGTH)) as home:
            end = (await home.parts(prompt))[-1]
        assert isinstance(end, Completion)
        assert "longest" in end.note


async def test_half_a_summary_cut_at_its_length_is_kept_as_far_as_it_goes() -> None:
    half = LocalModel(reply=lambda body: compose(body)[:400], always=Failure.LENGTH)
    async with asked(half) as home:
        text = await home.text(SUMMARY)
    assert "### TL;DR\n\n“" in text


@pytest.mark.parametrize(
    "written",
    [
        lambda good: f"```json\n{good}\n```",
        lambda good: f"Here you are:\n{good}",
        lambda good: f"<think>Let me see {{ }}</think>\n\n{good}",
        lambda good: json.dumps(dict(reversed(list(json.loads(good).items())))),
        lambda good: json.dumps(json.loads(good) | {"category": "technology", "more": 1}, indent=1),
    ],
    ids=["fence", "preface", "thoughts", "order", "case"],
)
async def test_a_summary_is_read_however_it_is_wrapped(written: Callable[[str], str]) -> None:
    async with asked(LocalModel(reply=lambda body: written(compose(body)))) as home:
        end = (await home.parts(SUMMARY))[-1]
        text = await home.text(SUMMARY)
    assert isinstance(end, Completion)
    assert end.classification is not None
    assert end.classification.category == "Technology"
    assert text.startswith("**Category:** Technology · **Type:**")
    assert text.index("### TL;DR") < text.index("### Details") < text.index("### Key points")


async def test_thoughts_are_not_part_of_an_answer() -> None:
    reply = "<think>The user wants … [3]</think>\n\nThe crane. [1]"
    async with asked(LocalModel(reply=lambda _: reply)) as home:
        assert await home.text() == "The crane. [1]"


async def test_a_made_up_category_becomes_none() -> None:
    wrong = {"category": "Gossip", "context_tag": 3, "tldr": "A talk. [1]", "details": "x",
             "key_points": [{"a": 1}, "One. [1]"]}  # fmt: skip
    async with asked(LocalModel(reply=lambda _: json.dumps(wrong))) as home:
        assert "**Category:** Uncategorized · **Type:** General" in await home.text(SUMMARY)


async def test_a_talk_beyond_the_context_is_never_sent() -> None:
    async with asked(openai_context=4_500) as home:
        with pytest.raises(TalkTooLong, match="4,500"):
            await home.parts()
        assert home.server.calls == []


async def test_whatever_is_asked_of_a_video_begins_with_the_same_bytes() -> None:
    """So that a server can serve it from its cache."""
    talk = read_passages(talk_of(*[f"Sentence {n} of a talk of half an hour." for n in range(360)]))
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
    assert last[-2]["content"].startswith("It is sentence 7. [")


async def test_more_than_may_stream_at_once_wait_in_a_line() -> None:
    server = LocalModel(first_token=0.05)
    async with asked(server, openai_concurrent=2) as home:
        runs = await asyncio.gather(*(home.parts() for _ in range(5)))
    assert server.most_at_once == 2
    positions = [[part.position for part in run if isinstance(part, Queued)] for run in runs]
    assert sorted(positions)[:2] == [[], []]
    assert max(positions) == [3, 2, 1]
    assert sorted(map(len, positions)) == [0, 0, 1, 2, 3]


async def test_leaving_early_hangs_up() -> None:
    server = LocalModel(rate=50)
    async with asked(server) as home:
        stream = home.model.stream(QUESTION)
        assert isinstance(await anext(stream), TextDelta)
        await stream.aclose()
        await asyncio.wait_for(server.idle.wait(), 5)
    assert not server.calls[0].whole


async def test_tokens_and_their_cost_are_counted() -> None:
    prices = {"openai_input_price": 2.0, "openai_cached_price": 0.5, "openai_output_price": 10.0}
    async with asked(LocalModel(cached=100), **prices) as home:
        end = (await home.parts())[-1]
        counters = home.model.counters
    assert isinstance(end, Completion)
    assert (counters.requests, counters.failures) == (1, 0)
    assert (counters.prompt, counters.cached) == (end.usage.prompt, 100)
    fresh = end.usage.prompt - 100
    assert counters.cost == pytest.approx((fresh * 2 + 100 * 0.5 + 100 * 10) / 1e6)
