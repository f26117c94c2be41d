"""What a server of language models lacks is found out and done without."""

import asyncio

import pytest

from fakes.model import LocalModel
from fakes.model_asked import QUESTION, SUMMARY, asked
from fakes.model_failures import Failure
from youtube_analysis.errors import ModelMisconfigured
from youtube_analysis.llm.port import Completion, Prompt


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


@pytest.mark.parametrize("status", [404, 405, 415, 422, 500, 501])
async def test_what_the_refusal_names_is_done_without_whatever_its_status(status: int) -> None:
    server = LocalModel(lacks=frozenset({"json_schema", "stream_options"}), refuses_with=status)
    async with asked(server) as home:
        await home.parts(SUMMARY)
        assert len(server.calls) == 3
        await home.parts(SUMMARY)
    assert len(server.calls) == 4
    assert server.calls[-1].body["response_format"]["type"] == "json_object"
    assert "prompt_cache_key" in server.calls[-1].body


@pytest.mark.parametrize("prompt", [QUESTION, SUMMARY], ids=["text", "json"])
async def test_a_refusal_for_another_reason_costs_no_feature(prompt: Prompt) -> None:
    async with asked(LocalModel(failures=[Failure.BAD_REQUEST])) as home:
        assert await home.text(prompt)
        first, again = (call.body for call in home.server.calls)
        assert first == again
    async with asked(LocalModel(always=Failure.BAD_REQUEST)) as home:
        with pytest.raises(ModelMisconfigured, match="400"):
            await home.parts(prompt)
        home.server.always = None
        assert await home.text(prompt)
        assert home.server.calls[-1].body == home.server.calls[0].body
    assert home.slept == []


async def test_what_is_found_out_at_the_same_time_adds_up() -> None:
    server = LocalModel(lacks=frozenset({"json_schema", "stream_options"}), first_token=0.05)
    async with asked(server) as home:
        await asyncio.gather(*(home.parts(prompt) for prompt in (SUMMARY, QUESTION, SUMMARY)))
        calls = len(server.calls)
        await home.parts(SUMMARY)
    assert len(server.calls) == calls + 1
    assert server.calls[-1].body["response_format"]["type"] == "json_object"
