"""Bytes are counted exactly, the limit holds always, and the least used goes first."""

import asyncio
import sys
from collections import OrderedDict

from hypothesis import given, settings
from hypothesis import strategies as st

from youtube_analysis.repositories.cache import ENTRY_BYTES, BoundedMemoryCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


KEYS = st.sampled_from("abcdef")
STEPS = st.lists(
    st.tuples(st.just("set"), KEYS, st.integers(0, 900), st.sampled_from([None, 1.0, 5.0]))
    | st.tuples(st.just("get"), KEYS)
    | st.tuples(st.just("delete"), KEYS)
    | st.tuples(st.just("sleep"), st.floats(0.0, 3.0))
    | st.tuples(st.just("sweep"), st.integers(1, 3)),
    max_size=60,
)
LIMIT = 2500


@settings(max_examples=200, derandomize=True)
@given(steps=STEPS)
def test_it_does_as_a_slow_and_simple_one(steps: list[tuple[object, ...]]) -> None:
    asyncio.run(_compare(steps))


class Simple:
    """The same without a thought to speed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    @property
    def size(self) -> int:
        return sum(_size(key, value) for key, (value, _) in self.entries.items())

    def set(self, key: str, value: bytes, ttl: float | None) -> None:
        self.entries.pop(key, None)
        if (size := _size(key, value)) <= LIMIT:
            while self.size + size > LIMIT:
                self.entries.popitem(last=False)
            self.entries[key] = value, self.clock.now + ttl if ttl else float("inf")

    def get(self, key: str) -> bytes | None:
        value, expires = self.entries.get(key, (b"", 0.0))
        if expires <= self.clock.now:
            self.entries.pop(key, None)
            return None
        self.entries.move_to_end(key)
        return value

    def sweep(self) -> None:
        for key in [key for key, (_, end) in self.entries.items() if end <= self.clock.now]:
            del self.entries[key]


async def _compare(steps: list[tuple[object, ...]]) -> None:
    clock = Clock()
    cache, simple = BoundedMemoryCache(LIMIT, clock=clock), Simple(clock)
    for step in steps:
        match step:
            case ("set", str(key), int(size), None | float() as ttl):
                await cache.set(key, b"x" * size, ttl=ttl)
                simple.set(key, b"x" * size, ttl)
            case ("get", str(key)):
                assert await cache.get(key) == simple.get(key)
            case ("delete", str(key)):
                known = simple.entries.pop(key, None) is not None
                assert await cache.delete(key) == int(known)
            case ("sleep", float(seconds)):
                clock.now += seconds
            case ("sweep", int(at_once)):
                sum(cache.sweep(at_once))
                simple.sweep()
        assert cache.size == simple.size <= LIMIT
        assert cache.known_keys() == list(simple.entries)


def _size(key: str, value: bytes) -> int:
    return sys.getsizeof(key) + sys.getsizeof(value) + ENTRY_BYTES


async def test_no_entry_has_a_timer_and_a_sweep_looks_at_few_at_once() -> None:
    clock = Clock()
    cache = BoundedMemoryCache(10**9, clock=clock)
    for number in range(5000):
        await cache.set(f"key {number}", b"value", ttl=10 if number % 2 else 100)
    loop = asyncio.get_running_loop()
    assert not getattr(loop, "_scheduled", [])
    clock.now = 50.0
    swept = list(cache.sweep(1000))
    assert swept == [500] * 5
    assert len(cache) == cache.metrics.value("cache_expirations_total") == 2500
    assert cache.metrics.value("cache_evictions_total") == 0
