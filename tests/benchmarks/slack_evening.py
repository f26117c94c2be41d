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

from benchmarks.bot import GENEROSITY, bot
from benchmarks.world import median, quantile, show
from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.slack import LocalSlack
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN, Fault
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video
from places import cues, link
from slack_world import of

CHANNELS, THREADS, QUESTIONS = 40, 200, 2
# Slack's limits for ten workspaces, so that an evening takes minutes.
RAISED = 10.0
SIMULATES = (
    "The bot in a process of its own; a local Slack over a socket, a local YouTube and a local "
    "model in another: {threads} "
    "threads in {channels} channels, {questions} questions in each. The connection is "
    "renewed every 10 s, each second 1 % of all events are delivered again, 2 % of all calls get "
    "429, the answers of 1 % are lost after they were carried out, every 20 s all streams die. "
    "Slack's tiers times {raised:.0f}."
)


def answer(body: dict[str, Any]) -> str:
    """To a question its own number, to all else what the local model says."""
    number = re.search(r"[Qq]uestion number (\d+)", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


class Weather:
    """What goes wrong meanwhile."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._chance = random.Random(3)
        self.happened: Counter[str] = Counter()

    def judge(self, method: str, _: dict[str, Any]) -> Fault | None:
        dice = self._chance.random()
        if not method.startswith("chat.") or dice > 0.03:
            return None
        self.happened["429" if dice > 0.01 else "lost answer"] += 1
        return Fault("ratelimited", 429, 1.0) if dice > 0.01 else Fault(carried_out=True)

    async def blow(self) -> None:
        delivery = self._slack.delivery
        for second in range(1, 100_000):
            await asyncio.sleep(1.0)
            # As often as `apps.connections.open` allows.
            if second % 10 == 0 and delivery.sockets:
                self.happened["reconnect"] += 1
                await delivery.refresh(warn=second % 20 == 0)
            for told in self._chance.sample(delivery.delivered, len(delivery.delivered) // 100):
                self.happened["delivered again"] += 1
                delivery.hand_out(told.kind, told.payload)
            if second % 20 == 0:
                for message in self._slack.messages.values():
                    self.happened["stream died"] += message.streaming
                    message.streaming = False


async def spend(slack: LocalSlack, threads: int) -> dict[str, Any]:
    """The evening; what was wrong with it."""
    weather, began = Weather(slack), time.monotonic()
    slack.judge = weather.judge
    channels = [slack.channel(f"c{n}", *(f"U0P{n}{m}" for m in range(3))) for n in range(CHANNELS)]
    blowing = asyncio.create_task(weather.blow())
    places = [(channels[n % CHANNELS], n // CHANNELS) for n in range(threads)]
    opened = [await open_thread(slack, channel, n) for channel, n in places]
    await asyncio.gather(*(converse(slack, place, n) for n, place in enumerate(opened)))
    blowing.cancel()
    await slack.delivery.settled()
    took = [told.took or 99.0 for told in slack.delivery.delivered]
    return {
        "wrong": [place for n, place in enumerate(opened) if not is_whole(slack, place, n)],
        "seconds": time.monotonic() - began,
        "weather": weather.happened,
        "calls": len(slack.requests),
        "acks": took,
        "limited": Counter(slack.limited),
        "refused": slack.refused,
        "pings": slack.pings,
    }


async def open_thread(slack: LocalSlack, channel: str, number: int) -> tuple[str, str]:
    await asyncio.sleep(0.05)
    return channel, slack.mention(channel, link(number))


async def converse(slack: LocalSlack, place: tuple[str, str], number: int) -> None:
    await until(slack, place, "## Key Moments")
    for question in range(QUESTIONS):
        asked = f"Question number {100 * number + question} about the crane?"
        slack.mention(place[0], asked, thread=place[1])
    await until(slack, place, f"Echo {100 * number + QUESTIONS - 1}")


async def until(slack: LocalSlack, place: tuple[str, str], told: str) -> None:
    """Stands there, and nothing is being written any more."""
    async with asyncio.timeout(900):
        # Hundreds wait, and every change would wake all of them.
        while told not in text(slack, place) or is_live(slack, place):  # noqa: ASYNC110
            await asyncio.sleep(0.5)


def of_seconds(waits: list[float]) -> str:
    return f"{median(waits):.2f} / {quantile(waits, 0.99):.2f} / {max(waits):.2f}"


def text(slack: LocalSlack, place: tuple[str, str]) -> str:
    return "\n".join(of(message) for message in slack.shown(*place))


def is_live(slack: LocalSlack, place: tuple[str, str]) -> bool:
    return any("v1:stop:" in message.buttons() for message in slack.shown(*place))


def is_whole(slack: LocalSlack, place: tuple[str, str], number: int) -> bool:
    """Complete, in order, once, and of its own talk."""
    shown = text(slack, place)
    talks = set(re.findall(r"harbour (\d+)", shown))
    echoes = [int(found) for found in re.findall(r"Echo (\d+)", shown)]
    return (
        shown.count("## Key Moments") == 1
        and shown.count("## Summary") == 1
        and talks == {str(number // CHANNELS)}
        and echoes == [100 * number + n for n in range(QUESTIONS)]
        and not is_live(slack, place)
    )


async def main(threads: int) -> None:
    async with (
        LocalSlack(generosity=RAISED) as slack,
        LocalYouTube() as youtube,
        LocalModel(reply=answer) as model,
    ):
        for number in range(threads // CHANNELS + 1):
            track = Track("en", cues(number))
            youtube.add(Video(f"video{number:06}", title=f"Talk {number}", tracks=(track,)))
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api,
            "YOUTUBE_URL": youtube.url,
            "OPENAI_BASE_URL": model.url,
            GENEROSITY: str(RAISED),
        }
        with tempfile.TemporaryDirectory() as folder:
            async with bot(folder, settings) as running:
                done = await spend(slack, threads)
                lag = await running.end()
    happened = ", ".join(f"{name} {count}" for name, count in done["weather"].items())
    limited = ", ".join(f"{name} {count}" for name, count in done["limited"].items()) or "none"
    rows = [
        ("threads", str(threads), ""),
        ("not whole: missing, twice, out of order, of another talk", str(len(done["wrong"])), "0"),
        ("what happened", happened, ""),
        ("429 of the tiers themselves", limited, "few"),
        ("acknowledged within, s (half / p99 / worst)", of_seconds(done["acks"]), "< 3"),
        ("event-loop lag of the bot, ms (half / p99 / worst)", lag, "p99 ≤ 20"),
        ("calls a second", f"{done['calls'] / done['seconds']:.0f}", ""),
        ("seconds in all", f"{done['seconds']:.0f}", ""),
        ("calls that Slack would refuse, pings", f"{done['refused']} {done['pings']}", "[] []"),
    ]
    told = SIMULATES.format(threads=threads, channels=CHANNELS, questions=QUESTIONS, raised=RAISED)
    show("An evening in Slack", told, rows)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else THREADS))
