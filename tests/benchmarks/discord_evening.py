"""An evening on Discord: 40 servers, 200 threads at once, Discord's limits, a gateway that drops.

The bot is a process of its own; the local Discord, YouTube and the model are in this one.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.bot import bot
from benchmarks.world import median, show
from fakes.discord_guilds import Channel
from fakes.discord_interactions import Interaction
from fakes.discord_messages import SYSTEM, Message
from fakes.discord_server import Fault, LocalDiscord
from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video

SERVERS, THREADS_EACH, SECONDS = 40, 5, 200.0
THREADS = SERVERS * THREADS_EACH
OPENED_A_SECOND = 20
FIRST_TOKEN, TOKENS_A_SECOND = 0.5, 10.0
TOKEN = 4  # characters
LIMITED = 0.02
_UNDER_WAY = re.compile("⏳")
SIMULATES = (
    f"{SERVERS} servers with {THREADS_EACH} threads each, opened at {OPENED_A_SECOND} a second, an "
    "analysis and a question in each; "
    f"the model's first token comes after {FIRST_TOKEN} s, then {TOKENS_A_SECOND:g} a second; "
    f"Discord's observed limits, {LIMITED:.0%} of all edits limited beside them, the gateway cut "
    "twice. Times of the 200 include waiting for Discord's limits."
)


def settings(evening: Evening) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": evening.discord.token,
        "DISCORD_API_URL": evening.discord.api,
        "YOUTUBE_URL": evening.youtube.url,
        "OPENAI_BASE_URL": evening.model.url,
        "OPENAI_CONCURRENT": str(2 * THREADS),
    }


class Evening:
    def __init__(self, discord: LocalDiscord, youtube: LocalYouTube, model: LocalModel) -> None:
        self.discord, self.youtube, self.model = discord, youtube, model
        self.asked: dict[int, Interaction] = {}
        self._chance = random.Random(5)
        self._questioned: set[str] = set()
        self.told: defaultdict[str, list[Message]] = defaultdict(list)
        self._finished: set[int] = set()
        self.limited = self.cuts = 0
        self.ends = asyncio.get_running_loop().time() + SECONDS
        # The model's clock is another one.
        self._offset = time.time() - time.monotonic()

    def open(self, channel: Channel, number: int) -> None:
        person = self.discord.user(f"anna{number}")
        told = {"link": f"https://youtu.be/video{number:06}"}
        self.asked[number] = self.discord.command(channel, person, "analyze", told)

    def judge(self, method: str, path: str, _: object) -> Fault | None:
        edits = method == "PATCH" and path.startswith("/channels/") and "/messages/" in path
        if not edits or self._chance.random() > LIMITED:
            return None
        self.limited += 1
        return Fault(429, self._chance.uniform(0.3, 1.5))

    def thread(self, number: int) -> Channel | None:
        original = self.asked[number].original
        return self.discord.channels.get(original.id) if original else None

    def text(self, number: int) -> str:
        thread = self.thread(number)
        if thread is None or thread.parent is None:
            return ""
        told = [self.discord.everything[thread.id], *self.told[thread.id]]
        return "\n".join(m.text for m in told if m.author is self.discord.bot)

    def look(self) -> None:
        """Once over all messages, so that looking costs the servers little."""
        self.told.clear()
        for message in self.discord.everything.values():
            if not message.deleted and message.type not in SYSTEM:
                self.told[message.channel.id].append(message)

    def whole(self, number: int) -> bool:
        if number not in self._finished:
            text = self.text(number)
            if f"Echo {number} " in text and not _UNDER_WAY.search(text):
                self._finished.add(number)
        return number in self._finished

    def ask_where_read(self) -> None:
        for number in self.asked:
            thread = self.thread(number)
            if thread is None or thread.id in self._questioned:
                continue
            if "v1:export:md" in [a for m in self.told[thread.id] for a in m.choices]:
                self._questioned.add(thread.id)
                person = self.asked[number].user
                self.discord.say(thread, person, f"Question {number} about the crane?")

    def cut_if_due(self) -> None:
        if self.cuts < 2 and len(self._questioned) > (self.cuts + 1) * THREADS // 3:
            self.cuts += 1
            self.discord.gateway.drop()

    async def rest(self) -> None:
        """Until everything is there, or the evening is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self.ends):
                self.look()
                while not all(map(self.whole, self.asked)):
                    self.ask_where_read()
                    self.cut_if_due()
                    await asyncio.sleep(0.5)
                    self.look()

    # --- what is measured ---

    def acknowledged(self, numbers: Sequence[int]) -> list[float]:
        return [self.asked[n].acknowledged_after or 99.0 for n in numbers]

    def first_text(self, numbers: Sequence[int]) -> list[float]:
        """Seconds from the model's first token of a summary that can be shown to a section in its
        thread; of those that have one."""
        tokens: dict[int, float] = {}
        for call in self.model.calls:
            found = re.search(r"harbour (\d+)", str(call.body["messages"]))
            before = answer(call.body).find('"tldr": "')
            if found and call.first_token and before > 0:
                shown = (before + len('"tldr": "')) // TOKEN / TOKENS_A_SECOND
                tokens.setdefault(int(found[1]), call.first_token + shown + self._offset)
        threads = {f"/channels/{t.id}/": n for n in numbers if (t := self.thread(n))}
        seen: dict[int, float] = {}
        for request in self.discord.requests:
            number = next((n for path, n in threads.items() if request.path.startswith(path)), None)
            shown = number is not None and "## " in json.dumps(request.body)
            if number is not None and shown and request.status == 200:
                seen.setdefault(number, request.time)
        return [seen[n] - tokens[n] for n in numbers if n in seen and n in tokens]

    def edits(self) -> str:
        done = [r.time for r in self.discord.asked("PATCH")
                if r.status == 200 and r.path.startswith("/channels/")]  # fmt: skip
        span = max(done) - min(done) if done else 1.0
        return f"{len(done) / span:.0f} / {max(Counter(map(int, done)).values(), default=0)}"

    def hits(self) -> str:
        return f"{self.limited}; {len(self.discord.limits.hits)}"

    def resumed(self) -> str:
        return f"{self.cuts} / {len(self.discord.gateway.resumed)}"

    def wrong(self) -> Iterator[str]:
        for number in self.asked:
            text, thread = self.text(number), self.thread(number)
            for part in (f"### Talk {number}\n", "## Summary", "## Key Moments", "Echo "):
                if text.count(part) != 1:
                    yield f"{number}: {part.strip()} {text.count(part)} times"
            order = [text.find(part) for part in ("### Talk", "## Summary", "## Key", "Echo")]
            if order != sorted(order) or set(re.findall(r"harbour (\d+)", text)) != {str(number)}:
                yield f"{number}: out of order, or words of another thread"
            if _UNDER_WAY.search(text) or thread is None or thread.name != f"Talk {number}":
                yield f"{number}: not finished"
        yield from map(str, (*self.discord.pings, *self.discord.refused))


