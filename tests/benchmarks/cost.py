"""What one question and one hour-long video cost in computing, beside another checkout's.

`python tests/benchmarks/cost.py [CHECKOUT]`: the two serve in turns, each as a process of its own.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import Served, house, upstreams
from benchmarks.pages import Page, opened_thread
from benchmarks.world import ROOT, Server, median, show, video_link, world

ROUNDS, BEFORE, ASKED, VIDEOS = 3, 50, 20, 5
SETTINGS = {"RATE_PER_MINUTE": "100000", "RATE_CONCURRENT": "50"}
SIMULATES = (
    f"CPU of the process of `vidthread run` alone, medians of {ROUNDS} rounds: {ASKED} questions "
    f"on the page, one after another, in a thread in which {BEFORE} were asked before, and "
    f"{VIDEOS} videos of an hour that nobody has opened, each with two types and a third that is "
    "asked for. A local model writes 500 tokens a second."
)
Cost = tuple[float, float]


async def asked(served: Served, page: Page, first: int, count: int) -> float:
    before = served.cpu()
    for number in range(first, first + count):
        await page.answered(f"what is said about the crane of pier {number % 37}?")
    return (served.cpu() - before) / count


async def measured(served: Served) -> Cost:
    """Milliseconds of one question, and of one video."""
    async with aiohttp.ClientSession(served.url) as session:
        page = Page(session, await opened_thread(session, video_link(0)))
        await asked(served, page, 0, BEFORE)
        question = await asked(served, page, BEFORE, ASKED)
        before = served.cpu()
        for number in range(1, VIDEOS + 1):
            thread = await opened_thread(session, video_link(number))
            await Page(session, thread).answered("blog post")
        video = (served.cpu() - before) / VIDEOS
    return 1000 * question, 1000 * video


def round_of(root: Path, servers: tuple[Server, Server]) -> Cost:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        served = stack.enter_context(house(folder, upstreams(*servers) | SETTINGS, root))
        return asyncio.run(measured(served))


def main() -> None:
    roots = [ROOT, *(Path(name).resolve() for name in sys.argv[1:2])]
    options = {"youtube_latency": 0.05, "first_token": 0.05, "rate": 500.0}
    costs: dict[Path, list[Cost]] = {root: [] for root in roots}
    with world(**options, videos=1 + VIDEOS, minutes=60) as servers:
        for _ in range(ROUNDS):
            for root in roots:
                costs[root].append(round_of(root, servers))
    rows = []
    names = ("a question behind fifty", "a cold hour-long video, three types")
    for which, (name, wanted) in enumerate(zip(names, ("≤ 110 ms", "≤ 220 ms"), strict=True)):
        here, *there = (median([cost[which] for cost in costs[root]]) for root in roots)
        rows.append((f"CPU of {name}", f"{here:.0f} ms", wanted))
        rows += [(f"CPU of {name}, beside", f"{here / it:.2f} ×", "≤ 0.7 ×") for it in there]
    show("Computing", SIMULATES, rows)


if __name__ == "__main__":
    main()
