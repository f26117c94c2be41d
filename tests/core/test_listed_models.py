"""The host lists models; a request names one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_failures import Failure
from long_talks import long_talk, take_notes
from talks import talk_of
from youtube_analysis import (
    AnalysisRequest,
    AnalysisType,
    Answer,
    CaptionsFile,
    ServiceFactory,
    Settings,
    TaskOutput,
    run_analysis_v2,
)
from youtube_analysis.analysis_v2 import cleanup_analysis_resources
from youtube_analysis.checking.filter import MARK
from youtube_analysis.errors import InvalidRequest, InvalidSettings
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.workflow import Finished, VideoRead

READING = split_into_passages(
    talk_of(*[f"Always check crane {n} before the harbour opens at dawn." for n in range(40)])
)
KEY = "sk-of-the-second-server"
MOMENTS = (AnalysisType.KEY_MOMENTS,)


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(environ)
    return caught.value.problems


class TestSetting:
    def test_a_model_has_a_name_a_server_and_what_else_it_needs(self) -> None:
        text = """
            fast = qwen3:8b @ http://gpu.lan:11434/v1/, 32768;
            deep = @cf/meta/llama-4 @ https://api.example/v1?api-version=2026-10-01, EXAMPLE_KEY
            own = m @ http://127.0.0.1:8081/v1
        """
        settings = Settings.from_env({"MODELS": text, "EXAMPLE_KEY": KEY})
        assert [(m.name, m.model, m.base_url, m.api_key, m.context) for m in settings.models] == [
            ("fast", "qwen3:8b", "http://gpu.lan:11434/v1", None, 32_768),
            (
                "deep",
                "@cf/meta/llama-4",
                "https://api.example/v1?api-version=2026-10-01",
                KEY,
                None,
            ),
            ("own", "m", "http://127.0.0.1:8081/v1", None, None),
        ]
        assert settings.secrets() == (KEY,)
        assert KEY not in repr(settings)

    def test_a_key_may_stand_in_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "key"
        path.write_text(f"{KEY}\n")
        models = "deep = m @ https://api.example/v1, EXAMPLE_KEY"
        (model,) = Settings.from_env({"MODELS": models, "EXAMPLE_KEY_FILE": str(path)}).models
        assert model.api_key == KEY
        (problem,) = problems({"MODELS": models, "EXAMPLE_KEY_FILE": str(tmp_path)})
        assert problem.startswith("EXAMPLE_KEY_FILE cannot be read (")

    def test_every_wrong_entry_is_named(self) -> None:
        text = (
            "a = m; ok = m @ http://h/v1; b = m @ ftp://h; ok = m @ http://h; c = m @ http://h, 9"
        )
        form = "must be name = model @ address, KEY_VARIABLE, context"
        (problem,) = problems({"MODELS": f"{text}; Offline = m @ http://h"})
        assert problem.split(", entry ") == [
            f"MODELS entry 1 {form}",
            "3 must be an http or https address, without query or fragment",
            "4 must have another name than ok",
            "5 must be a whole number between 4096 and 100000000",
            "6 must have another name than Offline",
        ]

    def test_a_key_that_is_not_set_and_a_name_that_is_taken(self) -> None:
        environ = {
            "MODELS": "deep = m @ http://h, NO_KEY; Local = m @ http://h, NONE_EITHER",
            "OPENAI_BASE_URL": "http://h",
            "OPENAI_MODEL": "local",
        }
        assert problems(environ) == (
            "MODELS names NO_KEY, which is not set",
            "MODELS names Local, as OPENAI_MODEL does",
            "MODELS names NONE_EITHER, which is not set",
        )

    @pytest.mark.parametrize(
        ("address", "verifies", "patience"),
        [
            ("https://api.example/v1", True, 120.0),
            ("http://127.0.0.1:11434/v1", False, 900.0),
            ("http://10.0.0.7/v1", False, 900.0),
        ],
    )
    def test_each_host_is_local_or_not_by_itself(
        self, address: str, verifies: bool, patience: float
    ) -> None:
        environ = {"MODELS": f"one = m @ {address}", "OPENAI_API_KEY": "key"}
        settings = Settings.from_env(environ)
        (model,) = settings.models
        chosen = settings.of_model(model)
        assert (chosen.verifies, chosen.first_token_timeout) == (verifies, patience)
        assert chosen.openai_api_key is None


@asynccontextmanager
async def two_models(
    first: LocalModel, second: LocalModel, context: str = "", **settings: str
) -> AsyncIterator[ServiceFactory]:
    """The default, `local`, and `second`, whose server calls its model `its-own:7b`."""
    async with first, second:
        environ = {
            "OPENAI_BASE_URL": first.url,
            "OPENAI_MODEL": "local",
            "MODELS": f"second = its-own:7b @ {second.url}, KEY{context}",
            "KEY": KEY,
            "SEMANTIC": "off",
        }
        async with ServiceFactory(Settings.from_env(environ | settings)) as factory:
            yield factory


async def section(
    factory: ServiceFactory, model: str | None = None, reading: Transcript = READING
) -> TaskOutput:
    request = AnalysisRequest("unread", MOMENTS, model=model)
    async with factory.get_video_analysis_workflow().open(request, reading=reading) as events:
        *_, end = [event async for event in events]
    assert isinstance(end, Finished)
    return end.result.outputs[0]


async def answered(factory: ServiceFactory, model: str | None) -> Answer:
    parts = factory.get_chat_service().ask(READING, "Which crane?", model=model)
    *_, answer = [part async for part in parts]
    assert isinstance(answer, Answer)
    return answer


async def test_a_request_names_the_model() -> None:
    first, second = LocalModel(), LocalModel(reply=lambda _: "- Always check crane 3. [1]")
    async with two_models(first, second) as factory:
        made = [await section(factory, name) for name in (None, "second", "Local", " SECOND")]
        answer = await answered(factory, "second")
        tokens = factory.metrics.registry.get_sample_value
        counted = [
            tokens("vidthread_model_tokens_total", {"kind": "completion", "model": name})
            for name in ("local", "second")
        ]
        assert factory.get_analysis_service().models == ("local", "second")
    assert [output.engine for output in made] == ["local", "second"] * 2
    assert [output.cached for output in made] == [False, False, True, True]
    assert made[0].text != made[1].text
    assert answer.engine == "second"
    assert [call.body["model"] for call in second.calls] == ["its-own:7b"] * 2
    assert {call.headers["Authorization"] for call in second.calls} == {f"Bearer {KEY}"}
    assert KEY not in str([call.headers for call in first.calls])
    assert counted == [100, 200]


async def test_who_asks_for_the_same_model_waits_for_the_same_run() -> None:
    first, second = LocalModel(), LocalModel(first_token=0.1)
    async with two_models(first, second) as factory:
        workflow = factory.get_video_analysis_workflow()
        requests = [AnalysisRequest("unread", MOMENTS, model=m) for m in ("second", "Second", None)]
        async with (
            workflow.open(requests[0], reading=READING) as one,
            workflow.open(requests[1], reading=READING) as same,
            workflow.open(requests[2], reading=READING) as other,
        ):
            for events in (one, same, other):
                assert [event async for event in events]
    assert (len(first.calls), len(second.calls)) == (1, 1)


async def test_nothing_else_can_be_named() -> None:
    told = "There is no model “gpt-9”. Choose from: local, second."
    async with two_models(LocalModel(), LocalModel()) as factory:
        workflow = factory.get_video_analysis_workflow()
        request = AnalysisRequest("https://youtu.be/dQw4w9WgXcQ", MOMENTS, model="gpt-9")
        with pytest.raises(InvalidRequest) as caught:
            await workflow.read(request)
        assert caught.value.message == told
        async with workflow.open(request, reading=READING) as events:
            with pytest.raises(InvalidRequest, match="no model"):
                assert not [event async for event in events]
        with pytest.raises(InvalidRequest, match="no model"):
            await answered(factory, "gpt-9")


async def test_each_has_its_own_health_and_lacks() -> None:
    first = LocalModel()
    second = LocalModel(always=Failure.BUSY, lacks=frozenset({"stream_options"}))
    async with two_models(first, second) as factory:
        instead = await section(factory, "second")
        assert (await section(factory)).engine == "local"
        second.always = None
        back = await section(factory, "second")
    assert instead.engine == "offline"
    assert instead.note
    assert instead.note.code is NoticeCode.STAND_IN
    assert back.engine == "second"
    assert "stream_options" in first.calls[-1].body
    assert "stream_options" not in second.calls[-1].body


@pytest.mark.parametrize("told", [", 4096", ""], ids=["told", "found out"])
async def test_each_has_its_own_window(told: str) -> None:
    reading = split_into_passages(long_talk(0.5))
    first = LocalModel(reply=take_notes)
    second = LocalModel(reply=take_notes, window=4_096, refuses_long=True)
    async with two_models(first, second, told) as factory:
        made = [await section(factory, name, reading) for name in (None, "second")]
        windows = [model.window for model in factory.get_language_models()]
    assert [(output.engine, output.note) for output in made] == [("local", None), ("second", None)]
    assert len(first.calls) == 1
    assert len(second.calls) > 2
    assert windows == [128_000, 4_096]


async def test_what_a_model_wrote_it_verifies_itself() -> None:
    def reply(body: dict[str, Any]) -> str:
        if "# Statements" in str(body["messages"][-1]["content"]):
            return '{"verdicts": [{"statement": 1, "supported": true}]}'
        return "The crew inspects every crane of the port before sunrise. [3]"

    first, second = LocalModel(reply=reply), LocalModel(reply=reply)
    async with two_models(first, second, OPENAI_VERIFY="on") as factory:
        answer = await answered(factory, "second")
        verified = await factory.get_chat_service().verify(READING, answer)
    assert verified
    assert MARK in answer.text
    assert MARK not in verified.text
    assert len(second.calls) == 2
    assert first.calls == []


async def test_without_a_default_it_is_offline_and_others_can_be_chosen() -> None:
    said = "The crane was built by two brothers, and it has been in the harbour since 1850.\n"
    srt = f"1\n00:00:01,000 --> 00:00:09,000\n{said * 9}".encode()
    async with LocalModel() as server:
        settings = Settings.from_env({"MODELS": f"fast = m @ {server.url}", "SEMANTIC": "off"})
        async with ServiceFactory(settings) as factory:
            assert factory.get_analysis_service().models == ("offline", "fast")
            assert (await section(factory)).engine == "offline"
            assert (await section(factory, "fast")).engine == "fast"
            workflow, missing = factory.get_video_analysis_workflow(), list[tuple[str, ...]]()
            for model in (None, "fast"):
                request = AnalysisRequest(
                    CaptionsFile("talk.en.srt", srt), MOMENTS, "de", model=model
                )
                async with workflow.open(request) as events:
                    read = [event async for event in events if isinstance(event, VideoRead)]
                missing.append(tuple(map(str, read[0].reading.video.missing)))
    # A model translates.
    assert "No analysis in “de”" in missing[0][-1]
    assert not [what for what in missing[1] if "in “de”" in what]


async def test_each_can_be_checked() -> None:
    first, second = LocalModel(), LocalModel(always=Failure.UNAUTHORIZED)
    async with two_models(first, second) as factory:
        default, other = factory.get_language_models()
        assert "it read all of" in await default.check()
        assert (default.name, other.name) == ("local", "second")
        with pytest.raises(Exception, match="refuses my requests"):
            await other.check()


async def test_the_doors_take_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS", "deep = m @ http://127.0.0.1:9/v1")
    results, error = run_analysis_v2("https://youtu.be/dQw4w9WgXcQ", model="gpt-9")
    assert results is None
    assert error == "There is no model “gpt-9”. Choose from: offline, deep."
    await cleanup_analysis_resources()
