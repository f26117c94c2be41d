"""Streams of servers that people use, from their first byte to their last."""

import json
from typing import Any

import pytest

from fakes.model_asked import asked
from fakes.model_scripts import Script, playing
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import TokenUsage

A, B = "The crane lifts ", "grain. [1]"


def chunk(delta: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    } | more


def sent(*events: object, end: str = "data: [DONE]\n\n") -> list[str]:
    return [f"data: {json.dumps(event)}\n\n" for event in events] + [end]


USAGE = {"prompt_tokens": 900, "completion_tokens": 7, "total_tokens": 907}
OLLAMA = sent(
    chunk(
        {"role": "assistant", "content": "", "reasoning": "Passage 1"},
        system_fingerprint="fp_ollama",
    ),
    chunk({"role": "assistant", "content": A}, system_fingerprint="fp_ollama"),
    chunk({"role": "assistant", "content": B}, system_fingerprint="fp_ollama"),
    chunk({"role": "assistant", "content": ""}, "stop", system_fingerprint="fp_ollama"),
    {**chunk({}), "choices": [], "usage": USAGE},
)
LM_STUDIO = sent(
    chunk({"role": "assistant", "reasoning_content": "Passage 1"}, logprobs=None),
    chunk({"role": "assistant", "content": A}),
    chunk({"content": B}),
    chunk({}, "stop"),
    {**chunk({}), "choices": [], "usage": USAGE},
)
SAFE = {"hate": {"filtered": False, "severity": "safe"}}
AZURE = sent(
    {"choices": [], "created": 0, "id": "", "model": "", "object": "",
     "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": SAFE}]},
    chunk({"content": "", "refusal": None, "role": "assistant"}, usage=None, obfuscation="aX"),
    chunk({"content": A}, usage=None, obfuscation="b"),
    chunk({"content": B}, usage=None, obfuscation="cde"),
    chunk({}, "stop", usage=None),
    {"choices": [{"content_filter_offsets": {"check_offset": 1}, "content_filter_results": SAFE,
                  "finish_reason": None, "index": 0}], "object": "", "id": ""},
    {**chunk({}), "choices": [],
     "usage": USAGE | {"prompt_tokens_details": {"cached_tokens": 512, "audio_tokens": 0},
                       "completion_tokens_details": {"reasoning_tokens": 0}}},
)  # fmt: skip
GEMINI = [
    event.replace("\n", "\r\n")
    for event in sent(
        chunk({"role": "assistant", "content": A}, usage=USAGE | {"completion_tokens": 3}),
        chunk({"role": "assistant", "content": B}, "stop", usage=USAGE),
    )
]
GEMINI_WITHOUT_REASON = sent(
    chunk({"role": "assistant", "content": A}), chunk({"content": B}, usage=USAGE)
)
DEEPSEEK = [
    ": keep-alive\n\n",
    ": keep-alive\n\n",
    *sent(
        chunk({"role": "assistant", "content": None, "reasoning_content": ""}),
        chunk({"content": None, "reasoning_content": "Passage 1"}),
        chunk({"content": A, "reasoning_content": None}),
        chunk({"content": B, "reasoning_content": None}),
        chunk({"content": "", "reasoning_content": None}, "stop",
              usage=USAGE | {"prompt_tokens_details": {"cached_tokens": 512},
                             "prompt_cache_hit_tokens": 512, "prompt_cache_miss_tokens": 388}),
    ),
]  # fmt: skip
OPENROUTER = [
    ": OPENROUTER PROCESSING\n\n",
    *sent(
        chunk({"role": "assistant", "content": "", "reasoning": "Hm",
               "reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]}, provider="P"),
        chunk({"role": "assistant", "content": A}, provider="P", native_finish_reason=None),
        end=": OPENROUTER PROCESSING\n\n",
    ),
    *sent(
        chunk({"role": "assistant", "content": B}, provider="P"),
        chunk({"role": "assistant", "content": ""}, "stop", native_finish_reason="STOP"),
        chunk({"role": "assistant", "content": ""}, None,
              usage=USAGE | {"cost": 0.0001, "is_byok": False}),
    ),
]  # fmt: skip
STREAMS = {
    "ollama": OLLAMA,
    "lm studio": LM_STUDIO,
    "azure": AZURE,
    "gemini": GEMINI,
    "gemini without a reason": GEMINI_WITHOUT_REASON,
    "deepseek": DEEPSEEK,
    "openrouter": OPENROUTER,
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("pause", [0.0, 0.06], ids=["at once", "slowly"])
async def test_a_stream_is_read_from_its_first_byte_to_its_last(name: str, pause: float) -> None:
    steps = [part for step in STREAMS[name] for part in (step, pause)]
    async with playing(Script(steps)) as url, asked(openai_base_url=url) as home:
        *deltas, end = await home.parts()
    assert "".join(part.text for part in deltas if isinstance(part, TextDelta)) == A + B
    assert not any(isinstance(part, Restarted) for part in deltas)
    assert isinstance(end, Completion)
    cached = 512 if name in {"azure", "deepseek"} else 0
    assert (end.usage, end.note) == (TokenUsage(900, 7, cached), None)
