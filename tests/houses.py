"""A YouTubeRepository with a local YouTube to itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fakes.youtube import LocalYouTube
from youtube_analysis import Settings
from youtube_analysis.repositories.youtube import HttpSession, YouTubeRepository

ID = "abcdefghijk"


@dataclass
class House:
    youtube: LocalYouTube
    http: HttpSession
    repository: YouTubeRepository
    slept: list[float] = field(default_factory=list)


@asynccontextmanager
async def house(*, at_once: int = 50, total_timeout: float = 30.0) -> AsyncIterator[House]:
    """A repository whose waits take no time and whose chance is always one half."""
    async with LocalYouTube() as youtube:
        settings = Settings(
            youtube_url=youtube.url,
            http_total_timeout=total_timeout,
            rate_concurrent=at_once,
            rate_per_minute=100_000,
        )
        http = HttpSession(settings)
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        repository = YouTubeRepository(http, sleep=sleep, rng=lambda: 0.5)
        try:
            yield House(youtube, http, repository, slept)
        finally:
            await repository.close()
            await http.close()
