"""Crowds at the real adapters: what a request costs when 1, 10, 100 or 1,000 come at once.

`python tests/benchmarks/load.py [PICTURE]` saves a plot of cost against load. Bounded in count and
in time. The bot and its upstreams are processes of their own; the crowd is in this one, with the
platform that it uses.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.visits import VIDEOS, Process, Visits, on_discord, on_playground, on_slack
from benchmarks.world import Server, median, quantile, show, world

CROWDS = (1, 10, 100, 1_000)
# A bot may ask Discord fifty times and Slack a few times a second, whoever waits.
AT_PLATFORMS = CROWDS[:3]
PLATFORMS = {
    "playground": (on_playground, CROWDS),
    "Discord": (on_discord, AT_PLATFORMS),
    "Slack": (on_slack, AT_PLATFORMS),
}
LONGEST = 60.0  # seconds for one crowd
SIMULATES = (
    f"Crowds of up to {CROWDS[-1]:,} come at once; each sends a link to a half-hour talk, and "
    f"reads the whole analysis, which the cache has ({VIDEOS} talks). At the playground over HTTP, "
    "with threads that are there; at a local Discord and a local Slack (its limits raised) each "
    "opens a thread of its own, and waits for the limits of the platform too. Cost is the bot's "
    "own computing time for each request."
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """`waits` in seconds; `cost` is the bot's computing, in seconds a request."""

    size: int
    waits: list[float]
    cost: float
    failed: int
    seconds: float


async def crowd(size: int, visits: Visits, process: Process) -> Crowd:
    """So many at once, for at most LONGEST."""
    before, began = process.cpu(), time.perf_counter()

    async def one(number: int) -> float:
        async with asyncio.timeout(LONGEST):
            await visits.visit(number)
        return time.perf_counter() - began

    ended = await asyncio.gather(*map(one, range(size)), return_exceptions=True)
    seconds = time.perf_counter() - began
    waits = [wait for wait in ended if isinstance(wait, float)]
    cost = (process.cpu() - before) / max(1, len(waits))
    return Crowd(size, waits, cost, size - len(waits), seconds)


async def measured(platform: str, youtube: Server, model: Server) -> list[Crowd]:
    stage, sizes = PLATFORMS[platform]
    first = 10  # whatever is made once is made for these
    async with stage(youtube, model, first + sum(sizes)) as (visits, process):
        await crowd(first, visits, process)
        return [await crowd(size, visits, process) for size in sizes]


def row(platform: str, one: Crowd, alone: Crowd) -> list[tuple[str, str, str]]:
    half, ratio = median(one.waits or [LONGEST]), one.cost / max(alone.cost, 1e-9)
    most = quantile(one.waits or [LONGEST], 0.99)
    failed = f", {one.failed} failed" if one.failed else ""
    return [
        (
            f"{platform}, {one.size:,} at once: half wait, 99 % wait",
            f"{half * 1000:,.0f} ms, {most * 1000:,.0f} ms{failed}",
            "",
        ),
        (
            f"{platform}, {one.size:,} at once: cost of a request",
            f"{one.cost * 1000:.1f} ms" + (f" ({ratio:.2f} × of 10 at once)" if alone.cost else ""),
            "no more than alone",
        ),
    ]


def plot(crowds: dict[str, list[Crowd]], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, (cost, wait) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for platform, ones in crowds.items():
        sizes = [one.size for one in ones]
        cost.plot(sizes, [one.cost * 1000 for one in ones], "o-", label=platform)
        wait.plot(sizes, [median(one.waits) * 1000 for one in ones], "o-", label=platform)
    cost.set(title="Computing a request", ylabel="ms")
    wait.set(title="Wait for the whole answer (half)", ylabel="ms", yscale="log")
    wait.legend(frameon=False)
    for axes in (cost, wait):
        axes.set(xscale="log", xlabel="requests at once")
        axes.grid(alpha=0.3)
    cost.set_ylim(bottom=0)
    figure.savefig(file, metadata={"Date": None})


def main(picture: str = "") -> None:
    options = {"youtube_latency": 0.02, "first_token": 0.05, "rate": 0.0}
    crowds: dict[str, list[Crowd]] = {}
    with world(**options, videos=VIDEOS) as servers:
        for platform in PLATFORMS:
            crowds[platform] = asyncio.run(measured(platform, *servers))
    rows = [
        cells
        for platform, ones in crowds.items()
        for one in ones
        for cells in row(platform, one, ones[1])
    ]
    show("Crowds", SIMULATES, rows)
    if picture:
        plot(crowds, Path(picture))


if __name__ == "__main__":
    main(*sys.argv[1:2])
