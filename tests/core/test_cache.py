"""What is kept: whole values, apart by key, for their time."""

import asyncio
from dataclasses import replace

from talks import talk_of
from youtube_analysis import Settings, VideoData
from youtube_analysis.models.transcript import Chapter
from youtube_analysis.repositories.cache import CacheRepository, Namespace

VIDEO = talk_of("One.", "Zwei.", "三。", chapters=(Chapter("Start", 0),))


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
