"""The limiter under crowds, on a clock of its own; and what counts as a request's time."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Video
from youtube_analysis import Settings
from youtube_analysis.http import DEFAULT_ORIGIN, HttpSession, RateLimiter


@dataclass
class Clock:
    """Time that passes only while somebody sleeps; each sleeper wakes at its own moment."""

    now: float = 1000.0
    _sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, waking))
        await waking

    async def run_until(self, crowd: "asyncio.Future[Any]") -> None:
        while not crowd.done():
            for _ in range(20):  # everybody awake goes as far as they can
                await asyncio.sleep(0)
            asleep = [one for one in self._sleepers if not one[1].done()]
            self._sleepers = sorted(asleep, key=lambda one: one[0])
            if self._sleepers:
                self.now, waking = self._sleepers.pop(0)
                waking.set_result(None)


@dataclass(frozen=True)
class Guest:
    """Comes after a while, works for a while, and may lose patience."""

    comes: float
    works: float
    leaves_after: float | None


GUESTS = st.lists(
    st.builds(
        Guest,
        comes=st.floats(0, 150),
        works=st.floats(0, 20),
        leaves_after=st.none() | st.floats(0, 200),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=120, derandomize=True)
@given(at_once=st.integers(1, 4), per_window=st.integers(1, 6), guests=GUESTS)
def test_no_crowd_breaks_the_limits(at_once: int, per_window: int, guests: list[Guest]) -> None:
    starts, most = asyncio.run(_received(at_once, per_window, guests))
    assert most <= at_once
    for start in starts:
        assert sum(start <= other < start + 60 for other in starts) <= per_window


async def _received(at_once: int, per_window: int, guests: list[Guest]) -> tuple[list[float], int]:
    clock = Clock()
    limiter = RateLimiter(at_once, per_window, clock, clock.sleep)
    starts: list[float] = []
    inside, most = 0, 0

    async def visit(guest: Guest) -> None:
        nonlocal inside, most
        await clock.sleep(guest.comes)
        async with limiter.start():
            starts.append(clock.now)
            inside += 1
            most = max(most, inside)
            try:
                await clock.sleep(guest.works)
            finally:
                inside -= 1

    async def patience(visiting: asyncio.Task[None], guest: Guest) -> None:
        if guest.leaves_after is not None:
            await clock.sleep(guest.leaves_after)
            visiting.cancel()

    visits = [asyncio.create_task(visit(guest)) for guest in guests]
    waits = [patience(task, guest) for task, guest in zip(visits, guests, strict=True)]
    await clock.run_until(asyncio.gather(*visits, *waits, return_exceptions=True))
    # Whoever left early left nothing taken: as many as ever may still start at once.
    clock.now += 1000
    async with asyncio.timeout(1):
        for _ in range(per_window):
            async with limiter.start():
                pass
    return starts, most


async def test_waiting_for_a_place_is_not_the_requests_time() -> None:
    async with LocalYouTube(latency=0.1) as youtube:
        youtube.add(Video("abcdefghijk"))
        http = HttpSession(
            Settings(youtube_url=youtube.url, http_total_timeout=0.5, http_max_per_host=1)
        )
        url = f"{DEFAULT_ORIGIN}/watch?v=abcdefghijk"
        answers = await asyncio.gather(*(http.send("GET", url) for _ in range(10)))
        assert {answer.status for answer in answers} == {200}
        assert youtube.asked[-1].at - youtube.asked[0].at > 0.5
        assert youtube.most_at_once == 1
        await http.close()


async def test_the_defaults_are_those_of_the_design() -> None:
    clock = Clock()
    async with LocalYouTube() as youtube:
        youtube.add(Video("abcdefghijk"))
        http = HttpSession(Settings(youtube_url=youtube.url), clock=clock, sleep=clock.sleep)
        url = f"{DEFAULT_ORIGIN}/watch?v=abcdefghijk"
        asking = asyncio.gather(*(http.send("GET", url) for _ in range(51)))
        while len(youtube.asked) < 50 or http.stats().recent_requests < 50:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert len(youtube.asked) == http.stats().recent_requests == 50
        assert youtube.most_at_once <= 10
        await clock.run_until(asking)
        assert clock.now - 1000 == pytest.approx(60, abs=1)
        assert len(youtube.asked) == 51
        assert http.stats().recent_requests == 1
        await http.close()
