"""What concurrency, pooled connections and the cache each save, and all of them together."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.analysis import analyze, settings
from benchmarks.world import median, show, video_link, world
from youtube_analysis import AnalysisRequest, AnalysisType, ServiceFactory, Settings
from youtube_analysis.analysis_v2 import analyze_in_sequence
from youtube_analysis.models.analysis import TaskOutput

RUNS = 3
HANDSHAKE, LATENCY, FIRST_TOKEN, RATE = 0.06, 0.09, 0.3, 400.0
TYPES = (AnalysisType.SUMMARY, AnalysisType.ACTION_PLAN, AnalysisType.KEY_MOMENTS)
SIMULATES = (
    f"A video of half an hour, three types. A new connection takes {HANDSHAKE * 1000:.0f} ms, as "
    f"TCP and TLS do over a distance of half that; YouTube answers each of its three requests "
    f"after {LATENCY * 1000:.0f} ms, the model begins after {FIRST_TOKEN * 1000:.0f} ms and writes "
    f"{RATE:.0f} tokens a second. Each row compares two ways to do the same requests; medians of "
    f"{RUNS} runs."
)


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return median(taken)


async def at_once(factory: ServiceFactory) -> None:
    await analyze(factory, types=TYPES, use_cache=False)


async def one_by_one(factory: ServiceFactory) -> None:
    """The same over the same connections, each after the one before."""
    request = AnalysisRequest(video_link(0), TYPES, use_cache=False)
    reading = await factory.get_video_analysis_workflow().read(request)
    for kind in TYPES:
        parts = factory.get_analysis_service().analyze(reading, kind, use_cache=False)
        async with aclosing(parts):
            async for part in parts:
                if isinstance(part, TaskOutput):
                    break


async def read(chosen: Settings, *, reuse: bool) -> float:
    """Of a video, where the connection was open before if it may be used again."""
    async with ServiceFactory(chosen, reuse=reuse) as factory:
        youtube = factory.get_youtube_repository()
        await youtube.read(video_link(0).rpartition("/")[2])
        return await seconds(lambda: youtube.read(video_link(0).rpartition("/")[2]))


async def main() -> None:
    options = {"youtube_latency": LATENCY, "first_token": FIRST_TOKEN, "rate": RATE}
    with world(**options, videos=1, handshake=HANDSHAKE) as (youtube, model):
        chosen = settings(youtube, model)
        request = AnalysisRequest(video_link(0), TYPES, use_cache=False)
        old = await seconds(lambda: analyze_in_sequence(request, chosen))
        async with ServiceFactory(chosen) as factory:
            await analyze(factory, types=TYPES, use_cache=True)
            concurrent = await seconds(lambda: at_once(factory))
            sequential = await seconds(lambda: one_by_one(factory))
            repeated = await seconds(lambda: analyze(factory, types=TYPES, use_cache=True))
        pooled, alone = await read(chosen, reuse=True), await read(chosen, reuse=False)
    show(
        "What each part saves",
        SIMULATES,
        [
            ("concurrent beside sequential I/O", _less(concurrent, sequential), "50–70 %"),
            ("pooled connections beside new ones", _less(pooled, alone), "30–40 %"),
            ("repeats beside first requests", _less(repeated, concurrent), "80–90 %"),
            ("run_analysis_v2 beside run_analysis", f"{old / concurrent:.1f} ×", "2–3 ×"),
        ],
    )


def _less(fast: float, slow: float) -> str:
    return f"{(1 - fast / slow) * 100:.1f} % less time"


if __name__ == "__main__":
    asyncio.run(main())
