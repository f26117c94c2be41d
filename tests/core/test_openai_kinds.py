"""What real servers send and refuse, kind by kind: it is an answer, or said to be none."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from fakes.model import LocalModel
from fakes.model_asked import NOON, QUESTION, READING, SUMMARY, Asked, asked
from fakes.model_scripts import END, Body, Script, event, playing, told
from talks import talk_of
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    WindowTooSmall,
)
from youtube_analysis.llm.port import Completion, Prompt, Restarted
from youtube_analysis.llm.prompts.messages import LEAST_WINDOW
from youtube_analysis.llm.prompts.verification import verification
from youtube_analysis.models.analysis import Claim, Queued, Support
from youtube_analysis.models.notices import Notice, NoticeCode
from youtube_analysis.passages.transcript import split_into_passages
from youtube_analysis.passages.words import estimate_tokens

TEXT = "The crane lifts grain. [1]"
HALF = "The crane lifts grain. [1] It also"
LONG = Prompt(
    split_into_passages(
        talk_of(*[f"Sentence {n} speaks of crane {n} in the harbour." for n in range(900)])
    ),
    question="What lifts grain?",
)


def at(url: str, **settings: Any) -> AbstractAsyncContextManager[Asked]:
    return asked(openai_base_url=url, **settings)


async def answer(*steps: str | bytes | float, **fields: Any) -> str:
    """What comes of these steps, read by one try."""
    async with playing(Script(steps, **fields)) as url, at(url) as home:
        return await home.text()


async def note(*steps: str) -> Notice | None:
    async with playing(Script(steps)) as url, at(url) as home:
        *_, end = await home.parts()
    assert isinstance(end, Completion)
    return end.note


async def refused(status: int, words: str) -> ModelError:
    """The error that a refusal is, to the first question."""
    async with playing(Script(refuse=lambda _: (status, words))) as url, at(url) as home:
        with pytest.raises(ModelError) as caught:
            await home.parts()
    return caught.value


@pytest.mark.parametrize(
    "reason", ["stop", "STOP", "COMPLETE", "end_turn", "eos_token", "stop_sequence"]
)
async def test_a_good_end_is_known(reason: str) -> None:
    assert await answer(*told(TEXT, reason=reason)) == TEXT
    assert await note(*told(TEXT, reason=reason)) is None


async def test_a_last_event_is_a_good_end_where_text_came() -> None:
    assert await answer(event(TEXT), END) == TEXT
    assert await answer(event(TEXT, reason="null"), "data:[DONE]\n") == TEXT
    assert await answer(event(TEXT), "data: [DONE]") == TEXT
    with pytest.raises(ModelBroke):
        await answer(END)


@pytest.mark.parametrize(
    "reason", ["length", "max_tokens", "MAX_TOKENS", "model_length", "max_output_tokens"]
)
async def test_an_end_by_length_is_told(reason: str) -> None:
    found = await note(*told(HALF, reason=reason))
    assert found
    assert found.code is NoticeCode.CUT_SHORT
    assert found.incomplete


@pytest.mark.parametrize("reason", ["abort", "error", "network_error", "tool_calls", "soon", "-"])
async def test_any_other_end_is_none(reason: str) -> None:
    with pytest.raises(ModelBroke):
        await answer(*told(HALF, reason=reason))


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "sensitive", "refusal"])
async def test_who_declines_says_so_at_the_end(reason: str) -> None:
    with pytest.raises(ModelDeclined):
        await answer(*told(HALF, reason=reason))


@pytest.mark.parametrize("reason", ["null", None, ""])
async def test_a_stream_without_an_end_is_half_an_answer(reason: str | None) -> None:
    with pytest.raises(ModelBroke):
        await answer(event(HALF, reason=reason))


@pytest.mark.parametrize("end", ["stop", None])
async def test_half_a_summary_is_no_summary_whatever_its_end(end: str | None) -> None:
    steps = told('{"category": "Technology", "tldr": "A crane that li', reason=end)
    async with playing(Script(steps)) as url, at(url) as home:
        with pytest.raises(ModelBroke, match="half a JSON"):
            await home.parts(SUMMARY)


THOUGHTS = [
    f"<think>It is passage 1.</think>{TEXT}",
    f"\n<Thinking>\nIt is passage 1.\n</Thinking>\n\n{TEXT}",
    f"<thought>Hm.</thought>\n{TEXT}",
    f"<reasoning>Is it [1]?</reasoning>\n{TEXT}",
    f"<reflection>Hm.</reflection>{TEXT}",
    f"<scratchpad>1, 2</scratchpad>{TEXT}",
    f"<seed:think>Hm.</seed:think>{TEXT}",
    f"[THINK]Hm.[/THINK]{TEXT}",
    f"<think>Hm.</think>\n<answer>{TEXT}</answer>",
    f"◁think▷Hm.◁/think▷{TEXT}",
    f"<|begin_of_thought|>Hm.<|end_of_thought|>\n\n<|begin_of_solution|>{TEXT}<|end_of_solution|>",
    f"<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>{TEXT}<|END_RESPONSE|>",
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>" + TEXT,
    f"<|channel|>analysis<|message|>Hm.<|end|><|channel|>final<|message|>{TEXT}<|return|>",
    f"<|start|>assistant<|channel|>final<|message|>{TEXT}",
    f"{TEXT}<|im_end|>",
    f"{TEXT}<|eot_id|><|start_header_id|>user",
    f"{TEXT}</s>",
    f"{TEXT}<end_of_turn>\n",
    f"{TEXT}[|endofturn|]",
    f"<|im_start|>assistant\n{TEXT}<|im_end|>",
    f"<|start_header_id|>assistant<|end_header_id|>\n\n{TEXT}<|eot_id|>",
    f"<|assistant|>{TEXT}<|user|>",
    f'<think time="3">Hm.</think>{TEXT}',
    f"<think></think>{TEXT}",
]


@pytest.mark.parametrize("written", THOUGHTS)
@pytest.mark.parametrize("size", [1, 7, 1_000])
async def test_thoughts_and_marks_are_no_part_of_an_answer(written: str, size: int) -> None:
    pieces = [written[at : at + size] for at in range(0, len(written), size)]
    async with playing(Script(told(*pieces))) as url, at(url) as home:
        assert (await home.text()).strip() == TEXT
        assert not any(isinstance(part, Restarted) for part in home.shown)


@pytest.mark.parametrize(
    "written",
    [f"Passage 1, I think.\n</think>\n\n{TEXT}", f"Hm.</thinking>{TEXT}", f"Hm.◁/think▷{TEXT}"],
)
async def test_thoughts_without_their_beginning_are_taken_back_and_then_never_shown(
    written: str,
) -> None:
    steps = told(*(written[at : at + 5] for at in range(0, len(written), 5)))
    async with playing(Script(steps)) as url, at(url) as home:
        for _ in range(2):
            assert (await home.text()).strip() == TEXT
        assert not any(isinstance(part, Restarted) for part in home.shown)
        shown = "".join(getattr(part, "text", "") for part in home.shown)
        assert shown.strip() == TEXT  # the second answer was held back up to the mark


async def test_a_server_that_did_not_mark_thoughts_may_answer_without_any() -> None:
    script = Script(told(f"Hm.</think>{TEXT}"))
    async with playing(script) as url, at(url) as home:
        await home.text()
        script.steps = told(TEXT)
        assert await home.text() == TEXT
        script.steps = told("Hm, what is", reason="length")
        with pytest.raises(ModelBroke, match="empty"):
            await home.text()  # these are thoughts


@pytest.mark.parametrize(
    "written",
    [
        "The speaker closes it with `</think>` and goes on. [1]",
        "Use `<think>` for that. [1]",
        "It says <think> and never ends it. [1]",
        "a < b, c <d> and [THINKER] stay. [1]",
        "[1] A thought: `<|im_end|>` ends a turn.",
    ],
)
async def test_who_speaks_of_marks_is_understood(written: str) -> None:
    assert await answer(*told(*written)) == written


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
async def test_fields_of_thoughts_are_not_read(name: str) -> None:
    thought = f'data: {{"choices": [{{"delta": {{"{name}": "Hm. "}}}}]}}\n\n'
    assert await answer(thought, thought, *told(TEXT)) == TEXT


A, B = "The crane lifts ", "grain. [1]"


@pytest.mark.parametrize(
    "steps",
    [
        ["retry: 3000\n\n", *told(A, B)],
        ["id: 7\n\n", *told(A, B), "id: 8\n\n"],
        [": hello\n\n", event(A), ": ping\n\n", *told(B)],
        ["\n\n\r\n", event(A), "data:\n\n", "data: \n\n", *told(B)],
        ["\ufeff", *told(A, B)],
        ["\ufeffdata: ", event(A)[6:], *told(B)],
        [step.replace("\n", "\r\n") for step in told(A, B)],
        [step.replace("\n", "\r") for step in told(A, B)],
        [step.replace("data: ", "data:") for step in told(A, B)],
        [step.replace("data: ", "event: chunk\nid: 1\ndata: ") for step in told(A, B)],
        [byte for step in told(A, B) for byte in (step[:9], step[9:40], step[40:])],
        [event(A), 'data: {"choices": [], "usage": {"prompt_tokens": 5}}\n\n', *told(B)],
        ['data: {"choices": [], "usage": null}\n\n', *told(A, B)],
        [event(A).removesuffix("\n"), *told(B)],
        ["event: ping\ndata: {\"type\": \"ping\"}\n\n", *told(A, B)],
        ['data: {"choices": [{"index": 0, "delta": null}]}\n\n', *told(A, B)],
    ],
    ids=["retry", "id", "comments", "blank", "bom", "bom before data", "crlf", "cr", "no space",
         "named", "torn", "usage between", "usage first", "no empty line", "ping", "no delta"],
)  # fmt: skip
async def test_whatever_else_a_stream_holds_takes_nothing_from_the_answer(steps: list[str]) -> None:
    assert await answer(*steps) == A + B


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ([[{"type": "text", "text": A}, {"type": "reference", "ids": [1]}], B], A + B),
        ([[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}], A, B], A + B),
        ([[{"text": A}, B, None, 3]], A + B + "3"),
        (["Built in ", 1444, ". [1]"], "Built in 1444. [1]"),
        ([{"type": "text", "text": A}, None, B], A + B),
    ],
)
async def test_content_may_be_more_than_text(contents: list[object], text: str) -> None:
    assert await answer(*told(*contents)) == text


def completion(text: object, **more: Any) -> str:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, **more}
    return json.dumps({"object": "chat.completion", "choices": [choice]}, indent=1)


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain"])
@pytest.mark.parametrize(
    "steps",
    [
        [completion(TEXT, finish_reason="stop")],
        ["\ufeff\n", completion(TEXT, finish_reason="stop")[:30], 0.05,
         completion(TEXT, finish_reason="stop")[30:], "\n"],
        [completion([{"type": "text", "text": TEXT}], finish_reason=None)],
    ],
    ids=["json", "torn", "parts"],
)  # fmt: skip
async def test_a_server_that_does_not_stream_is_read(kind: str, steps: list[str]) -> None:
    assert await answer(*steps, content_type=kind) == TEXT


async def test_a_message_in_the_place_of_a_delta_is_read() -> None:
    whole = json.loads(completion(TEXT, finish_reason="stop"))
    assert await answer(f"data: {json.dumps(whole)}\n\n") == TEXT


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "Invalid API key", "code": 401}, ModelMisconfigured),
        ({"message": "You are out", "type": "insufficient_quota"}, ModelOutOfQuota),
        ({"message": "slow down", "code": "429"}, ModelBusy),
        ({"message": "This prompt is too long: 9000 tokens", "code": 400}, WindowTooSmall),
        ({"message": "Rate limit of tokens per minute exceeded"}, ModelBroke),
        ("upstream went away", ModelBroke),
    ],
)
@pytest.mark.parametrize("form", ['{"error": %s}', 'data: {"error": %s}\n\ndata: [DONE]\n\n'])
async def test_an_error_with_a_good_status_is_that_error(
    error: object, kind: type[ModelError], form: str
) -> None:
    with pytest.raises(kind):
        await answer(form % json.dumps(error))
    plain = {"object": "error", **error} if isinstance(error, dict) else {"error": error}
    with pytest.raises(kind):
        await answer(f"data: {json.dumps(plain)}\n\n")


TOO_LONG = [
    (400, "This model's maximum context length is 8192 tokens. You asked for 10000.", 8192),
    (400, "Your input exceeds the context window of this model.", 0),
    (400, "Input tokens exceed the configured limit of 272000 tokens.", 0),
    (400, "prompt is too long: 213462 tokens > 200000 maximum", 0),
    (413, "Request too large for `x` on tokens per minute: Limit 6000, Requested 12894", 6000),
    (429, "Request too large for x-2024-08-06 on tokens per min: Limit 6000, got 9100", 6000),
    (400, "The input token count (1200293) exceeds the maximum number of tokens (1048576).", 0),
    (400, "Prompt has 40000 tokens, too large for a model with 6144 maximum context", 6144),
    (400, "Input is too long for requested model.", 0),
    (400, "Range of input length should be [1, 6144]", 6144),
    (400, "Your request exceeded model token limit: 8192", 8192),
    (422, "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 and 100", 8193),
    (422, "`inputs` must have less than 4096 tokens. Given: 5000", 4096),
    (400, "The prompt (length 9000) is longer than the maximum model length of 4096.", 4096),
    (400, "the request exceeds the available context size, try increasing it", 0),
    (500, "request (9,000 tokens) exceeds the available context size (4,096 tokens)", 4096),
    (400, "The number of tokens to keep is greater than the context length.", 0),
    (400, "The input (9000 tokens) is longer than the context length (4096 tokens).", 4096),
    (400, "The maximum prompt length is 131072 but the request contains 537812 tokens.", 0),
    (400, "too many tokens: the prompt cannot exceed 4081 tokens", 4081),
    (400, "Prompt exceeds max length", 0),
    (400, "context window exceeds limit (2013)", 0),
    (413, "Request body too large for x model. Max size: 8000 tokens.", 8000),
    (413, "<html>Payload Too Large</html>", 0),
    (400, "string too long. Expected a string with maximum length 1048576.", 0),
    (400, "maximum context length is 8192 tokens. You requested 10096 (4096 in completion)", 8192),
    (400, "maximum context length is 8,192 tokens, you asked for 9000 and 3000 of output", 8192),
    (400, "2200 of output and a context length of only 8192, so a maximum of 5992 tokens", 8192),
    (400, "input length and `max_tokens` exceed context limit: 9000 + 2100 > 8192", 8192),
    (400, "Cannot truncate prompt with n_keep (9000) >= n_ctx (4096)", 4096),
    (500, "Cannot truncate prompt with n_keep (9000) >= n_ctx (4096)", 4096),
    (400, "keep the first 9000 tokens when context the overflows: context length of 4096", 4096),
    (400, "输入长度超过模型上限 8192 tokens", 8192),
]  # fmt: skip


@pytest.mark.parametrize(("status", "words", "window"), TOO_LONG)
async def test_a_talk_that_is_too_long_is_refused_in_many_words(
    status: int, words: str, window: int
) -> None:
    script = Script(refuse=lambda _: (status, json.dumps({"error": {"message": words}})))
    async with playing(script) as url, at(url) as home:
        with pytest.raises(WindowTooSmall, match="too long"):
            await home.parts(LONG)
        assert len(script.asked) == 1
        guessed = 10_000 > home.model.window > LEAST_WINDOW
        assert home.model.window == window or (guessed and not window)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "The response was filtered: content management policy", ModelDeclined),
        (400, '{"error": {"code": "data_inspection_failed", "message": "no"}}', ModelDeclined),
        (403, "Flagged by moderation", ModelDeclined),
        (402, "Insufficient Balance", ModelOutOfQuota),
        (403, "Your team has used all available credits.", ModelOutOfQuota),
        (429, "余额不足或无可用资源包", ModelOutOfQuota),
        (400, "Arrearage: Access denied, is your account in good standing?", ModelOutOfQuota),
        (400, "Your credit balance is too low to access the API", ModelOutOfQuota),
        (429, "Rate limit reached: tokens per min. Limit 30000, Used 29000", ModelBusy),
        (503, "context deadline exceeded", ModelBusy),
        (500, "llama runner process has terminated", ModelBusy),
        (401, "Incorrect API key provided", ModelMisconfigured),
        (404, "The model `x` does not exist", ModelMisconfigured),
        (400, "model not loaded", ModelMisconfigured),
    ],
)
async def test_every_other_refusal_is_the_right_one(
    status: int, words: str, kind: type[ModelError]
) -> None:
    assert type(await refused(status, words)) is kind


def unless(wanted: Callable[[Body], bool], words: str, status: int = 400) -> Script:
    """A server that refuses all other requests."""
    return Script(told(TEXT), refuse=lambda body: None if wanted(body) else (status, words))


def without_system(body: Body) -> bool:
    return [message["role"] for message in body["messages"]] == ["user"]


@pytest.mark.parametrize(
    "words",
    [
        "System role not supported",
        "messages[0].role does not support 'system' with this model.",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Developer instruction is not enabled for models/small",
    ],
)
async def test_a_model_without_a_system_role_gets_the_rules_with_the_talk(words: str) -> None:
    script = unless(without_system, words)
    async with playing(script) as url, at(url) as home:
        assert await home.text() == await home.text() == TEXT
    assert len(script.asked) == 3  # remembered
    first, last = script.asked[0]["messages"], script.asked[-1]["messages"]
    assert last[0]["content"].startswith(first[0]["content"])
    assert "# Passages" in last[0]["content"]


@pytest.mark.parametrize(
    "words",
    [
        "'stream' does not support true with this model.",
        "Streaming is not supported",
        "Your organization must be verified to stream this model.",
    ],
)
async def test_a_server_that_refuses_to_stream_is_not_asked_to(words: str) -> None:
    script = unless(lambda body: "stream" not in body, words)
    script.steps = [completion(TEXT, finish_reason="stop")]
    async with playing(script) as url, at(url) as home:
        assert await home.text() == await home.text() == TEXT
    assert len(script.asked) == 3
    assert "stream_options" not in script.asked[-1]


async def test_what_the_admin_chose_is_sent_in_the_words_that_the_server_knows() -> None:
    def knows(body: Body) -> bool:
        return "max_tokens" not in body

    script = unless(knows, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.")
    async with playing(script) as url, at(url, openai_max_tokens=900) as home:
        assert await home.text() == TEXT
    assert script.asked[-1]["max_completion_tokens"] == 900
    assert "temperature" not in script.asked[-1]
    script = unless(lambda body: "temperature" not in body, "temperature must be 1")
    async with playing(script) as url, at(url, openai_temperature=0.2) as home:
        assert await home.text() == TEXT
    assert script.asked[0]["temperature"] == 0.2
    assert "max_tokens" not in script.asked[0]


async def test_what_a_server_lacks_is_asked_for_again_after_an_hour() -> None:
    clock = NOON.timestamp()
    server = LocalModel(lacks=frozenset({"json_schema"}))
    async with asked(server, now=lambda: clock) as home:
        for later, calls in ((0, 2), (1_800, 3), (3_700, 5)):
            clock = NOON.timestamp() + later
            await home.parts(SUMMARY)
            assert len(server.calls) == calls


async def test_a_refusal_that_nothing_mends_costs_one_request_from_then_on() -> None:
    script = Script(refuse=lambda _: (400, "no"))
    async with playing(script) as url, at(url) as home:
        for calls in (3, 4, 5):
            with pytest.raises(ModelMisconfigured):
                await home.parts()
            assert len(script.asked) == calls


@pytest.mark.parametrize("window", [2_048, 4_096])
async def test_a_prompt_that_was_cut_in_silence_is_told_and_its_window_learnt(window: int) -> None:
    async with asked(LocalModel(window=window)) as home:
        *_, end = await home.parts(LONG)
        assert isinstance(end, Completion)
        assert end.note
        assert end.note.code is NoticeCode.READ_IN_PART
        assert end.note.incomplete
        assert "only part of the talk" in str(end.note)
        assert home.model.window == window
        with pytest.raises(WindowTooSmall, match=f"{window:,}"):
            await home.parts(LONG)
        *_, short = await home.parts(QUESTION)
    assert isinstance(short, Completion)
    assert short.note is None


async def test_a_window_that_a_refusal_names_is_learnt() -> None:
    async with asked(LocalModel(window=4_096, refuses_long=True)) as home:
        with pytest.raises(WindowTooSmall):
            await home.parts(LONG)
        assert home.model.window == 4_096
        assert await home.text(QUESTION)


async def test_a_server_that_left_out_the_whole_talk_is_told_and_its_window_guessed() -> None:
    usage = {"prompt_tokens": 450}
    async with playing(Script([event(TEXT, "stop", usage=usage), END])) as url, at(url) as home:
        *_, end = await home.parts(LONG)
        assert isinstance(end, Completion)
        assert end.note
        assert end.note.code is NoticeCode.READ_IN_PART
        assert LEAST_WINDOW < home.model.window < 10_000


async def test_counts_that_make_no_sense_teach_nothing() -> None:
    for usage in ({"prompt_tokens": 5}, {"prompt_tokens": 0}, {"prompt_tokens": 90_000}):
        async with playing(Script([event(TEXT, "stop", usage=usage), END])) as url, at(url) as home:
            *_, end = await home.parts(LONG)
            assert isinstance(end, Completion)
            assert end.note is None
            assert home.model.window == 128_000


@pytest.mark.parametrize("words", ["stream error: not connected", "upstream is unsupported"])
async def test_a_stream_that_broke_is_not_given_up(words: str) -> None:
    broken = iter([(502, words)])
    script = Script(told(TEXT), refuse=lambda _: next(broken, None))
    async with playing(script) as url, at(url) as home:
        assert await home.text() == TEXT
    assert all(body["stream"] for body in script.asked)


async def test_what_came_from_a_cache_was_read_as_well() -> None:
    usage = {"prompt_tokens": 40, "prompt_tokens_details": {"cached_tokens": 20_000}}
    async with playing(Script([event(TEXT, "stop", usage=usage), END])) as url, at(url) as home:
        *_, end = await home.parts(LONG)
    assert isinstance(end, Completion)
    assert end.note is None
    assert (end.usage.prompt, end.usage.cached) == (20_040, 20_000)


async def test_a_model_that_reads_for_long_is_said_to_read() -> None:
    async with asked(LocalModel(first_token=0.4), reading=0.05) as home:
        first, *rest = await home.parts()
    assert first == Queued(0)
    assert Queued(0) not in rest
    async with asked(LocalModel(), reading=60.0) as home:
        assert Queued(0) not in await home.parts()


async def test_azure_is_asked_with_its_version_and_its_header() -> None:
    script = Script(told(TEXT))
    async with playing(script) as url:
        base = f"{url}/openai/deployments/x/chat/completions?api-version=2024-10-21"
        async with at(base, openai_api_key="secret") as home:
            assert await home.text() == TEXT
    assert script.queries == [{"api-version": "2024-10-21"}]
    assert script.headers[0]["api-key"] == "secret"


async def test_a_verdict_teaches_no_window() -> None:
    """What is kept for its words is no part of what is sent."""
    _, sent = verification(
        READING, [Claim(f"Crane {n} lifts.", Support.UNFOUND, (READING.cite(n),)) for n in (1, 5)]
    )
    said = sum(estimate_tokens(message.text) for message in sent.messages)
    assert said * 0.8 < sent.tokens < said * 1.1


async def test_a_check_says_what_the_server_can_do_and_reads() -> None:
    async with asked(LocalModel(cached=500)) as home:
        good = await home.model.check()
        assert len(home.server.calls) == 2
        prompt = len(home.server.calls[0].last_message)
    assert good.startswith("has streaming, JSON by schema, system messages, token counts, a cache")
    assert "read all" in good
    assert 30_000 < prompt < 60_000
    lacking = LocalModel(window=4_096, lacks=frozenset({"json_schema", "stream_options"}))
    async with asked(lacking) as home:
        poor = await home.model.check()
    assert "not seen: JSON by schema, token counts" in poor
    async with asked(LocalModel(window=4_096)) as home:
        assert "READ ONLY 4,096" in await home.model.check()
        assert await home.text()
