"""How long after the model's first token people can read an answer's first words."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))


from benchmarks.world import median, show
from discord_world import DiscordWorld
from fakes.model_answers import compose
from slack_world import SlackWorld
from vidthread.adapter import Adapter
from vidthread.discord.connection import discord_adapter
from vidthread.slack.connection import slack_adapter
from worlds import PlaygroundWorld, World, link, open_world

QUESTIONS, FIRST_TOKENS, RATE, READABLE = 7, (0.3, 2.0), 100.0, 24
SIMULATES = (
    f"{QUESTIONS} questions one after another in a thread of each local platform, at the pace of "
    f"edits that the real one asks for; the model writes {RATE:.0f} tokens a second. From the "
    f"moment at which its first token leaves it until {READABLE} characters of the answer stand in "
    "the thread, platforms and model in one process."
)


class Discord(DiscordWorld):
    def adapter(self) -> Adapter:
        return discord_adapter(self.discord.token)


class Slack(SlackWorld):
    def adapter(self) -> Adapter:
        return slack_adapter()


def answer(body: dict[str, Any]) -> str:
    """A long answer that begins with the number of its question."""
    last = str(body["messages"][-1]["content"])
    if "pier" not in last:
        return compose(body)
    number = last.rpartition("pier ")[2].split("?")[0]
    return f"Of pier {number} the talk says that the crane stands there [1]. " * 12


async def measured(name: str, kind: type[World], first_token: float) -> list[float]:
    late = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(
            name, Path(folder), kind=kind, reply=answer, first_token=first_token, rate=RATE
        ) as world:
            thread = await world.open(link(1))
            await world.idle(thread, "## Key Moments")
            for number in range(QUESTIONS):
                begins = f"Of pier {number} the talk says"[:READABLE]
                await world.say(thread, f"What is said about pier {number}?")
                await world.until(lambda begins=begins: begins in world.text(thread))  # type: ignore[misc] # a default
                seen = asyncio.get_running_loop().time()
                late.append(seen - (world.model.calls[-1].first_token or seen))
                await world.idle(thread)
    return late


def main() -> None:
    kinds: dict[str, type[World]] = {
        "discord": Discord,
        "slack": Slack,
        "playground": PlaygroundWorld,
    }
    rows = []
    for name, kind in kinds.items():
        for first_token in FIRST_TOKENS:
            late = asyncio.run(measured(name, kind, first_token))
            told = f"{median(late) * 1000:.0f} ms, at most {max(late) * 1000:.0f} ms"
            rows.append((f"first text after a token at {first_token} s, {name}", told, "≤ 250 ms"))
    show("First words", SIMULATES, rows)


if __name__ == "__main__":
    main()
