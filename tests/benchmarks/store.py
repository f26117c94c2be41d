"""Ten thousand stored threads beside a handful: memory, rates, latency, on each database."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import Connection, Table

from benchmarks.world import median, show
from databases import binaries, running_postgresql
from vidthread.store import SCHEMA as BOT
from youtube_analysis import Answer, ChatMessage, Citation, MessageRole, TokenUsage
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.sessions import SessionRepository, message_values
from youtube_analysis.repositories.tables import SCHEMA, messages, sessions

MANY, FEW, MESSAGES = 10_000, 10, 10
OPERATIONS, ROUNDS = 600, 5
AT_ONCE = 20
SIMULATES = (
    f"{MANY:,} threads of {MESSAGES} messages beside {FEW} such threads. An append is a question "
    f"and its answer of 400 characters with three citations, a read the newest 20 messages, on "
    f"threads picked by chance; {OPERATIONS} of each. Memory is that of a process of its own "
    "after the same work; latencies and rates are medians, the two stores taking turns."
)
QUOTE = "and every line of it carries a clock time and a link to where it came from"
CITATIONS = tuple(
    Citation("bench000000", n, n + 5.0, "https://youtu.be/b", QUOTE) for n in (1, 2, 3)
)
ANSWER = Answer("who?", "x" * 400, True, "model", CITATIONS, TokenUsage(9000, 120, 8800))

Work = Callable[[], Awaitable[None]]


def key(number: int) -> str:
    return f"discord/guild/channel {number % 50}/thread {number}"


def exchange() -> list[ChatMessage]:
    asked = ChatMessage(MessageRole.USER, "who is the historian of this review?")
    return [asked, ChatMessage(MessageRole.ASSISTANT, ANSWER.text, answer=ANSWER)]


@dataclass(slots=True)
class Store:
    """A database with so many threads in it."""

    database: Database
    threads: int
    repository: SessionRepository
    chance: random.Random
    appended: int = 0

    async def append(self) -> None:
        self.appended += 1
        reply = f"appended {self.appended}"
        await self.repository.record(self._any(), reply, exchange())

    async def read(self) -> None:
        session = await self.repository.get(self._any(), messages=20)
        if session is None or len(session.messages) < MESSAGES:
            raise RuntimeError("not whole")

    async def turn(self) -> None:
        await self.append()
        await self.read()

    def _any(self) -> str:
        return key(self.chance.randrange(self.threads))


async def opened(address: str, threads: int) -> Store:
    database = Database(address)
    await database.open(SCHEMA, BOT)
    return Store(database, threads, SessionRepository(database), random.Random(1))


async def fill(address: str, threads: int) -> None:
    store = await opened(address, threads)
    now = datetime.now(UTC)
    settled = {"title": "A talk", "created_at": now, "updated_at": now}
    for first in range(0, threads, 500):
        numbers = range(first, min(first + 500, threads))
        rows = [
            row | {"session_id": number + 1, "place": place}
            for number in numbers
            for place in range(MESSAGES // 2)
            for row in message_values(f"reply {place}", exchange())
        ]
        named = [{"key": key(number)} | settled for number in numbers]
        await store.database.write(partial(_insert, sessions, named))
        await store.database.write(partial(_insert, messages, rows))
    await store.database.close()


def _insert(table: Table, values: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(table.insert(), values)


def resident(address: str, threads: int) -> float:
    """Megabytes of a process that did some of everything."""
    command = [sys.executable, __file__, address, str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


async def work(address: str, threads: int) -> None:
    store = await opened(address, threads)
    await rate(store.turn, OPERATIONS, AT_ONCE)
    await store.database.close()


async def rate(work: Work, times: int, at_once: int) -> float:
    """How often a second."""

    async def worker() -> None:
        for _ in range(times // at_once):
            await work()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return times / (time.perf_counter() - began)


async def latencies(few: Store, many: Store) -> tuple[float, float]:
    """Of an append and a read after it, in turns, so that both see the same machine."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(OPERATIONS):
        for store, into in zip((few, many), seconds, strict=True):
            began = time.perf_counter()
            await store.turn()
            into.append(time.perf_counter() - began)
    return median(seconds[0]), median(seconds[1])


async def measured(small: str, large: str) -> list[tuple[str, str, str]]:
    await fill(small, FEW)
    await fill(large, MANY)
    lean = await asyncio.to_thread(resident, small, FEW)
    full = await asyncio.to_thread(resident, large, MANY)
    few, many = await opened(small, FEW), await opened(large, MANY)
    alone, among = await latencies(few, many)
    rates = [
        (f"{name}, {at_once} at once", *await compared(*works, at_once))
        for name, works in (
            ("appends a second", (few.append, many.append)),
            ("reads a second", (few.read, many.read)),
        )
        for at_once in (1, AT_ONCE)
    ]
    await few.database.close()
    await many.database.close()
    return rows_of(lean, full, alone, among, rates)


async def compared(few: Work, many: Work, at_once: int) -> tuple[float, float]:
    """Rates of both, in turns."""
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, into in zip((few, many), rates, strict=True):
            into.append(await rate(work, OPERATIONS // ROUNDS, at_once))
    return median(rates[0]), median(rates[1])


def rows_of(
    lean: float, full: float, alone: float, among: float, rates: list[tuple[str, float, float]]
) -> list[tuple[str, str, str]]:
    return [
        ("resident beside few threads", f"{full - lean:+.1f} MB of {lean:.0f}", "≤ +30 MB"),
        ("append and read beside few threads", f"{among / alone:.2f} ×", "1 ×"),
        ("append and read, milliseconds", f"{among * 1000:.2f}", ""),
        *((name, f"{many:.0f}", f"{many / few:.2f} × few") for name, few, many in rates),
    ]


@contextmanager
def addresses() -> Iterator[dict[str, tuple[str, str]]]:
    """Two empty databases of each kind that is installed."""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"sqlite:///{folder}/{name}.db" for name in ("few", "many")]
        given = {"SQLite": (files[0], files[1])}
        installed = binaries()
        if installed is None:
            yield given
            return
        with running_postgresql(installed) as server:
            yield given | {"PostgreSQL": (server.create(), server.create())}


def main() -> None:
    with addresses() as given:
        for name, (small, large) in given.items():
            show(f"Stored threads: {name}", SIMULATES, asyncio.run(measured(small, large)))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(work(sys.argv[1], int(sys.argv[2])))
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        sys.stdout.write(f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.2f}")
    else:
        main()
