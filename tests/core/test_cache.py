"""What is kept: whole values, apart by key, for their time."""

import asyncio
from dataclasses import replace

import msgspec

from talks import talk_of
from youtube_analysis import Settings, VideoData
from youtube_analysis.concurrency import Supervisor
from youtube_analysis.errors import AgeRestricted, VideoUnplayable, YouTubeBusy
from youtube_analysis.models.video import Chapter
from youtube_analysis.repositories.cache import CacheRepository, Namespace

VIDEO = talk_of("One.", "Zwei.", "三。", chapters=(Chapter("Start", 0),))


def told(cache: CacheRepository, name: str) -> float:
    return cache.metrics.value(f"cache_{name}")


async def test_a_value_comes_back_whole_and_as_a_copy() -> None:
    cache = CacheRepository(Settings())
    await cache.put(Namespace.VIDEO, ("a", "en"), VIDEO)
    back = await cache.get(Namespace.VIDEO, ("a", "en"), VideoData)
    assert back == VIDEO
    assert back is not VIDEO
    await cache.close()
    assert await cache.get(Namespace.VIDEO, ("a", "en"), VideoData) is None


async def test_every_part_of_a_key_counts() -> None:
    cache = CacheRepository(Settings())
    await cache.put(Namespace.VIDEO, ("a", "b"), VIDEO)
    for namespace, key in [
        (Namespace.ANALYSIS, ("a", "b")),
        (Namespace.VIDEO, ("a",)),
        (Namespace.VIDEO, ("a", "")),
        (Namespace.VIDEO, ("ab",)),
        (Namespace.VIDEO, ('a", "b',)),
    ]:
        assert await cache.get(namespace, key, VideoData) is None
    await cache.close()


async def test_nothing_outlives_the_time_of_its_namespace() -> None:
    cache = CacheRepository(replace(Settings(), cache_video_ttl=0.05))
    await cache.put(Namespace.VIDEO, ("a",), VIDEO)
    await cache.put(Namespace.ANALYSIS, ("a",), VIDEO)
    await asyncio.sleep(0.15)
    assert await cache.get(Namespace.VIDEO, ("a",), VideoData) is None
    assert await cache.get(Namespace.ANALYSIS, ("a",), VideoData) == VIDEO
    await cache.close()


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


KEY = Namespace.VIDEO, ("a",)


async def settled(cache: CacheRepository) -> None:
    while told(cache, "refreshing"):  # noqa: ASYNC110 - nobody tells of the end of a refresh
        await asyncio.sleep(0)


async def test_what_is_old_is_served_at_once_and_made_anew_once() -> None:
    clock, newer = _Clock(), talk_of("Newer.")
    cache = CacheRepository(replace(Settings(), cache_video_ttl=100.0), clock=clock)
    made, may_end = 0, asyncio.Event()

    async def refresh() -> None:
        nonlocal made
        made += 1
        await may_end.wait()
        await cache.put(*KEY, newer)

    await cache.put(*KEY, VIDEO)
    clock.now = 79.0
    assert await cache.get(*KEY, VideoData, refresh=refresh) == VIDEO
    assert told(cache, "refreshing") == 0
    clock.now = 81.0
    for _ in range(100):
        assert await cache.get(*KEY, VideoData, refresh=refresh) == VIDEO
    await asyncio.sleep(0)
    assert (made, told(cache, "refreshing"), told(cache, "refreshes_total")) == (1, 1, 0)
    may_end.set()
    await settled(cache)
    clock.now = 120.0
    assert await cache.get(*KEY, VideoData, refresh=refresh) == newer
    assert (made, told(cache, "refreshes_total")) == (1, 1)
    await cache.close()


async def test_a_refresh_that_fails_keeps_the_old_value_for_its_time_and_rests() -> None:
    clock, tried = _Clock(), 0
    cache = CacheRepository(replace(Settings(), cache_video_ttl=1000.0), clock=clock)

    async def refresh() -> None:
        nonlocal tried
        tried += 1
        raise YouTubeBusy

    await cache.put(*KEY, VIDEO)
    for clock.now in (810.0, 811.0, 839.0, 841.0, 999.0):
        assert await cache.get(*KEY, VideoData, refresh=refresh) == VIDEO
        await settled(cache)
    assert (tried, told(cache, "refreshes_total")) == (3, 0)
    clock.now = 1000.0
    assert await cache.get(*KEY, VideoData, refresh=refresh) is None
    await cache.close()


