"""What every language model promises, whichever it is; and the one that stands in for another."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_failures import Failure
from talks import talk_of
from youtube_analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisStatus,
    AnalysisType,
    Answer,
    CaptionsFile,
    ServiceFactory,
    Settings,
)
from youtube_analysis.checking.filter import MARK
from youtube_analysis.errors import Interrupted
from youtube_analysis.llm.checked import CheckedModel
from youtube_analysis.llm.choice import ModelChoice
from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.llm.openai_compatible import OpenAICompatibleModel
from youtube_analysis.llm.port import (
    Completion,
    LanguageModel,
    Part,
    Prompt,
    Restarted,
    TextDelta,
)
from youtube_analysis.models.notices import NoticeCode
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.services.analysis import AnalysisService
from youtube_analysis.workflow import Finished, VideoAnalysisWorkflow

READING = split_into_passages(
    talk_of(*[f"Always check crane {n} before the harbour opens at dawn." for n in range(40)])
)
PROMPTS = [
    *(Prompt(READING, task=kind) for kind in AnalysisType),
    Prompt(READING, question="crane"),
]


@asynccontextmanager
async def _model(name: str) -> AsyncIterator[LanguageModel]:
    async with LocalModel() as server:
        remote = OpenAICompatibleModel(Settings(openai_base_url=server.url))
        models: dict[str, LanguageModel] = {
            "offline": OfflineModel(),
            "openai_compatible": remote,
        }
        try:
            yield models[name]
        finally:
            for model in models.values():
                await model.close()
                await model.close()


def _text(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta | Completion))


@pytest.mark.parametrize("name", ["offline", "openai_compatible"])
async def test_every_model_keeps_the_port(name: str) -> None:
    async with _model(name) as model:
        assert model.name
        assert model.version
        for prompt in PROMPTS:
            parts = [part async for part in model.stream(prompt)]
            assert [part for part in parts if isinstance(part, Completion)] == parts[-1:]
            assert _text(parts).strip()
            end = parts[-1]
            assert isinstance(end, Completion)
            assert (end.classification is not None) == (prompt.task is AnalysisType.SUMMARY)
            assert end.engine == model.name


@pytest.mark.parametrize("name", ["offline", "openai_compatible"])
async def test_many_streams_of_one_model_at_once(name: str) -> None:
    async def whole(model: LanguageModel, prompt: Prompt) -> str:
        return _text([part async for part in model.stream(prompt)])

    async with _model(name) as model:
        alone = [await whole(model, prompt) for prompt in PROMPTS]
        assert await asyncio.gather(*(whole(model, prompt) for prompt in PROMPTS)) == alone


@dataclass
class Scripted:
    """A model that says what it is told to."""

    parts: list[Part]
    name: str = "scripted"
    version: str = "1"
    translates: bool = True
    window: int = 128_000
    closed: list[bool] = field(default_factory=list)

    def prepare(self) -> None:
        """Nothing is needed."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        assert prompt.reading is READING
        for part in self.parts:
            yield part

    async def check(self) -> str:
        return "scripted"

    async def close(self) -> None:
        self.closed.append(True)


async def shown(*parts: Part) -> tuple[list[str], Completion]:
    model = CheckedModel(Scripted([*parts, Completion("scripted")]))
    *texts, checked = [part async for part in model.stream(PROMPTS[0])]
    assert isinstance(checked, Completion)
    return [text for text in texts if isinstance(text, str)], checked


async def test_a_new_beginning_never_takes_back_what_was_shown() -> None:
    texts, checked = await shown(
        TextDelta("The first try is "), Restarted(), TextDelta("Quite another text. [1]\n")
    )
    assert "".join(texts) == "The first try is"
    assert checked.text.startswith("Quite another text.")


async def test_a_new_beginning_with_the_same_words_goes_on_where_they_were() -> None:
    texts, checked = await shown(
        TextDelta("Always check "),
        Restarted(),
        TextDelta("Always check crane 1 before the harbour opens at dawn. [1]"),
    )
    assert texts[0].startswith("Always")
    assert "".join(texts) == checked.text