def answer(body: dict[str, Any]) -> str:
    number = re.search(r"Question (\d+) about", str(body["messages"][-1]["content"]))
    return f"Echo {number[1]} [1]" if number else compose(body)


def video(number: int) -> Video:
    cues = tuple(
        (f"In talk {number} sentence {n} is about crane {n} of harbour {number}.", 5.0 * n, 5.0)
        for n in range(60)
    )
    return Video(f"video{number:06}", title=f"Talk {number}", tracks=(Track("en", cues),))


def of(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    return f"{median(seconds):.2f} / {ordered[len(ordered) * 99 // 100]:.2f}"


def told(evening: Evening, who: str, numbers: Sequence[int]) -> list[tuple[str, str, str]]:
    """Median and p99."""
    return [
        (f"acknowledgement, {who}, s", of(evening.acknowledged(numbers)), "< 3"),
        (f"first text after its token, {who}, s", of(evening.first_text(numbers)), "≤ 1.35"),
    ]


async def spend(evening: Evening) -> tuple[str, float]:
    """How late the bot's loop was, and how long all of it took."""
    discord = evening.discord
    channels = [discord.text_channel(discord.guild(f"Server {n}")) for n in range(SERVERS)]
    with tempfile.TemporaryDirectory() as folder:
        async with bot(folder, settings(evening)) as running:
            evening.open(channels[0], THREADS)
            await evening.rest()
            discord.judge = evening.judge
            began = time.perf_counter()
            for number in range(THREADS):
                evening.open(channels[number % SERVERS], number)
                await asyncio.sleep(1 / OPENED_A_SECOND)
            await evening.rest()
            return await running.end(), time.perf_counter() - began


async def main() -> None:
    async with (
        LocalDiscord() as discord,
        LocalYouTube() as youtube,
        LocalModel(reply=answer, first_token=FIRST_TOKEN, rate=TOKENS_A_SECOND) as model,
    ):
        for number in range(THREADS + 1):
            youtube.add(video(number))
        evening = Evening(discord, youtube, model)
        lag, seconds = await spend(evening)
        wrong = list(evening.wrong())
        rows = [
            ("threads not whole, out of order, doubled or mixed", str(len(wrong)), "0"),
            ("until all was there, s", f"{seconds:.0f}", ""),
            *told(evening, "1 thread", [THREADS]),
            *told(evening, f"{THREADS} threads", range(THREADS)),
            ("edits a second, in the mean / at the most", evening.edits(), "≤ 50"),
            ("event-loop lag of the bot, ms (p50 / p99 / worst)", lag, "p99 ≤ 20"),
            ("edits limited at random; other limits hit", evening.hits(), ""),
            ("gateway cut / sessions resumed", evening.resumed(), "2 / 2"),
        ]
        show("An evening on Discord", SIMULATES, [*rows, *((what, "", "") for what in wrong[:20])])


if __name__ == "__main__":
    asyncio.run(main())
