"""Kills the bot in the middle of its work and looks what becomes of every thread.

`python tests/benchmarks/kills.py [ROUNDS]`: each round opens several threads, asks questions in
them, ends the process with SIGKILL at one point, starts it again, and compares what then stands in
the threads with what stands there undisturbed.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import show
from fakes.chat import Fault, LocalChat, Message
from fakes.model import LocalModel
from fakes.model_answers import compose
from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Track, Video

THREADS, QUESTIONS = 4, 2
BOT = Path(__file__).parent.parent / "fakes" / "chat_bot.py"
_UNDER_WAY = re.compile(r"^\((?:Transcript|Writing|Looking|Waiting)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process is killed: at the `number`th `kind` of a round, `later` seconds after."""

    kind: str
    number: int
    later: float = 0.0


@dataclass
class Trigger:
    """Kills once, when its point is reached."""

    point: Point
    kill: Callable[[], None]
    struck: bool = False
    _seen: Counter[str] = field(default_factory=Counter)

    async def reached(self, kind: str) -> None:
        self._seen[kind] += 1
        if self.struck or kind != self.point.kind or self._seen[kind] < self.point.number:
            return
        self.struck = True
        await asyncio.sleep(self.point.later)
        self.kill()


@dataclass
class Round:
    """A world of its own for one kill."""

    youtube: LocalYouTube
    model: LocalModel
    chat: LocalChat
    folder: Path
    trigger: Trigger | None = None
    bot: asyncio.subprocess.Process | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def watch(self, trigger: Trigger) -> None:
        self.trigger = trigger

        async def accepted(_: Message) -> None:
            await trigger.reached("post")

        def judge(method: str, *_: Any) -> Fault | None:
            if method != "POST":
                self._reach({"PATCH": "edit"}.get(method, method))
            return None

        def reply(body: dict[str, Any]) -> str:
            self._reach("model")
            return answer(body)

        self.chat.on_accepted, self.chat.judge, self.model.reply = accepted, judge, reply

    def _reach(self, kind: str) -> None:
        if self.trigger:
            task = asyncio.create_task(self.trigger.reached(kind))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def start(self) -> None:
        settings = {
            "YOUTUBE_URL": self.youtube.url,
            "OPENAI_BASE_URL": self.model.url,
            "OPENAI_MODEL": "local",
            "RATE_PER_MINUTE": "100000",
            "DATABASE_URL": f"sqlite:///{self.folder / 'kills.db'}",
            "WEB_PORT": "0",
        }
        self.bot = await asyncio.create_subprocess_exec(
            sys.executable, str(BOT), self.chat.url, env=os.environ | settings
        )

    def kill(self) -> None:
        if self.bot and self.bot.returncode is None:
            self.bot.kill()

    async def ask(self) -> None:
        """Opens the threads; asks in each once it is there."""
        for number in range(THREADS):
            self.chat.say("", f"https://youtu.be/video{number:06}")
        await self.chat.until(lambda: len(self.chat.threads()) == THREADS, seconds=60)
        for thread in self.chat.threads():
            for number in range(QUESTIONS):
                self.chat.say(thread, f"Question number {number} about the crane?")

    async def rest(self) -> None:
        await self.chat.until(self.all_whole, seconds=120)
        await asyncio.sleep(0.3)  # for what should not come any more

    def all_whole(self) -> bool:
        threads = self.chat.threads()
        return len(threads) == THREADS and all(map(self.whole, threads))

    def whole(self, thread: str) -> bool:
        text = self.chat.text(thread)
        last = f"Echo {QUESTIONS - 1}"
        return "## Key Moments" in text and last in text and not _UNDER_WAY.search(text)


def answer(body: dict[str, Any]) -> str:
    last = str(body["messages"][-1]["content"])
    number = re.search(r"Question number (\d+)", last)
    return f"Echo {number[1]} [1]" if number else compose(body)


