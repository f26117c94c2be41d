"""An evening in Slack: many channels and threads, while everything that can go wrong does.

`python tests/benchmarks/slack_evening.py [THREADS]`.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import quantile, show
from fakes.model_answers import compose
from fakes.slack_shapes import TEAM, Fault
from slack_world import SlackWorld, of
from vidthread.adapter import Adapter
from vidthread.slack.adapter import slack
from vidthread.slack.pacing import PER_MINUTE
from worlds import link, open_world
from youtube_analysis.models.chat import ThreadKey

CHANNELS, THREADS, QUESTIONS = 40, 200, 2
# Slack's limits for ten workspaces, so that an evening takes minutes.
GENEROSITY = 10.0
SIMULATES = (
    "One process with a local Slack over two sockets, a local YouTube and a local model: {threads} "
    "threads in {channels} channels, {questions} questions in each. A connection is renewed every "
    "second, 1 % of all events are delivered again in each, 2 % of all calls get 429, the answers "
    "of 1 % are lost after they were carried out, every 20 s all streams die. Slack's tiers times "
    "{generosity:.0f}."
)


class Evening(SlackWorld):
    def adapter(self) -> Adapter:
        paces = {method: most * GENEROSITY for method, most in PER_MINUTE.items()}
        return slack(paces, pace=0.5)


def answer(body: dict[str, Any]) -> str:
    """To a question its own number, to all else what the local model says."""
    number = re.search(r"[Qq]uestion number (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


class Weather:
    """What goes wrong meanwhile."""

    def __init__(self, world: Evening) -> None:
        self._slack = world.slack
        self._chance = random.Random(3)
        self.happened: Counter[str] = Counter()

    def judge(self, method: str, _: dict[str, Any]) -> Fault | None:
        dice = self._chance.random()
        if method not in PER_MINUTE or dice > 0.03:
            return None
        self.happened["429" if dice > 0.01 else "lost answer"] += 1
        return Fault("ratelimited", 429, 1.0) if dice > 0.01 else Fault(carried_out=True)

    async def blow(self) -> None:
        delivery = self._slack.delivery
        for second in range(1, 100_000):
            await asyncio.sleep(1.0)
            if len(delivery.sockets) > 1:
                self.happened["reconnect"] += 1
                await delivery.refresh(warn=second % 2 == 0)
            for told in self._chance.sample(delivery.delivered, len(delivery.delivered) // 100):
                self.happened["delivered again"] += 1
                delivery.hand_out(told.kind, told.payload)
            if second % 20 == 0:
                for message in self._slack.messages.values():
                    self.happened["stream died"] += message.streaming
                    message.streaming = False


async def measure_lag(into: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.01)
        into.append(time.monotonic() - began - 0.01)


async def spend(world: Evening, threads: int) -> dict[str, Any]:
    """The evening; what was wrong with it."""
    weather, lag, began = Weather(world), [0.0], time.monotonic()
    world.slack.generosity, world.slack.judge = GENEROSITY, weather.judge
    channels = [world.slack.channel(f"c{n}", *(f"U0P{n}{m}" for m in range(3))) for n in range(40)]
    beside = [asyncio.create_task(weather.blow()), asyncio.create_task(measure_lag(lag))]
    places = [(channels[n % CHANNELS], n // CHANNELS) for n in range(threads)]
    opened = [await open_thread(world, channel, n) for channel, n in places]
    await asyncio.gather(*(converse(world, place, n) for n, place in enumerate(opened)))
    for task in beside:
        task.cancel()
    await world.slack.delivery.settled()
    lag.sort()
    took = [told.took or 99.0 for told in world.slack.delivery.delivered]
    return {
        "wrong": [place for n, place in enumerate(opened) if not is_whole(world, place, n)],
        "seconds": time.monotonic() - began,
        "lag": quantile(lag, 0.99),
        "weather": weather.happened,
        "calls": len(world.slack.requests),
        "ack": max(took),
        "limited": Counter(world.slack.limited),
        "refused": world.slack.refused,
        "pings": world.slack.pings,
    }


async def open_thread(world: Evening, channel: str, number: int) -> tuple[str, str]:
    await asyncio.sleep(0.05)
    return channel, world.slack.mention(channel, link(number))


async def converse(world: Evening, place: tuple[str, str], number: int) -> None:
    await until(world, place, "## Key Moments")
    for question in range(QUESTIONS):
        asked = f"Question number {100 * number + question} about the crane?"
        world.slack.mention(place[0], asked, thread=place[1])
    await until(world, place, f"Echo {100 * number + QUESTIONS - 1}")


async def until(world: Evening, place: tuple[str, str], told: str) -> None:
    key = ThreadKey("slack", TEAM, *place)
    async with asyncio.timeout(900):
        # Hundreds wait, and every change would wake all of them.
        while told not in text(world, place):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    await world.house.assistant.idle(key)


def text(world: Evening, place: tuple[str, str]) -> str:
    return "\n".join(of(message) for message in world.slack.shown(*place))


def is_whole(world: Evening, place: tuple[str, str], number: int) -> bool:
    """Complete, in order, once, and of its own talk."""
    shown = text(world, place)
    talks = set(re.findall(r"harbour (\d+)", shown))
    echoes = [int(found) for found in re.findall(r"Echo (\d+)", shown)]
    live = any("v1:stop:" in m.buttons() for m in world.slack.shown(*place))
    return (
        shown.count("## Key Moments") == 1
        and shown.count("## Summary") == 1
        and talks == {str(number // CHANNELS)}
        and echoes == [100 * number + n for n in range(QUESTIONS)]
        and not live
    )


async def main(threads: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_world("slack", Path(folder), kind=Evening, reply=answer) as world:
            assert isinstance(world, Evening)
            done = await spend(world, threads)
    happened = ", ".join(f"{name} {count}" for name, count in done["weather"].items())
    limited = ", ".join(f"{name} {count}" for name, count in done["limited"].items()) or "none"
    rows = [
        ("threads", str(threads), ""),
        ("not whole: missing, twice, out of order, of another talk", str(len(done["wrong"])), "0"),
        ("what happened", happened, ""),
        ("429 of the tiers themselves", limited, "few"),
        ("slowest acknowledgement, s", f"{done['ack']:.2f}", "3"),
        ("loop lag p99, ms (servers in the same loop)", f"{1000 * done['lag']:.0f}", ""),
        ("calls a second", f"{done['calls'] / done['seconds']:.0f}", ""),
        ("seconds in all", f"{done['seconds']:.0f}", ""),
        ("calls that Slack would refuse, pings", f"{done['refused']} {done['pings']}", "[] []"),
    ]
    told = SIMULATES.format(
        threads=threads, channels=CHANNELS, questions=QUESTIONS, generosity=GENEROSITY
    )
    show("An evening in Slack", told, rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else THREADS))
