"""Crowds at the real server: what a request costs when 1, 10, 100 or 1,000 come at once.

`python tests/benchmarks/load.py [PICTURE]` saves a plot of cost against load. Bounded in count and
in time. The server, its upstreams and the crowd are three processes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import Served, house, upstreams
from benchmarks.pages import Page, opened_thread
from benchmarks.world import median, quantile, show, video_link, world

CROWDS = (1, 10, 100, 1_000)
LONGEST = 25.0  # seconds for one crowd
THREADS = 20
SIMULATES = (
    f"Crowds of {', '.join(f'{crowd:,}' for crowd in CROWDS)} ask at once over HTTP, spread over "
    f"{THREADS} threads of the playground about half-hour talks, each watching its thread, and "
    "read the whole analysis that the cache has; limits are raised. The first row is what one "
    "waits alone. Cost is the server's own computing time for each request."
)


class Visits(Protocol):
    """One request of one person on some platform, from its beginning to its whole answer."""

    async def visit(self, number: int) -> None: ...


@dataclass(slots=True)
class PlaygroundVisits:
    """Asks for a thread that is there; the snapshot is its whole analysis."""

    session: aiohttp.ClientSession
    threads: list[str]

    async def visit(self, number: int) -> None:
        await Page(self.session, self.threads[number % len(self.threads)]).analyzed()


@dataclass(frozen=True, slots=True)
class Crowd:
    """`waits` in seconds; `cost` is the server's computing, in seconds a request."""

    size: int
    waits: list[float]
    cost: float
    failed: int
    seconds: float


async def crowd(size: int, visits: Visits, served: Served) -> Crowd:
    """So many at once, for at most LONGEST."""
    before, began = served.cpu(), time.perf_counter()

    async def one(number: int) -> float:
        async with asyncio.timeout(LONGEST):
            await visits.visit(number)
        return time.perf_counter() - began

    ended = await asyncio.gather(*map(one, range(size)), return_exceptions=True)
    seconds = time.perf_counter() - began
    waits = [wait for wait in ended if isinstance(wait, float)]
    cost = (served.cpu() - before) / max(1, len(waits))
    return Crowd(size, waits, cost, size - len(waits), seconds)


async def measured(served: Served) -> list[Crowd]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(served.url, connector=connector) as session:
        links = map(video_link, range(THREADS))
        threads = await asyncio.gather(*(opened_thread(session, link) for link in links))
        visits = PlaygroundVisits(session, list(threads))
        await crowd(10, visits, served)  # whatever is made once
        return [await crowd(size, visits, served) for size in CROWDS]


def row(one: Crowd, alone: Crowd) -> list[tuple[str, str, str]]:
    half, ratio = median(one.waits), one.cost / max(alone.cost, 1e-9)
    failed = f", {one.failed} failed" if one.failed else ""
    return [
        (
            f"{one.size:,} at once: half wait, 99 % wait",
            f"{half * 1000:.0f} ms, {quantile(one.waits, 0.99) * 1000:.0f} ms{failed}",
            "",
        ),
        (
            f"{one.size:,} at once: cost of a request",
            f"{one.cost * 1000:.1f} ms" + (f" ({ratio:.2f} × of 10 at once)" if alone.cost else ""),
            "no more than alone",
        ),
    ]


def plot(crowds: list[Crowd], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, (cost, wait) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    sizes = [one.size for one in crowds]
    cost.plot(sizes, [one.cost * 1000 for one in crowds], "o-", color="#0f6e66")
    cost.set(title="Computing a request", ylabel="ms")
    wait.plot(sizes, [median(one.waits) * 1000 for one in crowds], "o-", label="half")
    wait.plot(sizes, [quantile(one.waits, 0.99) * 1000 for one in crowds], "o--", label="99 %")
    wait.set(title="Wait for the whole answer", ylabel="ms", yscale="log")
    wait.legend(frameon=False)
    for axes in (cost, wait):
        axes.set(xscale="log", xlabel="requests at once")
        axes.grid(alpha=0.3)
    cost.set_ylim(bottom=0)
    figure.savefig(file, metadata={"Date": None})


def main(picture: str = "") -> None:
    options = {"youtube_latency": 0.02, "first_token": 0.05, "rate": 0.0}
    with world(**options, videos=THREADS) as servers, tempfile.TemporaryDirectory() as folder:
        raised = {"RATE_PER_MINUTE": "1000000", "RATE_CONCURRENT": "50"}
        with house(folder, upstreams(*servers) | raised) as served:
            crowds = asyncio.run(measured(served))
    show("Crowds", SIMULATES, [cells for one in crowds for cells in row(one, crowds[1])])
    if picture:
        plot(crowds, Path(picture))


if __name__ == "__main__":
    main(*sys.argv[1:2])