def verdict(round_: Round) -> list[str]:
    """What is wrong with the threads."""
    chat = round_.chat
    wrong = [f"{thread}: {what}" for thread in chat.threads() for what in _wrong(chat, thread)]
    if len(chat.threads()) != THREADS:
        wrong.append(f"{len(chat.threads())} threads")
    return wrong


def _wrong(chat: LocalChat, thread: str) -> Iterator[str]:
    """Anything missing, doubled, out of order, unfinished, or of another thread."""
    messages, text = chat.shown(thread), chat.text(thread)
    answers = re.findall(r"Echo (\d)", text)
    if answers != [str(number) for number in range(QUESTIONS)]:
        yield f"answers {answers}"
    for part in ("# Talk", "## Summary", "## Key Moments"):
        if len(re.findall(f"^{part}", text, re.MULTILINE)) != 1:
            yield f"{part} {text.count(part)} times"
    if len({message.nonce for message in messages}) != len(messages):
        yield "a page twice"
    if _UNDER_WAY.search(text):
        yield "still working"
    if len(set(re.findall(r"harbour (\d+)", text))) != 1:
        yield "words of another thread"


def points(rounds: int, chance: random.Random) -> list[Point]:
    """Half of them between the acceptance of a post and its answer."""
    made = []
    for number in range(rounds):
        if number % 2 == 0:
            made.append(Point("post", 1 + number // 2 % (5 * THREADS)))
            continue
        kind = ("model", "edit")[number // 2 % 2]
        later = round(chance.uniform(0.0, 0.15), 3)
        most = {"model": THREADS * (2 + QUESTIONS), "edit": 2 * THREADS}[kind]
        made.append(Point(kind, chance.randint(1, most), later))
    return made


async def killed_at(point: Point) -> tuple[bool, list[str]]:
    """Whether the point was reached, and what was wrong afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalYouTube() as youtube, LocalModel(rate=3000.0) as model, LocalChat() as chat:
            for number in range(THREADS):
                youtube.add(_video(number))
            round_ = Round(youtube, model, chat, Path(folder))
            try:
                return await _killed(round_, point)
            finally:
                round_.kill()
                if round_.bot:
                    await round_.bot.wait()


async def _killed(round_: Round, point: Point) -> tuple[bool, list[str]]:
    trigger = Trigger(point, round_.kill)
    round_.watch(trigger)
    await round_.start()
    asking = asyncio.create_task(round_.ask())
    if round_.bot:
        done = asyncio.create_task(round_.bot.wait())
        rest = asyncio.create_task(round_.rest())
        await asyncio.wait([done, rest], return_when=asyncio.FIRST_COMPLETED)
        rest.cancel()
        await asyncio.wait([rest])
        if not done.done():
            round_.kill()
        await done
    await round_.start()
    await asking
    try:
        await round_.rest()
    except TimeoutError:
        return trigger.struck, [*verdict(round_), "not whole in time"]
    return trigger.struck, verdict(round_)


def _video(number: int) -> Video:
    cues = tuple(
        (f"In talk {number} sentence {n} is about crane {n} of harbour {number}.", 5.0 * n, 5.0)
        for n in range(60)
    )
    return Video(f"video{number:06}", title=f"Talk {number}", tracks=(Track("en", cues),))


async def main(rounds: int) -> None:
    chosen = points(rounds, random.Random(4))
    killed, wrong = Counter[str](), list[str]()
    for number, point in enumerate(chosen, start=1):
        sys.stderr.write(f"\r{number} of {rounds}: {point.kind} {point.number}   ")
        struck, found = await killed_at(point)
        killed[point.kind if struck else "not reached"] += 1
        wrong += [f"{point}: {what}" for what in found]
    sys.stderr.write("\n")
    rows = [(f"killed at: {kind}", str(count), "") for kind, count in sorted(killed.items())]
    rows.append(("threads not whole, doubled or mixed", str(len(wrong)), "0"))
    simulates = (
        f"{rounds} rounds of {THREADS} threads, an analysis and {QUESTIONS} questions in each; "
        "“post” is between the platform's acceptance of a message and its answer."
    )
    show("SIGKILL", simulates, [*rows, *((what, "", "") for what in wrong)])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
