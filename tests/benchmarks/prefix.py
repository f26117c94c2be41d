"""How much of a prompt a model's server has read before."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.servers import CUES
from benchmarks.world import show, video_link
from fakes.model import Call, LocalModel
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from youtube_analysis import AnalysisRequest, AnalysisType, ServiceFactory, Settings
from youtube_analysis.models.chat import Answer, ChatMessage, MessageRole
from youtube_analysis.models.style import PLAIN, Length, Style
from youtube_analysis.passages.transcript import Transcript

SIMULATES = (
    "A talk of half an hour: two analyses and one after an instruction, then three questions one "
    "after another, each with what was said before. The share of a prompt's bytes that stand at "
    "the same place in the one before."
)


async def prompts() -> list[bytes]:
    async with LocalYouTube() as youtube, LocalModel() as model:
        youtube.add(Video(video_link(0).rpartition("/")[2], tracks=(Track("en", CUES),)))
        chosen = Settings(youtube_url=youtube.url, openai_base_url=model.url)
        async with ServiceFactory(chosen) as factory:
            reading = await factory.get_video_analysis_workflow().read(
                AnalysisRequest(video_link(0))
            )
            for kind, style in (
                (AnalysisType.ACTION_PLAN, PLAIN),
                (AnalysisType.BLOG_POST, PLAIN),
                (AnalysisType.BLOG_POST, Style(Length.SHORT, "for engineers, five bullets")),
            ):
                parts = factory.get_analysis_service().analyze(reading, kind, style=style)
                async with aclosing(parts):
                    async for _ in parts:
                        pass
            turns: tuple[ChatMessage, ...] = ()
            for number in range(3):
                turns += await asked(factory, reading, f"What about pier {number}?", turns)
        return [_sent(call) for call in model.calls]


async def asked(
    factory: ServiceFactory, reading: Transcript, question: str, turns: tuple[ChatMessage, ...]
) -> tuple[ChatMessage, ChatMessage]:
    parts = factory.get_chat_service().ask(reading, question, turns=turns)
    async with aclosing(parts):
        async for part in parts:
            if isinstance(part, Answer):
                said = ChatMessage(MessageRole.USER, question)
                return said, ChatMessage(MessageRole.ASSISTANT, part.text, answer=part)
    raise RuntimeError("no answer")


def _sent(call: Call) -> bytes:
    return json.dumps(call.body["messages"], ensure_ascii=False).encode()


def shared(before: bytes, after: bytes) -> float:
    same = next(at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    return same / len(after)


def main() -> None:
    _, other, wished, first, second, third = sent = asyncio.run(prompts())
    lowest = min(shared(first, second), shared(second, third))
    rows = [
        ("a follow-up beside the call before", f"{lowest * 100:.1f} %", "≥ 95 %"),
        ("a second analysis beside the first", f"{shared(sent[0], other) * 100:.1f} %", "≥ 95 %"),
        ("one with an instruction beside it", f"{shared(other, wished) * 100:.1f} %", "≥ 95 %"),
        ("a question beside an analysis", f"{shared(wished, first) * 100:.1f} %", "≥ 95 %"),
        ("bytes of a prompt", f"{len(first):,}", ""),
    ]
    show("Prompts", SIMULATES, rows)


if __name__ == "__main__":
    main()
