"""When YouTube may be asked, by crowds on a clock of their own; what counts as its time."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Video
from youtube_analysis import Settings
from youtube_analysis.repositories.youtube.http import (
    DEFAULT_ORIGIN,
    HttpSession,
    VideoPermit,
    YouTubeLimits,
)
from youtube_analysis.upstream import WINDOW, bound_tenant


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


def limits_of(clock: Clock, at_once: int, per_window: int) -> YouTubeLimits:
    allowed = Settings(rate_concurrent=at_once, rate_per_minute=per_window)
    return YouTubeLimits(allowed, clock=clock, sleep=clock.sleep)


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
    limits = limits_of(clock, at_once, per_window)
    starts: list[float] = []
    inside, most = 0, 0

    async def visit(guest: Guest) -> None:
        nonlocal inside, most
        await clock.sleep(guest.comes)
        async with limits.request():
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
            async with limits.request():
                pass
    return starts, most


async def test_a_burst_waits_for_the_window_in_order() -> None:
    clock = Clock()
    limits = limits_of(clock, 10, 50)
    order: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        async with limits.request():
            order.append((number, clock.now))

    await clock.run_until(asyncio.gather(*(one(number) for number in range(120))))
    assert [number for number, _ in order] == list(range(120))
    at = [time - 1000 for _, time in order]
    assert at[49] == 0
    assert at[50] == pytest.approx(WINDOW, abs=0.01)
    assert at[100] == pytest.approx(2 * WINDOW, abs=0.01)


async def test_who_is_cancelled_while_waiting_takes_no_start() -> None:
    clock = Clock()
    limits = limits_of(clock, 1, 2)
    entered = asyncio.Event()

    async def hold() -> None:
        async with limits.request():
            entered.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await entered.wait()
    waiting = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting.cancel()
    holding.cancel()
    await asyncio.gather(holding, waiting, return_exceptions=True)
    async with asyncio.timeout(1), limits.request():
        pass


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
        while len(youtube.asked) < 50 or http.metrics.value("requests_recent") < 50:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert len(youtube.asked) == http.metrics.value("requests_recent") == 50
        assert youtube.most_at_once <= 10
        await clock.run_until(asking)
        assert clock.now - 1000 == pytest.approx(60, abs=1)
        assert len(youtube.asked) == 51
        assert http.metrics.value("requests_recent") == 1
        await http.close()


@pytest.mark.parametrize(("at_once", "first"), [(2, [0, 1]), (10, [0, 1, 2])])
async def test_permits_are_given_only_with_room_for_all_that_a_video_needs(
    at_once: int, first: list[int]
) -> None:
    """Ten starts are three videos, and a third of one: it waits in the queue, not halfway."""
    clock = Clock()
    limits = limits_of(clock, at_once, 10)
    let_in: list[int] = []
    places: list[int] = []

    async def read(number: int) -> None:
        async with limits.permit(places.append if number == 3 else None) as permit:
            let_in.append(number)
            for _ in range(3):
                await ask(limits, permit)
            await asyncio.Event().wait()

    reads = [asyncio.create_task(read(number)) for number in range(4)]
    await settled()
    assert let_in == first
    for leaving in (0, 1):
        reads[leaving].cancel()
        await settled()
        assert let_in == [0, 1, 2]
    assert places[-1] == 1
    for one in reads:
        one.cancel()
    await asyncio.gather(*reads, return_exceptions=True)


async def test_a_single_link_of_another_server_is_next() -> None:
    clock = Clock()
    limits = limits_of(clock, 2, 1000)
    order: list[str] = []
    leave = asyncio.Event()

    async def read(tenant: str) -> None:
        with bound_tenant(tenant):
            async with limits.permit() as permit:
                order.append(tenant)
                await ask(limits, permit)
                await leave.wait()

    many = [asyncio.create_task(read("many")) for _ in range(20)]
    await settled()
    single = asyncio.create_task(read("single"))
    await asyncio.sleep(0)
    leave.set()
    await asyncio.gather(*many, single)
    assert order.index("single") == 2


async def ask(limits: YouTubeLimits, permit: VideoPermit) -> None:
    async with limits.request(permit):
        await asyncio.sleep(0)


async def settled() -> None:
    """Until everybody has gone as far as they can."""
    for _ in range(50):
        await asyncio.sleep(0)
