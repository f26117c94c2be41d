"""What is counted can be read from any thread, and added up over factories."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Video
from youtube_analysis import ServiceFactory, Settings
from youtube_analysis.errors import YouTubeBusy
from youtube_analysis.metrics import Metrics, performance_stats
from youtube_analysis.repositories.youtube.http import YouTubeLimits


@contextmanager
def threads_in_a_hurry() -> Iterator[None]:
    """Threads take turns so often that what is not safe shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


async def test_stats_may_be_asked_for_from_any_thread_at_any_time() -> None:
    over = threading.Event()
    failed: list[RuntimeError] = []

    def ask(factory: ServiceFactory) -> None:
        while not over.is_set():
            try:
                performance_stats([factory.metrics.samples()])
            except RuntimeError as error:
                failed.append(error)

    async with LocalYouTube() as youtube:
        for number in range(100):
            youtube.add(Video(f"video{number:06}"))
        settings = Settings(
            youtube_url=youtube.url, rate_concurrent=20, rate_per_minute=100_000, semantic="off"
        )
        async with ServiceFactory(settings, reuse=False) as factory:
            read = factory.get_transcript_service().read_link
            asking = [threading.Thread(target=ask, args=(factory,)) for _ in range(2)]
            with threads_in_a_hurry():
                for thread in asking:
                    thread.start()
                await asyncio.gather(*(read(f"video{number:06}") for number in range(100)))
                over.set()
                for thread in asking:
                    thread.join()
            told = performance_stats([factory.metrics.samples()])
    assert failed == []
    assert told["connection_stats"]["created"] == told["connection_stats"]["recent_requests"] == 300


def test_factories_are_added_up() -> None:
    settings = Settings(cache_memory_mb=100, semantic="off", openai_api_key="key")
    every = [ServiceFactory(settings) for _ in range(2)]
    for factory in every:
        factory.metrics.cache_hits.inc(3)
        factory.metrics.cache_misses.inc()
        factory.metrics.model_cost.inc(0.25)
    told = performance_stats(factory.metrics.samples() for factory in every)
    assert told["cache_stats"]["memory_limit_mb"] == 200
    assert (told["cache_stats"]["hits"], told["cache_stats"]["hit_rate"]) == (6, 0.75)
    assert told["connection_stats"]["max_connections"] == 100
    assert told["connection_stats"]["session_closed"] is True
    assert told["llm_stats"]["cost"] == 0.5
    assert told["llm_cache_info"] == {"cached_instances": 0, "cache_keys": []}


async def test_an_outage_and_who_is_spared_the_wait_are_told() -> None:
    metrics = Metrics()
    limits = YouTubeLimits(Settings(), metrics)
    asked = 0

    async def fail() -> None:
        nonlocal asked
        async with limits.permit():
            asked += 1
            raise YouTubeBusy

    for _ in range(6):
        with pytest.raises(YouTubeBusy):
            await fail()
    assert asked == 5
    assert metrics.value("upstream_down", "youtube") == 1
    assert metrics.value("upstream_refused_total", "youtube") == 1
    assert metrics.value("upstream_wait_seconds_count", "youtube") == 6


def test_what_fails_is_not_timed() -> None:
    metrics = Metrics()
    with metrics.timed("read"):
        pass
    with pytest.raises(ValueError, match="at once"), metrics.timed("read"):
        raise ValueError("at once")
    assert metrics.value("stage_seconds_count", "read") == 1
