"""An upstream that is down is left in peace, and found again when it is back."""

from collections.abc import Callable
from math import inf

import pytest

from youtube_analysis.errors import (
    VideoAnalysisError,
    VideoUnavailable,
    YouTubeBusy,
    YouTubeUnreachable,
)
from youtube_analysis.upstream import CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock, on_refusal: Callable[[], object] = lambda: None) -> CircuitBreaker:
    most: dict[type[VideoAnalysisError], float] = {YouTubeBusy: 3, YouTubeUnreachable: 3}
    return CircuitBreaker("down", most, rest=10.0, clock=clock, on_refusal=on_refusal)


def fail(upstream: CircuitBreaker, error: VideoAnalysisError) -> None:
    with pytest.raises(type(error)), upstream.attempt():
        raise error


def test_after_the_same_failure_again_and_again_nobody_asks_for_a_while() -> None:
    clock = Clock()
    refused: list[float] = []
    upstream = breaker(clock, lambda: refused.append(clock.now))
    for _ in range(3):
        assert not upstream.is_open
        fail(upstream, YouTubeBusy())
    assert upstream.is_open
    clock.now = 4.0
    with pytest.raises(YouTubeBusy) as caught, upstream.attempt():
        raise AssertionError("asked")
    assert caught.value.retry_after == 6.0
    assert refused == [4.0]


def fail_while_another_tries(upstream: CircuitBreaker) -> None:
    with pytest.raises(YouTubeBusy), upstream.attempt():
        raise AssertionError("asked beside the one that tries")
    raise YouTubeBusy


def test_one_tries_after_the_rest_and_its_luck_is_everybodys() -> None:
    clock = Clock()
    upstream = breaker(clock)
    for _ in range(3):
        fail(upstream, YouTubeBusy())
    clock.now = 10.0
    with pytest.raises(YouTubeBusy), upstream.attempt():
        fail_while_another_tries(upstream)
    clock.now = 19.0
    with pytest.raises(YouTubeBusy), upstream.attempt():
        raise AssertionError("asked within the second rest")
    clock.now = 20.0
    with upstream.attempt():
        pass
    assert not upstream.is_open
    fail(upstream, YouTubeBusy())
    assert not upstream.is_open


def test_who_gives_up_leaves_the_try_to_another() -> None:
    clock = Clock()
    upstream = breaker(clock)
    for _ in range(3):
        fail(upstream, YouTubeBusy())
    clock.now = 10.0
    with pytest.raises(TimeoutError), upstream.attempt():
        raise TimeoutError
    assert upstream.is_open
    with upstream.attempt():
        pass
    assert not upstream.is_open


@pytest.mark.parametrize("other", [VideoUnavailable(), YouTubeUnreachable(), None])
def test_failures_of_several_kinds_are_no_outage(other: VideoAnalysisError | None) -> None:
    upstream = breaker(Clock())
    for _ in range(4):
        fail(upstream, YouTubeBusy())
        if other:
            fail(upstream, other)
        else:
            with upstream.attempt():
                pass
    assert not upstream.is_open


def test_each_kind_has_a_number_of_its_own_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    upstream = CircuitBreaker("down", {YouTubeBusy: 2, VideoAnalysisError: inf})
    for _ in range(3):
        fail(upstream, YouTubeUnreachable())
    assert (upstream.is_open, upstream.attempts) == (False, 1)
    for _ in range(2):
        fail(upstream, YouTubeBusy())
    assert upstream.is_open
    assert [record.message for record in caplog.records] == ["down"] * 2
