"""How late the event loop is while two hundred answers stream and fifty videos are analyzed."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import Server, quantile, show, video_link, world
from youtube_analysis import AnalysisRequest, AnalysisType, ServiceFactory, Settings
from youtube_analysis.concurrency import favor_loop
from youtube_analysis.models.chat import Answer
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.workflow import Finished

STREAMS, ANALYSES, RATE, EVERY = 200, 50, 10.0, 0.005
TYPES = (AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS)
SIMULATES = (
    f"{STREAMS} questions at once about a talk of half an hour, each answer {RATE:.0f} chunks a "
    f"second; meanwhile {ANALYSES} other such videos are read and analyzed in two types, which "
    "stream at the same pace. Servers run in a process of their own. A timer of "
    f"{EVERY * 1000:.0f} ms tells how late the loop is, from the first question to the last end."
)


class Lateness:
    """Of a timer that should fire every EVERY seconds, for as long as this is open."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            due = time.perf_counter() + EVERY
            await asyncio.sleep(EVERY)
            self.seconds.append(max(0.0, time.perf_counter() - due))


async def ask(factory: ServiceFactory, reading: Transcript, number: int) -> int:
    """How many pieces the answer came in."""
    asked = factory.get_chat_service().ask(
        reading, f"What is said about the crane of pier {number}?"
    )
    pieces = 0
    async with aclosing(asked) as parts:
        async for part in parts:
            pieces += isinstance(part, str)
            if isinstance(part, Answer):
                return pieces
    raise RuntimeError("no answer")


async def analyze(factory: ServiceFactory, number: int) -> float:
    began = time.perf_counter()
    request = AnalysisRequest(video_link(number), TYPES)
    async with factory.get_video_analysis_workflow().open(request) as events:
        async for event in events:
            if isinstance(event, Finished):
                if event.result.failures:
                    raise RuntimeError(f"not whole: {event.result.failures}")
                return time.perf_counter() - began
    raise RuntimeError("no result")


async def measured(youtube: Server, model: Server) -> tuple[list[float], float, int]:
    settings = Settings(
        youtube_url=youtube.url,
        openai_base_url=model.url,
        openai_concurrent=1000,
        rate_per_minute=1_000_000,
    )
    async with ServiceFactory(settings) as factory:
        workflow = factory.get_video_analysis_workflow()
        reading = await workflow.read(AnalysisRequest(video_link(0)))
        await ask(factory, reading, 0)  # the client is opened once
        favor_loop()  # as the server does
        began = time.perf_counter()
        async with Lateness() as late, asyncio.TaskGroup() as group:
            asking = [group.create_task(ask(factory, reading, n)) for n in range(STREAMS)]
            for number in range(1, 1 + ANALYSES):
                group.create_task(analyze(factory, number))
        seconds = time.perf_counter() - began
    return late.seconds, seconds, sum(task.result() for task in asking)


def main() -> None:
    options = {"youtube_latency": 0.08, "first_token": 0.4, "rate": RATE}
    with world(**options, videos=1 + ANALYSES) as (youtube, model):
        late, seconds, pieces = asyncio.run(measured(youtube, model))
    show(
        "Event loop",
        SIMULATES,
        [
            ("event loop late, p99", f"{quantile(late, 0.99) * 1000:.1f} ms", "≤ 20 ms"),
            ("event loop late, half", f"{quantile(late, 0.5) * 1000:.1f} ms", ""),
            ("event loop late, longest", f"{max(late) * 1000:.0f} ms", ""),
            ("pieces of answers a second", f"{pieces / seconds:.0f}", ""),
            ("seconds", f"{seconds:.1f}", ""),
        ],
    )


if __name__ == "__main__":
    main()