def factory_for(server: LocalModel, **settings: Any) -> ServiceFactory:
    return ServiceFactory(Settings(openai_base_url=server.url, openai_model="local", **settings))


async def analyzed(factory: ServiceFactory) -> AnalysisResult:
    lines = [f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nCheck crane {n}.\n" for n in range(50)]
    request = AnalysisRequest(CaptionsFile("talk.srt", "\n".join(lines).encode()))
    async with factory.get_video_analysis_workflow().open(request) as events:
        *_, end = [event async for event in events]
    assert isinstance(end, Finished)
    return end.result


@pytest.mark.parametrize(("failure", "kept"), [(None, True), (Failure.LENGTH, False)])
async def test_what_was_cut_is_shown_with_a_word_and_not_kept(
    failure: Failure | None, kept: bool
) -> None:
    async with LocalModel(always=failure) as server, factory_for(server) as factory:
        first, again = await analyzed(factory), await analyzed(factory)
    assert again.cached is kept
    notes = {str(output.note) for result in (first, again) for output in result.outputs}
    assert all("stopped here" in note for note in notes) is not kept


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Failure.BUSY, "overloaded"),
        (Failure.QUOTA, "quota is used up"),
        (Failure.UNAUTHORIZED, "OPENAI_API_KEY"),
        (Failure.SILENT, "too long to answer"),
        (Failure.HTML, "no completion"),
        (Failure.CUT, "language model failed"),
        (Failure.HALF_JSON, "half a JSON object"),
        (Failure.NULL_CHOICE, "no completion"),
        (Failure.NOT_HTTP, "no completion"),
    ],
)
async def test_while_the_model_fails_the_offline_one_answers_and_says_so(
    failure: Failure, told: str
) -> None:
    # Only who is silent is to be found so.
    patience = 1.0 if failure is Failure.SILENT else 30.0
    async with (
        LocalModel(always=failure) as server,
        factory_for(server, openai_first_token_timeout=patience) as factory,
    ):
        result = await analyzed(factory)
        summary = result.outputs[0]
        assert summary.engine == "offline"
        assert summary.note
        assert summary.note.code is NoticeCode.STAND_IN
        assert str(summary.note).startswith("The language model")
        assert told in str(summary.note)
        assert "the speaker's own words instead" in str(summary.note)
        assert not result.failures
        # The model is back and asked again: what stood in for it was not kept.
        server.always = None
        again = await analyzed(factory)
        assert {output.engine for output in again.outputs} == {"local"}
        cached = await analyzed(factory)
        assert cached.status is AnalysisStatus.CACHED
        assert cached.outputs[0].text == again.outputs[0].text


async def test_what_breaks_one_section_leaves_the_others_alone() -> None:
    for failure in (Failure.NULL_CHOICE, Failure.DEEP, Failure.NOT_HTTP):
        async with (
            LocalModel(always=failure, only="one post for X") as server,
            factory_for(server) as factory,
        ):
            result = await analyzed(factory)
        assert not result.failures
        offline = {output.type for output in result.outputs if output.engine == "offline"}
        assert offline == {AnalysisType.X_POST}


async def test_a_dead_server_is_noticed_at_once_and_its_return_as_well() -> None:
    server = LocalModel()
    async with server:
        url, port = server.url, server.port
    async with ServiceFactory(Settings(openai_base_url=url, openai_model="local")) as factory:
        gone = await analyzed(factory)
        assert {output.engine for output in gone.outputs} == {"offline"}
        assert "can't reach" in str(gone.outputs[0].note)
        async with LocalModel(port=port):
            back = await analyzed(factory)
        assert {output.engine for output in back.outputs} == {"local"}


async def test_a_window_too_small_for_any_talk_is_said_to_be_and_nothing_is_sent() -> None:
    async with LocalModel() as server, factory_for(server, openai_context=600) as factory:
        result = await analyzed(factory)
    assert {output.engine for output in result.outputs} == {"offline"}
    assert "too long for the language model" in str(result.outputs[0].note)
    assert "600" in str(result.outputs[0].note)
    assert server.calls == []


