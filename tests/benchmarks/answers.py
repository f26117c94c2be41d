"""How long an answer takes in the playground, with ten thousand stored threads and with none."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages import Page
from benchmarks.store import MANY, MESSAGES, fill
from benchmarks.world import median, show
from vidthread.config import BotSettings
from vidthread.playground.adapter import open_playground
from vidthread.run import open_house
from youtube_analysis import Settings

QUESTIONS = 60
SIMULATES = (
    f"A question in the sample thread over HTTP until its whole answer has come as an event, "
    f"offline model; {QUESTIONS} in turns with a store of {MANY:,} threads of {MESSAGES} messages "
    "and with a new one; medians."
)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Page]:
    core, bot = Settings(database_url=address), BotSettings(web_port=0)
    async with (
        open_house(core, bot, [open_playground]) as house,
        aiohttp.ClientSession(house.server.url) as session,
    ):
        async with session.get("/api/threads") as listed:
            thread = (await listed.json())["threads"][0]["id"]
        page = Page(session, thread)
        await page.answered("who is the historian?")  # behind the analysis
        yield page


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        small, large = (f"sqlite:///{folder}/{name}.db" for name in ("small", "large"))
        await fill(large, MANY)
        seconds: tuple[list[float], list[float]] = ([], [])
        async with AsyncExitStack() as houses:
            pages = [await houses.enter_async_context(opened(a)) for a in (small, large)]
            for number in range(QUESTIONS):
                for page, into in zip(pages, seconds, strict=True):
                    began = time.monotonic()
                    shown = await page.answered(f"what made review {number} better?")
                    into.append(shown - began)
    few, many = map(median, seconds)
    rows = [
        ("answer with a new store, ms", f"{1000 * few:.0f}", ""),
        ("answer with 10,000 threads, ms", f"{1000 * many:.0f}", ""),
        ("ratio", f"{many / few:.2f} ×", "1.0 ×"),
    ]
    show("Answers beside stored threads", SIMULATES, rows)


if __name__ == "__main__":
    asyncio.run(main())
