"""Ten thousand events of Slack, a third of them not for the first time: each is answered once.

`python tests/benchmarks/slack_replay.py [EVENTS]`.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import show
from slack_world import SlackWorld
from vidthread.adapter import Adapter
from vidthread.slack.connection import slack_adapter
from vidthread.slack.thread_surface import PER_MINUTE
from worlds import open_world

EVENTS, DUPLICATES, THREADS, AT_ONCE = 10_000, 0.3, 200, 40
SIMULATES = (
    "One process with a local Slack over a socket; messages in {threads} threads that ask for "
    "help; {share:.0%} of what is delivered was delivered before, as a retry, a twin or an old "
    "event; {lost:.0%} of the answers to posts are lost after they were carried out."
)
LOST = 0.01
UNLIMITED = dict.fromkeys(PER_MINUTE, 1e9)


@dataclass
class Replayed:
    """`wrong` are the threads in which something is missing or stands twice."""

    events: int
    duplicates: int
    wrong: list[str]
    unacknowledged: int
    again: int
    refused: list[str]
    seconds: float
    slowest: float


class Unlimited(SlackWorld):
    """Where Slack allows everything: it is the bot that is measured."""

    def adapter(self) -> Adapter:
        return slack_adapter(UNLIMITED, pace=0.02)


async def replay(folder: Path, events: int, *, threads: int = THREADS, seed: int = 1) -> Replayed:
    """Delivers so many events, chosen by chance."""
    chance = random.Random(seed)
    async with _opened(folder) as world:
        asked: Counter[str] = Counter()
        duplicates, began = 0, time.monotonic()
        roots = [world.slack.say(world.channel, "a talk?") for _ in range(threads)]
        await world.slack.delivery.settled()
        heard = world.slack.delivery.delivered
        heard.clear()
        while len(heard) < events:
            if len(heard) > threads and chance.random() < DUPLICATES:
                again = chance.choice(heard)
                world.slack.delivery.hand_out(again.kind, again.payload)
                duplicates += 1
            else:
                thread = chance.choice(roots)
                world.slack.mention(world.channel, "help", thread=thread)
                duplicates += 1  # its twin
                asked[thread] += 1
            await world.slack.delivery.settled(AT_ONCE)
        await world.slack.delivery.settled()
        for thread in roots:
            await world.house.assistant.idle(world.key(thread))
        wrong = [t for t in roots if len(world.slack.shown(world.channel, t)) != asked[t]]
        took = [told.took for told in heard]
        return Replayed(
            events=len(heard),
            duplicates=duplicates,
            wrong=wrong,
            unacknowledged=took.count(None),
            again=sum(told.tries for told in heard),
            refused=world.slack.refused,
            seconds=time.monotonic() - began,
            slowest=max(filter(None, took)),
        )


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[SlackWorld]:
    async with open_world("slack", folder, kind=Unlimited) as world:
        assert isinstance(world, SlackWorld)
        world.slack.generosity = 0.0
        world.slack.lose_answers("chat.postMessage", LOST)
        yield world


async def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = await replay(Path(folder), events)
    rows = [
        ("events delivered", f"{done.events:,}", f"≥ {events:,}"),
        ("of them not for the first time", f"{done.duplicates / done.events:.0%}", "≥ 30 %"),
        ("threads with a missing or a second answer", str(len(done.wrong)), "0"),
        ("not acknowledged", str(done.unacknowledged), "0"),
        ("not acknowledged in time at the first try", str(done.again), "0"),
        ("calls that Slack would refuse", str(len(done.refused)), "0"),
        ("slowest acknowledgement, s", f"{done.slowest:.2f}", "3"),
        ("events a second", f"{done.events / done.seconds:.0f}", ""),
    ]
    told = SIMULATES.format(threads=THREADS, share=DUPLICATES, lost=LOST)
    show("A replay of Slack's events", told, rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
