"""Cold, sequential, repeated and equal analyses, against servers that take their time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import Served, Server, median, settle, show, video_link, world
from youtube_analysis import (
    AnalysisRequest,
    AnalysisResult,
    AnalysisType,
    ServiceFactory,
    Settings,
)
from youtube_analysis.analysis_v2 import analyze_in_sequence
from youtube_analysis.workflow import Finished

RUNS = 5
YOUTUBE_LATENCY, FIRST_TOKEN, RATE = 0.08, 0.4, 120.0
SIMULATES = (
    f"A video of half an hour; YouTube answers each of its three requests after "
    f"{YOUTUBE_LATENCY * 1000:.0f} ms, the model begins after {FIRST_TOKEN * 1000:.0f} ms and "
    f"writes {RATE:.0f} tokens of four characters a second; all six types. Servers run in a "
    f"process of their own and tell their own times; medians of {RUNS} runs."
)


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one analysis, and what the servers saw of it."""

    seconds: float
    youtube: Served
    model: Served

    @property
    def critical_path(self) -> float:
        """Nobody could be faster who reads the video before asking the model."""
        return self.youtube.span + self.model.longest


def settings(youtube: Server, model: Server) -> Settings:
    return Settings(
        youtube_url=youtube.url,
        openai_base_url=model.url,
        rate_per_minute=1_000_000,
        rate_concurrent=50,
        http_max_per_host=50,
    )


async def analyze(
    factory: ServiceFactory,
    number: int = 0,
    *,
    use_cache: bool,
    types: tuple[AnalysisType, ...] = tuple(AnalysisType),
) -> AnalysisResult:
    request = AnalysisRequest(video_link(number), types, use_cache=use_cache)
    async with factory.get_video_analysis_workflow().open(request) as events:
        async for event in events:
            if isinstance(event, Finished):
                if len(event.result.outputs) != len(types) or event.result.failures:
                    raise RuntimeError(f"not whole: {event.result.failures}")
                return event.result
    raise RuntimeError("no result")


async def cold(factory: ServiceFactory, youtube: Server, model: Server) -> Run:
    return await measured(lambda: analyze(factory, use_cache=False), youtube, model)


async def sequential(chosen: Settings, youtube: Server, model: Server) -> Run:
    request = AnalysisRequest(video_link(0), use_cache=False)
    return await measured(lambda: analyze_in_sequence(request, chosen), youtube, model)


async def measured(work: Callable[[], Awaitable[object]], youtube: Server, model: Server) -> Run:
    youtube.served()
    model.served()
    began = time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    return Run(seconds, youtube.served(), model.served())


async def repeated(factory: ServiceFactory) -> float:
    began = time.perf_counter()
    result = await analyze(factory, use_cache=True)
    if not result.cached:
        raise RuntimeError("not from the cache")
    return time.perf_counter() - began


async def equal(factory: ServiceFactory, youtube: Server, model: Server) -> tuple[int, int, int]:
    youtube.served()
    model.served()
    results = await asyncio.gather(*(analyze(factory, 1, use_cache=True) for _ in range(500)))
    texts = {tuple(output.text for output in result.outputs) for result in results}
    if len(texts) != 1:
        raise RuntimeError("equal requests, unequal answers")
    return youtube.served().count, model.served().count, len(results)


async def main() -> None:
    options = {"youtube_latency": YOUTUBE_LATENCY, "first_token": FIRST_TOKEN, "rate": RATE}
    with world(**options, videos=2) as (youtube, model):
        chosen = settings(youtube, model)
        async with ServiceFactory(chosen) as factory:
            await analyze(factory, use_cache=True)  # connections and the client are made once
            colds = [await cold(factory, youtube, model) for _ in range(RUNS)]
            repeats = [await repeated(factory) for _ in range(RUNS * 4)]
            asked, called, whole = await equal(factory, youtube, model)
        await settle()
        olds = [await sequential(chosen, youtube, model) for _ in range(max(2, RUNS // 2))]
    show_rows(colds, olds, repeats, (asked, called, whole))


def show_rows(
    colds: list[Run], olds: list[Run], repeats: list[float], equals: tuple[int, int, int]
) -> None:
    over = [run.seconds / run.critical_path for run in colds]
    fast = median([run.seconds for run in colds])
    old = olds[0]
    # Reading the video, then its sections: after one another, or the longest of them.
    reading = old.youtube.span
    bound = (reading + old.model.busy) / (reading + old.model.longest)
    speed_up = median([run.seconds for run in olds]) / fast
    repeat = fast / median(repeats)
    asked, called, whole = equals
    show(
        "Analyses",
        SIMULATES,
        [
            ("cold, seconds", f"{fast:.3f}", ""),
            ("cold over its critical path", f"{median(over):.3f} ×", "≤ 1.05 ×"),
            ("speed-up over run_analysis", f"{speed_up:.2f} ×", f"bound {bound:.2f} ×"),
            ("share of the bound", f"{speed_up / bound:.3f}", "≥ 0.95"),
            ("repeat over cold", f"{repeat:.0f} × faster", "≥ 200 ×"),
            ("500 equal requests: YouTube asked", f"{asked}", "3"),
            ("500 equal requests: model called", f"{called}", "6"),
            ("500 equal requests: answered whole", f"{whole}", "500"),
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
