"""The one session: how many, how often, to whom."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Failure, Video
from youtube_analysis import Settings
from youtube_analysis.concurrency import offload
from youtube_analysis.errors import YouTubeChanged
from youtube_analysis.http import DEFAULT_ORIGIN, WINDOW, HttpSession, RateLimiter

WATCH = f"{DEFAULT_ORIGIN}/watch?v=abcdefghijk"


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def session(**changes: float) -> AsyncIterator[tuple[LocalYouTube, HttpSession]]:
    async with LocalYouTube() as youtube:
        youtube.add(Video("abcdefghijk"))
        made = HttpSession(
            Settings(
                youtube_url=youtube.url,
                http_keepalive=changes.get("keepalive", 60.0),
                rate_concurrent=int(changes.get("at_once", 50)),
                rate_per_minute=int(changes.get("a_minute", 100_000)),
            )
        )
        try:
            yield youtube, made
        finally:
            await made.close()


@settings(max_examples=60, derandomize=True)
@given(
    per_window=st.integers(1, 8),
    pauses=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=40),
)
def test_no_window_ever_holds_more_starts(per_window: int, pauses: list[float]) -> None:
    async def run() -> list[float]:
        clock = Clock()
        limiter = RateLimiter(3, per_window, clock, clock.sleep)
        starts = []
        for pause in pauses:
            clock.now += pause
            async with limiter.start():
                starts.append(clock.now)
        return starts

    starts = _run(run)
    for start in starts:
        assert sum(start <= other < start + 60 for other in starts) <= per_window


def _run(work: Callable[[], object]) -> list[float]:
    with asyncio.Runner() as runner:
        return runner.run(work())  # type: ignore[arg-type]


async def test_a_burst_waits_for_the_window_in_order() -> None:
    clock = Clock()
    limiter = RateLimiter(100, 50, clock, clock.sleep)
    order: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        async with limiter.start():
            order.append((number, clock.now))

    await asyncio.gather(*(one(number) for number in range(120)))
    assert [number for number, _ in order] == list(range(120))
    at = [time - 1000 for _, time in order]
    assert at[49] == 0
    assert at[50] == pytest.approx(WINDOW)
    assert at[100] == pytest.approx(2 * WINDOW)


async def test_who_is_cancelled_while_waiting_takes_no_turn() -> None:
    clock = Clock()
    limiter = RateLimiter(1, 100, clock, clock.sleep)
    entered = asyncio.Event()

    async def hold() -> None:
        async with limiter.start():
            entered.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await entered.wait()
    waiting = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting.cancel()
    holding.cancel()
    await asyncio.gather(holding, waiting, return_exceptions=True)
    async with asyncio.timeout(1), limiter.start():
        assert len(limiter.recent) == 2


async def test_requests_share_connections_and_are_counted() -> None:
    async with session(at_once=4) as (youtube, http):
        youtube.latency = 0.005
        answers = await asyncio.gather(*(http.send("GET", WATCH) for _ in range(40)))
        assert {answer.status for answer in answers} == {200}
        stats = http.stats()
        assert youtube.most_at_once <= 4
        assert stats.created <= 4
        assert stats.created + stats.reused == stats.recent_requests == 40
        assert stats.queued >= 36
        assert 1 <= stats.total_connections <= 4
        assert not stats.session_closed
    assert http.stats().session_closed
    assert http.stats().total_connections == 0


async def test_idle_connections_close_and_the_count_falls() -> None:
    async with session(keepalive=0.1) as (_, http):
        await http.send("GET", WATCH)
        assert http.stats().total_connections == 1
        async with asyncio.timeout(5):
            while http.stats().total_connections:  # noqa: ASYNC110 - sockets tell nobody
                await asyncio.sleep(0.02)


async def test_a_closed_session_opens_anew() -> None:
    async with session() as (_, http):
        await http.close()
        await http.close()
        assert (await http.send("GET", WATCH)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/watch",
        "https://youtube.com.evil.example/watch",
        "https://notyoutube.com/watch",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//evil.example/watch",
        "http://[::1/watch",
    ],
)
async def test_nobody_but_youtube_is_asked(url: str) -> None:
    async with session() as (youtube, http):
        with pytest.raises(YouTubeChanged):
            await http.send("GET", url)
        assert youtube.asked == []


async def test_redirects_are_followed_at_home_only() -> None:
    async with session() as (youtube, http):
        youtube.add(Video("redirected1", failures={Failure.ELSEWHERE: "watch"}))
        with pytest.raises(YouTubeChanged):
            await http.send("GET", f"{DEFAULT_ORIGIN}/watch?v=redirected1")
        often = Video(
            "redirected2",
            failures={Failure.REDIRECTED: "watch"},
            times={Failure.REDIRECTED: 5},
        )
        youtube.add(often)
        assert (await http.send("GET", f"{DEFAULT_ORIGIN}/watch?v=redirected2")).status == 200
        often.times[Failure.REDIRECTED] = 6
        with pytest.raises(YouTubeChanged):
            await http.send("GET", f"{DEFAULT_ORIGIN}/watch?v=redirected2")


@pytest.mark.parametrize(
    ("base", "url", "asked"),
    [
        (
            "https://www.youtube.com",
            "http://m.youtube.com/watch?v=1",
            "https://m.youtube.com/watch?v=1",
        ),
        ("http://127.0.0.1:81", "https://www.youtube.com/a?b=c", "http://127.0.0.1:81/a?b=c"),
        ("http://127.0.0.1:81/yt", "https://youtube.com/a", "http://127.0.0.1:81/yt/a"),
        ("http://127.0.0.1:81/", "http://127.0.0.1:81/a", "http://127.0.0.1:81/a"),
    ],
)
def test_addresses_follow_the_setting(base: str, url: str, asked: str) -> None:
    assert HttpSession(Settings(youtube_url=base)).address(url) == asked


async def test_too_large_an_answer_is_given_up_early() -> None:
    async with session() as (_, http):
        with pytest.raises(YouTubeChanged):
            await http.send("GET", WATCH, max_bytes=100)


async def test_a_proxy_is_asked_instead_with_its_password() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    proxy = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    settings = Settings(
        youtube_url="http://localhost:1", youtube_proxy=f"http://me:secret@127.0.0.1:{port}"
    )
    http = HttpSession(settings)
    assert (await http.send("GET", WATCH)).body == b"hi"
    await http.close()
    proxy.close()
    await proxy.wait_closed()
    assert asked[0].startswith(b"GET http://localhost:1/watch?v=abcdefghijk HTTP/1.1")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in asked[0]


class _Noticed(socket.socket):
    """A socket that can be looked at in the middle of something else."""

    seen: Callable[[], None] | None = None

    def fileno(self) -> int:
        if self.seen:
            self.seen()
        return super().fileno()


async def test_figures_are_read_in_a_thread_while_connections_come_and_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("youtube_analysis.http.socket.socket", _Noticed)
    async with session() as (_, http):

        async def three() -> None:
            await asyncio.gather(*(http.send("GET", WATCH) for _ in range(3)))

        def another() -> None:
            """Opens another connection on the loop, while a thread counts those that are there."""
            if threading.current_thread() is not threading.main_thread():
                asyncio.run_coroutine_threadsafe(three(), loop).result(30)

        await asyncio.gather(*(http.send("GET", WATCH) for _ in range(2)))
        monkeypatch.setattr(_Noticed, "seen", staticmethod(another))
        assert (await offload(http.stats)).total_connections >= 2
        monkeypatch.setattr(_Noticed, "seen", None)
