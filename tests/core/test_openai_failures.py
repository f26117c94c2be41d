"""How the client of language models fails, and when it tries again."""

import asyncio
import gc
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_asked import NOON, QUESTION, SUMMARY, asked
from fakes.model_failures import ODD_EVENTS, ODD_USAGE, Failure
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    WindowTooSmall,
)
from youtube_analysis.llm.port import Completion, Prompt, Restarted
from youtube_analysis.models.analysis import TokenUsage

IMPATIENT: dict[str, Any] = {"openai_first_token_timeout": 0.6, "openai_idle_timeout": 0.6}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Compiled patterns leave finalizers, which fail where a deep text has filled the stack."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure.BUSY, ModelBusy),
        (Failure.SERVER_ERROR, ModelBusy),
        (Failure.QUOTA, ModelOutOfQuota),
        (Failure.UNAUTHORIZED, ModelMisconfigured),
        (Failure.NOT_FOUND, ModelMisconfigured),
        (Failure.TOO_LONG, WindowTooSmall),
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
        (Failure.ERROR_REASON, ModelBroke),
        (Failure.ABORTED, ModelBroke),
        (Failure.UNSAFE, ModelDeclined),
        (Failure.NOT_HTTP, ModelBroke),
        (Failure.BAD_GZIP, ModelBroke),
        *((odd, ModelBroke) for odd in ODD_EVENTS),
    ],
)
@pytest.mark.parametrize("prompt", [QUESTION, SUMMARY], ids=["text", "json"])
async def test_every_failure_is_typed(
    failure: Failure, error: type[ModelError], prompt: Prompt
) -> None:
    if failure is Failure.HALF_JSON and prompt is QUESTION:
        pytest.skip("half a text is a text")
    async with asked(LocalModel(always=failure), **IMPATIENT) as home:
        with pytest.raises(error) as caught:
            await home.parts(prompt)
        calls = len(home.server.calls)
    assert caught.value.message.endswith(".")
    tried_again = caught.value.retryable and error is not ModelSilent
    assert calls == (3 if tried_again else 1)
    assert len(home.slept) == calls - 1


@pytest.mark.parametrize(
    "failure",
    [*ODD_USAGE, Failure.PARTS, Failure.TWO_CHOICES, Failure.PINGS, Failure.STAYS_OPEN,
     Failure.CUT_AFTER_END, Failure.ODD_AFTER_END],
)  # fmt: skip
@pytest.mark.parametrize("prompt", [QUESTION, SUMMARY], ids=["text", "json"])
async def test_what_takes_nothing_from_an_answer_costs_none(
    failure: Failure, prompt: Prompt
) -> None:
    async with asked() as home:
        whole = await home.text(prompt)
    async with asked(LocalModel(always=failure)) as home:
        parts = await home.parts(prompt)
        assert len(home.server.calls) == 1
        assert await home.text(prompt) == whole
    end = parts[-1]
    assert isinstance(end, Completion)
    assert not any(isinstance(part, Restarted) for part in parts)
    assert (end.usage == TokenUsage()) == (failure in ODD_USAGE)


@pytest.mark.parametrize(
    "failure",
    [Failure.BUSY, Failure.SERVER_ERROR, Failure.HTML, Failure.GARBAGE, Failure.CUT,
     Failure.NO_END, Failure.ERROR_EVENT, Failure.EMPTY, Failure.NOT_HTTP, Failure.NULL_CHOICE],
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


@pytest.mark.parametrize(
    ("told", "slept"),
    [
        (format_datetime(NOON + timedelta(seconds=7), usegmt=True), 7.0),
        (format_datetime(NOON + timedelta(seconds=7)), 7.0),
        (format_datetime(NOON - timedelta(days=7), usegmt=True), 0.4),
        ("Wed, 12 Aug 2026 12:00:07 -0000", 7.0),
        ("Wed, 12 Aug 99999999999999999999 12:00:07 GMT", 0.4),
        ("soon", 0.4),
        ("nan", 0.4),
        ("inf", 0.4),
        ("-5", 0.4),
        ("7, 7", 0.4),
    ],
)
async def test_a_time_may_be_a_date_and_what_is_neither_is_ignored(told: str, slept: float) -> None:
    async with asked(LocalModel(failures=[Failure.BUSY], retry_after=told)) as home:
        await home.parts()
    assert home.slept == [slept]


async def test_all_tries_together_end_in_time() -> None:
    text = "The crane lifts grain. [1] " * 4
    server = LocalModel(reply=lambda _: text, first_token=1.0, rate=100, always=Failure.CUT)
    async with asked(server, openai_total_timeout=2.0) as home:
        with pytest.raises(ModelBroke):
            await home.parts()
        assert len(server.calls) == 2  # a third would come too late
    async with asked(
        LocalModel(always=Failure.BUSY, retry_after="7"),
        openai_first_token_timeout=1.0,
        openai_total_timeout=5.0,
    ) as home:
        with pytest.raises(ModelBusy):
            await home.parts()
    assert home.slept == []


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


@pytest.mark.parametrize("failure", [Failure.SILENT, Failure.STALL])
async def test_a_server_that_was_silent_is_left_in_peace_until_it_has_rested(
    failure: Failure,
) -> None:
    async with asked(LocalModel(always=failure), rest=0.5, **IMPATIENT) as home:
        for _ in range(4):
            with pytest.raises(ModelSilent):
                await home.parts()
        assert len(home.server.calls) == 2
        home.server.always = None
        await asyncio.sleep(0.6)
        assert await home.text()
        assert await home.text()


async def test_a_slow_server_that_was_silent_once_is_not_taken_for_dead() -> None:
    """The one that tries it again has all the patience of the first."""
    server = LocalModel(first_token=1.0, failures=[Failure.SILENT] * 2)
    async with asked(server, rest=0.1, openai_first_token_timeout=1.5) as home:
        for _ in range(2):
            with pytest.raises(ModelSilent):
                await home.parts()
        await asyncio.sleep(0.2)
        assert await home.text()


async def test_a_server_may_read_for_longer_than_it_may_fall_silent() -> None:
    async with asked(LocalModel(first_token=0.6), openai_idle_timeout=0.3) as home:
        assert await home.text()


async def test_the_total_time_counts_from_the_first_token() -> None:
    async with asked(LocalModel(first_token=0.8), openai_total_timeout=0.6) as home:
        assert await home.text()
    async with asked(LocalModel(rate=20), openai_total_timeout=0.3) as home:
        with pytest.raises(ModelSilent):
            await home.parts()


async def test_comments_and_thoughts_are_signs_of_life() -> None:
    for failure in (Failure.COMMENTS_FIRST, Failure.THOUGHTS_FIRST):
        async with asked(LocalModel(always=failure), **IMPATIENT) as home:
            assert await home.text()
            assert len(home.server.calls) == 1