async def test_questions_are_answered_offline_as_well() -> None:
    async with LocalModel(always=Failure.QUOTA) as server, factory_for(server) as factory:
        *_, answer = [
            part async for part in factory.get_chat_service().ask(READING, "which crane?")
        ]
    assert isinstance(answer, Answer)
    assert answer.engine == "offline"
    assert answer.answered
    assert str(answer.note).startswith("The language model's quota")
    assert answer.citations


async def test_an_answer_of_the_model_is_checked_and_marked() -> None:
    reply = "It is crane 3. [1] The moon is made of cheese and costs nothing at all."
    async with LocalModel(reply=lambda _: reply) as server, factory_for(server) as factory:
        *_, answer = [part async for part in factory.get_chat_service().ask(READING, "which?")]
        server.reply = lambda _: "[none] The video does not tell."
        *_, refused = [part async for part in factory.get_chat_service().ask(READING, "price?")]
        server.reply = lambda _: "It costs five hundred euros, as everybody knows."
        *_, unbacked = [part async for part in factory.get_chat_service().ask(READING, "price?")]
    for got in (answer, refused, unbacked):
        assert isinstance(got, Answer)
    assert isinstance(answer, Answer)
    assert isinstance(refused, Answer)
    assert isinstance(unbacked, Answer)
    assert answer.answered
    assert answer.engine == "local"
    assert not refused.answered
    assert refused.text == "The video does not tell."
    assert not unbacked.answered
    assert unbacked.text.endswith(MARK)


async def test_what_follows_a_refusal_is_judged_and_a_bare_one_is_told() -> None:
    lie = "[none] The video does not tell. The moon is made of cheese and costs 900 dollars [3]."
    async with LocalModel(reply=lambda _: lie) as server, factory_for(server) as factory:
        chat = factory.get_chat_service()
        *_, lied = [part async for part in chat.ask(READING, "which?")]
        server.reply = lambda _: "[none]"
        *_, bare = [part async for part in chat.ask(READING, "which?")]
    assert isinstance(lied, Answer)
    assert isinstance(bare, Answer)
    assert not lied.answered
    assert lied.text == (
        f"The video does not tell. The moon is made of cheese and costs 900 dollars. {MARK}"
    )
    assert [claim.support.value for claim in lied.claims] == ["unfound"]
    assert (bare.text, bare.answered) == ("", False)
    assert bare.lead
    assert bare.lead.code is NoticeCode.NOT_SAID


@dataclass
class Buggy(Scripted):
    """Has a bug that one type of analysis meets."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        if prompt.task is AnalysisType.ACTION_PLAN:
            raise LookupError("a bug")
        yield TextDelta("Always check crane 1 before the harbour opens at dawn. [1]")
        yield Completion(self.name)


async def test_a_bug_in_one_section_loses_no_other() -> None:
    async with ServiceFactory(Settings()) as factory:
        cache, transcripts = factory.get_cache_repository(), factory.get_transcript_service()
        analyses = AnalysisService(ModelChoice(CheckedModel(Buggy([]))), cache)
        workflow = VideoAnalysisWorkflow(transcripts, analyses)
        async with workflow.open(AnalysisRequest("unread"), reading=READING) as events:
            *_, end = [event async for event in events]
    assert isinstance(end, Finished)
    assert [failure.type for failure in end.result.failures] == [AnalysisType.ACTION_PLAN]
    assert end.result.failures[0].code == "unexpected"
    assert len(end.result.outputs) == len(AnalysisType) - 1


@pytest.mark.parametrize("remote", [True, False])
async def test_a_question_after_the_end_is_told_that_it_was_interrupted(remote: bool) -> None:
    async with LocalModel() as server:
        factory = factory_for(server) if remote else ServiceFactory(Settings())
        async with factory:
            chat = factory.get_chat_service()
            assert [part async for part in chat.ask(READING, "Which crane?")]
        with pytest.raises(Interrupted):
            await anext(chat.ask(READING, "Which crane?"))
