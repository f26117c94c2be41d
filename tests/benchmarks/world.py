"""Servers in processes of their own, whose clocks are the ones that count.

A benchmark is a script that prints a table of ratios and says what it simulates. Nothing here
asserts: machines differ, ratios of one run are compared.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

# Nothing is measured while a model of 490 MB is fetched: the extra that would is taken for absent,
# here and in the programs that a benchmark starts.
sys.modules["fastembed"] = None  # type: ignore[assignment] # how Python is told so
os.environ["SEMANTIC"] = "off"

# Names a file to which every table is added, one JSON object a line.
RECORD = "VIDTHREAD_BENCH_RECORD"
ROOT = Path(__file__).parent.parent.parent
SENTENCES = 360  # half an hour at five seconds each


@dataclass(frozen=True, slots=True)
class Served:
    """What a server saw since it was last asked, in seconds of the machine's monotonic clock."""

    arrived: tuple[float, ...]
    ended: tuple[float, ...]
    begun: tuple[float, ...] = ()
    """Of a model: when the first token of each answer left it."""

    @property
    def count(self) -> int:
        return len(self.arrived)

    @property
    def span(self) -> float:
        """From the first request's arrival to the last answer's end."""
        return max(self.ended) - min(self.arrived) if self.arrived else 0.0

    @property
    def busy(self) -> float:
        """The sum of what each request took."""
        return sum(b - a for a, b in zip(self.arrived, self.ended, strict=True))

    @property
    def longest(self) -> float:
        return max((b - a for a, b in zip(self.arrived, self.ended, strict=True)), default=0.0)


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    control: str

    def served(self) -> Served:
        """And forgets it."""
        with urlopen(f"{self.control}/served") as answer:  # noqa: S310 - loopback
            told = json.load(answer)
        return Served(*(tuple(told.get(name, ())) for name in ("arrived", "ended", "begun")))


@contextmanager
def world(
    *,
    youtube_latency: float,
    first_token: float,
    rate: float,
    videos: int = 1,
    handshake: float = 0.0,
    minutes: float = SENTENCES / 12,
) -> Iterator[tuple[Server, Server]]:
    """A YouTube whose every request takes `youtube_latency` seconds, and a model; a new connection
    to either takes `handshake`, and a talk has twelve sentences a minute."""
    options = {
        "youtube_latency": youtube_latency,
        "first_token": first_token,
        "rate": rate,
        "videos": videos,
        "handshake": handshake,
        "sentences": round(minutes * 12),
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "servers.py"), json.dumps(options)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        yield (
            Server(told["youtube"], f"{told['control']}/youtube"),
            Server(told["model"], f"{told['control']}/model"),
        )
    finally:
        process.terminate()
        process.communicate()


def show(title: str, simulates: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of (what, measured, wanted)."""
    table = Table(title=title, caption=simulates, title_justify="left", caption_justify="left")
    for name in ("what", "measured", "wanted"):
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    Console(width=100).print(table)
    if record := os.environ.get(RECORD):
        told = {"title": title, "simulates": simulates, "rows": rows}
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def video_link(number: int) -> str:
    return f"https://youtu.be/bench{number:06}"


async def settle() -> None:
    """Lets what was just closed go, so that it is not measured with the next."""
    await asyncio.sleep(0.1)
