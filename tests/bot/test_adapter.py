"""What keeps an adapter connected: it asks on and on, ever more seldom, and never for nothing."""

from __future__ import annotations

import pytest

from vidthread.adapter import CannotConnect, keep_connected, until_reached
from vidthread.surface import RateLimited, SurfaceUnreachable


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def test_a_connection_that_lasted_is_followed_by_another_soon() -> None:
    now, lengths, sleep = 0.0, [0.0, 0.0, 0.0, 100.0, 0.0], Sleeps()

    async def session() -> None:
        nonlocal now
        if not lengths:
            raise CannotConnect("The token was revoked.")
        now += lengths.pop(0)
        if len(lengths) % 2:
            raise ZeroDivisionError

    with pytest.raises(CannotConnect):
        await keep_connected(session, 1.5, sleep, lambda: now)
    assert sleep == [0.5, 1.0, 1.5, 0.5, 1.0]


async def test_a_platform_that_is_away_is_asked_until_it_answers() -> None:
    left: list[Exception] = [SurfaceUnreachable(), RateLimited(7.0), SurfaceUnreachable()]
    sleep = Sleeps()

    async def ask() -> str:
        if left:
            raise left.pop(0)
        return "here"

    assert await until_reached(ask, (SurfaceUnreachable, RateLimited), sleep) == "here"
    assert sleep == [0.5, 7.0, 2.0]
    left.append(CannotConnect("The token is wrong."))
    with pytest.raises(CannotConnect):
        await until_reached(ask, (SurfaceUnreachable, RateLimited), sleep)
