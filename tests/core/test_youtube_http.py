"""The one session: its connections, and whom it asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Failure, Video
from youtube_analysis import Settings
from youtube_analysis.errors import YouTubeChanged
from youtube_analysis.repositories.youtube.http import DEFAULT_ORIGIN, HttpSession

WATCH = f"{DEFAULT_ORIGIN}/watch?v=abcdefghijk"


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


async def test_requests_share_connections_and_are_counted() -> None:
    async with session(at_once=4) as (youtube, http):
        youtube.latency = 0.005
        answers = await asyncio.gather(*(http.send("GET", WATCH) for _ in range(40)))
        assert {answer.status for answer in answers} == {200}
        counted = http.metrics.value
        assert youtube.most_at_once <= 4
        created = counted("connections_created_total")
        assert created <= 4
        assert created + counted("connections_reused_total") == counted("requests_recent") == 40
        assert counted("requests_total") == 40
        assert counted("requests_queued_total") >= 36
        assert 1 <= counted("connections") <= 4
        assert counted("http_sessions") == 1
    assert counted("http_sessions") == counted("connections") == 0


async def test_idle_connections_close_and_the_count_falls() -> None:
    async with session(keepalive=0.1) as (_, http):
        await http.send("GET", WATCH)
        assert http.metrics.value("connections") == 1
        async with asyncio.timeout(5):
            while http.metrics.value("connections"):  # noqa: ASYNC110 - sockets tell nobody
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


async def test_too_large_an_answer_is_given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("youtube_analysis.repositories.youtube.http.LARGEST_ANSWER", 100)
    async with session() as (_, http):
        with pytest.raises(YouTubeChanged):
            await http.send("GET", WATCH)


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