async def test_closing_ends_a_refresh_but_not_the_supervisor_that_was_lent() -> None:
    clock, supervisor = _Clock(), Supervisor()
    settings = replace(Settings(), cache_video_ttl=100.0)
    cache = CacheRepository(settings, supervisor, clock=clock)
    ended = asyncio.Event()
    others = supervisor.once("work of others", asyncio.sleep(60))

    async def refresh() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await cache.put(*KEY, VIDEO)
    clock.now = 90.0
    await cache.get(*KEY, VideoData, refresh=refresh)
    await asyncio.sleep(0)
    await cache.close()
    assert ended.is_set()
    assert told(cache, "refreshing") == 0
    assert not others.done()
    await supervisor.close()


async def test_what_expired_is_swept_away_without_being_asked_for() -> None:
    settings = replace(Settings(), cache_video_ttl=1.0, cache_sweep_interval=0.02)
    clock = _Clock()
    cache = CacheRepository(settings, clock=clock)
    await cache.put(*KEY, VIDEO)
    await asyncio.sleep(0.05)
    assert told(cache, "entries") == 1
    clock.now = 1.5
    async with asyncio.timeout(5):
        while told(cache, "entries"):  # noqa: ASYNC110 - nobody tells of a sweep
            await asyncio.sleep(0.01)
    assert told(cache, "bytes") == 0
    await cache.close()


async def test_a_large_value_takes_less_room_and_comes_back_whole() -> None:
    for sentences in (100, 20_000):
        talk = talk_of(*(f"This is sentence {n} of a long talk." for n in range(sentences)))
        cache = CacheRepository(Settings())
        await cache.put(*KEY, talk)
        assert told(cache, "bytes") < len(msgspec.msgpack.encode(talk)) / 2
        assert await cache.get(*KEY, VideoData) == talk
        await cache.close()


async def test_a_failure_is_known_for_a_short_while_and_is_what_it_was() -> None:
    clock = _Clock()
    cache = CacheRepository(replace(Settings(), cache_failure_ttl=30.0), clock=clock)
    for error in (AgeRestricted(), VideoUnplayable("not in your country")):
        await cache.put_failure(("a",), error)
        clock.now += 29.0
        known = await cache.failure(("a",))
        assert type(known) is type(error)
        assert known.message == error.message
    assert await cache.failure(("b",)) is None
    clock.now += 2.0
    assert await cache.failure(("a",)) is None
    assert told(cache, "hits_total") == told(cache, "misses_total") == 2
    await cache.close()


async def test_forgetting_takes_everything_of_one_talk_and_nothing_else() -> None:
    cache = CacheRepository(Settings())
    await cache.put(Namespace.VIDEO, ("kept", "mine"), VIDEO)
    await cache.put(Namespace.ANALYSIS, ("id", "mine", "summary"), VIDEO)
    await cache.put(Namespace.ANALYSIS, ("id", "not mine", "summary"), VIDEO)
    assert await cache.forget("mine") == 2
    assert await cache.get(Namespace.VIDEO, ("kept", "mine"), VideoData) is None
    assert await cache.get(Namespace.ANALYSIS, ("id", "not mine", "summary"), VideoData) == VIDEO
    await cache.close()


async def test_what_is_forgotten_is_not_brought_back_by_a_refresh() -> None:
    clock, may_end = _Clock(), asyncio.Event()
    cache = CacheRepository(replace(Settings(), cache_video_ttl=100.0), clock=clock)

    async def refresh() -> None:
        await may_end.wait()
        await cache.put(*KEY, VIDEO)

    await cache.put(*KEY, VIDEO)
    clock.now = 90.0
    await cache.get(*KEY, VideoData, refresh=refresh)
    await cache.forget("a")
    may_end.set()
    await settled(cache)
    assert await cache.get(*KEY, VideoData) is None
    await cache.close()
