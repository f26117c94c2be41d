"""How long after the model's first token a page shows the first words of an answer."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages import Page, opened_thread
from benchmarks.world import Server, median, quantile, show, video_link, world
from vidthread.config import BotSettings
from vidthread.playground.adapter import open_playground
from vidthread.playground.transport import PACE, thread_key
from vidthread.run import open_house
from youtube_analysis import Settings

QUESTIONS, FIRST_TOKEN, RATE = 15, 0.4, 400.0
SIMULATES = (
    f"{QUESTIONS} questions one after another in a thread of the playground, over HTTP; the model "
    f"begins after {FIRST_TOKEN * 1000:.0f} ms and writes {RATE:.0f} tokens a second. From the "
    f"moment at which its first token leaves it until an event brings text of the answer. The "
    f"page's edit pace is {PACE * 1000:.0f} ms. The first words may be part of a citation or a "
    "quote, which wait for their end."
)


async def measured(youtube: Server, model: Server, folder: str) -> list[float]:
    core = Settings(
        youtube_url=youtube.url,
        openai_base_url=model.url,
        rate_per_minute=100_000,
        database_url=f"sqlite:///{folder}/first.db",
    )
    late = []
    async with (
        open_house(core, BotSettings(web_port=0), [open_playground]) as house,
        aiohttp.ClientSession(house.server.url) as session,
    ):
        thread = await opened_thread(session, video_link(0))
        page = Page(session, thread)
        await page.answered("What is said first?")
        for number in range(QUESTIONS):
            model.served()
            seen = await page.first_text(f"What is said about pier {number}?")
            await house.assistant.idle(thread_key(thread))
            (begun,) = model.served().begun
            late.append(seen - begun)
    return late


def main() -> None:
    options = {"youtube_latency": 0.05, "first_token": FIRST_TOKEN, "rate": RATE}
    with world(**options, videos=1) as (youtube, model), tempfile.TemporaryDirectory() as folder:
        late = asyncio.run(measured(youtube, model, folder))
    allowed = 0.15 + PACE
    wanted = f"≤ {allowed * 1000:.0f} ms"
    half, most = median(late) * 1000, quantile(late, 0.95) * 1000
    rows = [
        ("first text after the first token, half", f"{half:.0f} ms", wanted),
        ("first text after the first token, 95 %", f"{most:.0f} ms", ""),
    ]
    show("First words", SIMULATES, rows)


if __name__ == "__main__":
    main()
