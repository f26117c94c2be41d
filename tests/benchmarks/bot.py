"""A bot with its real adapters as a process of its own, and how late its loop was.

As a script it serves until its input ends; what it connects to is said by the settings.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import cpu
from vidthread.adapter import Adapter
from vidthread.config import BotSettings, read_settings
from vidthread.discord.connection import discord_adapter
from vidthread.run import open_house
from vidthread.slack.connection import slack_adapter
from vidthread.slack.thread_surface import PER_MINUTE
from youtube_analysis.concurrency import favor_loop
from youtube_analysis.logging import configure_logging

GENEROSITY = "VIDTHREAD_BENCH_GENEROSITY"
"""By how much Slack's limits are raised, so that an evening takes minutes."""
_STREAM_PACE = 0.5


class Bot:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def cpu(self) -> float:
        """Seconds of computing so far."""
        return cpu(self._process.pid)

    async def end(self) -> str:
        """How late its loop was, in milliseconds: half, 99 %, worst."""
        told, _ = await self._process.communicate(b"")
        return told.decode().splitlines()[-1]


@asynccontextmanager
async def bot(folder: str, settings: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Is ready when it is given."""
    environ = {
        "RATE_PER_MINUTE": "100000",
        "RATE_CONCURRENT": "50",
        "OPENAI_MODEL": "local",
        "DATABASE_URL": f"sqlite:///{folder}/evening.db",
        "WEB_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, env=os.environ | environ | dict(settings),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the bot did not start")
        yield Bot(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def serve() -> None:
    core, settings = read_settings(os.environ)
    configure_logging("ERROR", "console", settings.secrets())
    async with open_house(core, settings, list(_adapters(settings))):
        favor_loop()
        measuring = asyncio.create_task(_lags())
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        measuring.cancel()
        lags = sorted(await measuring)
    half, most = lags[len(lags) // 2], lags[len(lags) * 99 // 100]
    sys.stdout.write(f"{half:.1f} / {most:.1f} / {lags[-1]:.0f}\n")


def _adapters(settings: BotSettings) -> Iterator[Adapter]:
    if settings.discord_token:
        yield discord_adapter(settings.discord_token)
    if settings.slack_bot_token:
        more = float(os.environ.get(GENEROSITY, "1"))
        allowed = {method: most * more for method, most in PER_MINUTE.items()}
        yield slack_adapter(allowed, pace=_STREAM_PACE)


async def _lags() -> list[float]:
    lags = [0.0]
    with suppress(asyncio.CancelledError):
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(1000 * (time.perf_counter() - began - 0.01))
    return lags


if __name__ == "__main__":
    asyncio.run(serve())
