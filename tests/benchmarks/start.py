"""From the command to the line “ready”, and what an idle server takes."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import house
from benchmarks.world import median, show
from fakes.discord_server import LocalDiscord
from fakes.model import LocalModel
from fakes.slack import LocalSlack
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN

RUNS, IDLE = 5, 3.0
SIMULATES = (
    f"`vidthread run` with the playground alone and a database that is there, {RUNS} times; "
    f"resident after {IDLE:.0f} s without a visitor. The same with a model, a connected Discord "
    "and Slack instead. Files are in the system's cache."
)


def measured(settings: Mapping[str, str]) -> tuple[float, float]:
    """Seconds to ready, and megabytes."""
    seconds, resident = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for run in range(1 + RUNS):
            began = time.perf_counter()
            with house(folder, settings) as served:
                if run:
                    seconds.append(time.perf_counter() - began)
                if run == RUNS:
                    time.sleep(IDLE)
                    resident = served.resident()
    return median(seconds), resident


async def on_both_platforms() -> tuple[float, float]:
    async with LocalDiscord() as discord, LocalSlack() as slack, LocalModel() as model:
        settings = {
            "OPENAI_BASE_URL": model.url,
            "OPENAI_MODEL": "local",
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api,
            "PLAYGROUND": "off",
        }
        # The platforms answer on this loop while the house starts.
        return await asyncio.to_thread(measured, settings)


def main() -> None:
    seconds, resident = measured({})
    seconds_both, both = asyncio.run(on_both_platforms())
    rows = [
        ("start to ready, playground", f"{seconds:.2f} s", "≤ 1.0 s"),
        ("start to ready, a model and both platforms", f"{seconds_both:.2f} s", "≤ 1.5 s"),
        ("resident idle, playground", f"{resident:.0f} MB", "≤ 90 MB"),
        ("resident idle, both platforms", f"{both:.0f} MB", "≤ 120 MB"),
    ]
    show("Start", SIMULATES, rows)


if __name__ == "__main__":
    main()
