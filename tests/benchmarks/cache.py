"""The cache beside aiocache's own, and what it counts beside what it holds."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from aiocache import SimpleMemoryCache
from aiocache.base import BaseCache

from benchmarks.world import median, show
from youtube_analysis.repositories.cache import BoundedMemoryCache

LIMIT = 500 * 2**20
ENTRIES, ROUNDS, BYTES = 2_000, 25, 20_000
SIMULATES = (
    f"{ENTRIES:,} values of {BYTES:,} bytes set and got through aiocache's own interface, each "
    f"cache in turns, medians of {ROUNDS} rounds. Then values of 2 to 200 thousand bytes until "
    f"the limit of {LIMIT / 2**20:.0f} MB was passed five times; held is what the process grew by."
)


async def rates(cache: BaseCache, values: dict[str, bytes]) -> tuple[float, float]:
    """Sets and gets a second."""
    began = time.perf_counter()
    for key, value in values.items():
        await cache.set(key, value, ttl=3600)
    between = time.perf_counter()
    for key in values:
        await cache.get(key)
    return ENTRIES / (between - began), ENTRIES / (time.perf_counter() - between)


async def compared() -> dict[str, tuple[float, float]]:
    values = {f"key {number}": os.urandom(8) * (BYTES // 8) for number in range(ENTRIES)}
    caches = {
        "ours": BoundedMemoryCache(LIMIT),
        "theirs, no time-out": SimpleMemoryCache(timeout=None),
        "theirs": SimpleMemoryCache(),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in caches}
    for _ in range(ROUNDS):
        for name, cache in caches.items():
            found[name].append(await rates(cache, values))
    for cache in caches.values():
        await cache.clear()
    return {
        name: (median([sets for sets, _ in every]), median([gets for _, gets in every]))
        for name, every in found.items()
    }


async def filled() -> tuple[float, float, int]:
    """Bytes counted over bytes held, the most that was ever counted over the limit, and entries."""
    chance, most = random.Random(1), 0
    cache = BoundedMemoryCache(LIMIT)
    gc.collect()
    before = resident()
    number = written = 0
    while written < 5 * LIMIT:
        size = int(2_000 * 100 ** chance.random())
        await cache.set(f'["analysis", "{number:011}", "summary"]', b"x" * size, ttl=3600)
        most, number, written = max(most, cache.size), number + 1, written + size
    gc.collect()
    return cache.size / (resident() - before), most / LIMIT, len(cache)


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    ratio, most, entries = asyncio.run(filled())
    found = asyncio.run(compared())
    ours, plain, default = found["ours"], found["theirs, no time-out"], found["theirs"]
    show(
        "The cache in memory",
        SIMULATES,
        [
            (
                "get beside SimpleMemoryCache(timeout=None)",
                f"{ours[1] / plain[1]:.2f} ×",
                "≥ 0.9 ×",
            ),
            (
                "set beside SimpleMemoryCache(timeout=None)",
                f"{ours[0] / plain[0]:.2f} ×",
                "≥ 0.9 ×",
            ),
            ("get beside SimpleMemoryCache()", f"{ours[1] / default[1]:.1f} ×", "≥ 4 ×"),
            ("set beside SimpleMemoryCache()", f"{ours[0] / default[0]:.1f} ×", "≥ 4 ×"),
            ("bytes counted over bytes held, full", f"{ratio:.3f}", "0.98–1.02"),
            ("most that was ever counted over the limit", f"{most:.4f}", "≤ 1"),
            ("entries when full", f"{entries:,}", ""),
        ],
    )


if __name__ == "__main__":
    main()
