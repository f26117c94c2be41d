"""An hour's worth of traffic in a minute: memory, tasks and files stay as they are."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import Served, house, upstreams
from benchmarks.pages import Page
from benchmarks.world import show, video_link, world

MINUTES, VISITORS, VIDEOS, WARM, PATIENCE = 0.75, 4, 40, 15.0, 30.0
SIMULATES = (
    f"{VISITORS} people for {60 * MINUTES + WARM:.0f} s: each opens a thread about one of {VIDEOS} "
    "videos of half an hour, asks two questions, looks at it again and forgets it, and begins "
    f"anew. Figures of the server's process after the first {WARM:.0f} s, which fill the cache, "
    "and at the end, each after a second of rest."
)


class Traffic:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._chance = random.Random(1)
        self._numbers = itertools.count()
        self.visits = 0
        self.given_up = 0

    async def flow(self, seconds: float) -> None:
        end = time.perf_counter() + seconds

        async def visitor() -> None:
            while time.perf_counter() < end:
                try:
                    async with asyncio.timeout(PATIENCE):
                        await self._visit()
                except TimeoutError:
                    self.given_up += 1

        await asyncio.gather(*(visitor() for _ in range(VISITORS)))
        await asyncio.sleep(1)

    async def _visit(self) -> None:
        number = next(self._numbers)
        video = number if number < VIDEOS else self._chance.randrange(VIDEOS)
        body = {"link": video_link(video), "anew": True}
        async with self._session.post("/api/threads", json=body) as answer:
            thread = (await answer.json())["id"]
        page = Page(self._session, thread)
        await page.analyzed()
        for question in range(2):
            await page.answered(f"What is said about pier {question}?")
        async with self._session.delete(f"/api/threads/{thread}") as answer:
            await answer.read()
        self.visits += 1


def state(served: Served) -> tuple[float, float, float]:
    """Megabytes, background tasks and turns, open files."""
    figures = served.figures()
    tasks = sum(figures[f"vidthread_{name}"] for name in ("tasks", "runs", "turns"))
    return served.resident(), tasks, served.files()


async def measured(served: Served) -> tuple[Traffic, list[tuple[float, float, float]]]:
    async with aiohttp.ClientSession(served.url) as session:
        traffic = Traffic(session)
        await traffic.flow(WARM)
        states = [state(served)]
        for _ in range(3):
            await traffic.flow(60 * MINUTES / 3)
            states.append(state(served))
        return traffic, states


def main() -> None:
    options = {"youtube_latency": 0.01, "first_token": 0.02, "rate": 0.0}
    with world(**options, videos=VIDEOS) as servers, tempfile.TemporaryDirectory() as folder:
        raised = {"RATE_PER_MINUTE": "1000000", "RATE_CONCURRENT": "50"}
        with house(folder, upstreams(*servers) | raised) as served:
            traffic, states = asyncio.run(measured(served))
    memory, tasks, files = zip(*states, strict=True)
    show(
        "An hour in a minute",
        SIMULATES,
        [
            ("threads opened, asked in and forgotten", f"{traffic.visits}", ""),
            (f"given up after {PATIENCE:.0f} s", f"{traffic.given_up}", "0"),
            ("resident, MB", " → ".join(f"{one:.0f}" for one in memory), "flat"),
            ("background tasks and turns", " → ".join(f"{one:.0f}" for one in tasks), "flat"),
            ("open files", " → ".join(f"{one:.0f}" for one in files), "flat"),
        ],
    )


if __name__ == "__main__":
    main()
