"""The one pooled session for everything that YouTube is asked, and when it may be asked: how many
at once and a minute, fairly, and not during an outage."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from youtube_analysis.concurrency import close_with_loop
from youtube_analysis.config import Settings
from youtube_analysis.errors import (
    YouTubeBlocked,
    YouTubeBusy,
    YouTubeChanged,
    YouTubeUnreachable,
)
from youtube_analysis.metrics import Metrics
from youtube_analysis.upstream import CircuitBreaker, FairQueue, RateWindow

DEFAULT_ORIGIN = "https://www.youtube.com"
# YouTube's pages are 1–2 MB, ten hours of captions 2 MB; what is much larger is something else.
LARGEST_ANSWER = 32 * 2**20
_MOST_REDIRECTS = 5
# Of one video: the page, what its player is told, the captions.
REQUESTS = 3
Sleep = Callable[[float], Awaitable[None]]
OnWait = Callable[[int], None]


@dataclass(eq=False, slots=True)
class VideoPermit:
    """One video's right to be asked for; `started` of the REQUESTS kept for it were used."""

    started: int = 0


class YouTubeLimits:
    """A permit for each video, a start for each of its requests. Belongs to the loop on which it is
    used.

    Permits are given fairly between tenants, to as many videos as may ask at once and only while
    the window has room for all that they need: nobody is stopped halfway while another could
    finish.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        *,
        window: RateWindow | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        # Nothing may queue inside the connection pool, where waiting would count as connecting.
        self.at_once = min(
            settings.rate_concurrent, settings.http_max_per_host, settings.http_max_connections
        )
        self._metrics = metrics or Metrics()
        self._window = window or RateWindow(settings.rate_per_minute, clock)
        self._clock = clock
        self._sleep = sleep
        self._queue = FairQueue(self.at_once, "youtube", self._metrics, until_room=self._until_room)
        self._breaker = CircuitBreaker(
            "no answer of YouTube",
            dict.fromkeys((YouTubeBlocked, YouTubeBusy, YouTubeUnreachable), 5),
            on_refusal=self._metrics.upstream_refused.labels("youtube").inc,
        )
        down = self._metrics.upstream_down.labels("youtube")
        down.set_function(lambda: self._breaker.is_open)
        self._permits: set[VideoPermit] = set()
        self._slots = asyncio.Semaphore(self.at_once)
        self._next = asyncio.Lock()
        self._metrics.requests_recent.set_function(self._window.recent)

    @asynccontextmanager
    async def permit(self, on_wait: OnWait | None = None) -> AsyncIterator[VideoPermit]:
        """Waits for the right to read one video, with all its tries. `on_wait` is told the place
        in the queue (1: this is next). Raises the last YouTubeError during an outage."""
        with self._queue.slot() as slot:
            async for position in slot.positions():
                if on_wait:
                    on_wait(position)
            permit = VideoPermit()
            self._permits.add(permit)
            try:
                with self._breaker.attempt():
                    yield permit
            finally:
                self._permits.remove(permit)

    @asynccontextmanager
    async def request(self, permit: VideoPermit | None = None) -> AsyncIterator[None]:
        """Waits for the right to start one request, which is what the context holds."""
        came = self._clock()
        waited = self._slots.locked() or self._next.locked()
        async with self._slots:
            async with self._next:
                while wait := self._window.take():
                    waited = True
                    await self._sleep(wait)
            if permit:
                permit.started = min(permit.started + 1, REQUESTS)
            self._metrics.requests.inc()
            self._metrics.requests_queued.inc(waited)
            self._metrics.limiter_wait.observe(self._clock() - came)
            yield

    def _until_room(self) -> float:
        started = sum(permit.started for permit in self._permits)
        return self._window.until_room(REQUESTS * (self._queue.served + 1) - started)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks to wait; dates and nonsense count as nothing said."""
        told = self.headers.get("Retry-After", "").strip()
        return float(told[:9]) if told.isdecimal() else None


class HttpSession:
    """Belongs to the loop on which it is first used, and is closed with it. Connections are used
    again, unless `reuse` is False.

    Waiting for the limiter is neither connecting nor part of a request's total time. No cookie
    of one call is ever sent with another.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        *,
        reuse: bool = True,
        window: RateWindow | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._reuse = reuse
        self._held: object = None
        self._origin = settings.youtube_url.rstrip("/")
        self._sockets: frozenset[socket.socket] = frozenset()
        self._session: aiohttp.ClientSession | None = None
        self.metrics = metrics or Metrics()
        self.limits = YouTubeLimits(settings, self.metrics, window=window, clock=clock, sleep=sleep)
        self.metrics.connections_limit.set(settings.http_max_connections)
        self.metrics.connections.set_function(self._open_connections)
        self.metrics.sessions.set_function(lambda: self._session is not None)

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        permit: VideoPermit | None = None,
    ) -> HttpAnswer:
        """One answer, of whatever status. Only YouTube's hosts (or YOUTUBE_URL) are asked.

        Raises YouTubeUnreachable for every failure of the network, YouTubeChanged for an answer
        that is too large or leads elsewhere, YouTubeBlocked for one that leads to a captcha.
        """
        target = self.address(url)
        for _ in range(1 + _MOST_REDIRECTS):
            answer = await self._once(method, target, permit, {"headers": headers, "json": json})
            location = answer.headers.get("Location")
            if not 300 <= answer.status < 400 or not location:
                return answer
            target = self.address(urljoin(target, location))
            if answer.status == 303:
                method, json = "GET", None
        raise YouTubeChanged(what="a chain of redirects")

    def address(self, url: str) -> str:
        """Where a request for this URL of YouTube's really goes.

        Raises YouTubeChanged for a URL of nobody we ask, YouTubeBlocked for Google's captcha.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise YouTubeChanged(what="a malformed link") from error
        host = (parts.hostname or "").casefold()
        if host == "www.google.com" and parts.path.startswith("/sorry"):
            raise YouTubeBlocked
        if host == "youtube.com" or host.endswith(".youtube.com"):
            if self._origin == DEFAULT_ORIGIN:
                return parts._replace(scheme="https").geturl()
            rest = parts._replace(scheme="", netloc="").geturl()
            return self._origin + (rest if rest.startswith("/") else f"/{rest}")
        own = urlsplit(self._origin)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return url
        raise YouTubeChanged(what="a link to another site")

    async def close(self) -> None:
        """Idempotent. A later request opens a new session."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _once(
        self, method: str, url: str, permit: VideoPermit | None, sent: dict[str, Any]
    ) -> HttpAnswer:
        async with self.limits.request(permit):
            began = time.perf_counter()
            try:
                async with self._opened().request(
                    method, url, allow_redirects=False, proxy=self._settings.youtube_proxy, **sent
                ) as response:
                    body = await _read(response.content)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise YouTubeUnreachable from error
        self.metrics.answer_time.observe(time.perf_counter() - began)
        return HttpAnswer(response.status, response.headers.copy(), body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            connector = aiohttp.TCPConnector(
                limit=settings.http_max_connections,
                limit_per_host=settings.http_max_per_host,
                keepalive_timeout=settings.http_keepalive if self._reuse else None,
                force_close=not self._reuse,
                ttl_dns_cache=settings.http_dns_ttl,
                socket_factory=self._socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(
                    total=settings.http_total_timeout, sock_connect=settings.http_connect_timeout
                ),
                trace_configs=[self._trace()],
            )
            if self._held is None:
                self._held = close_with_loop(self.close)
        return self._session

    def _socket(self, address: Any) -> socket.socket:
        """aiohttp tells nobody how many connections are open; their sockets do.

        The set is replaced and never changed, because any thread may be counting.
        """
        family, kind, protocol, _, _ = address
        made = socket.socket(family=family, type=kind, proto=protocol)
        self._sockets = frozenset(one for one in (*self._sockets, made) if one.fileno() >= 0)
        return made

    def _open_connections(self) -> int:
        return sum(one.fileno() >= 0 for one in self._sockets)

    def _trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()

        async def created(*_: object) -> None:
            self.metrics.connections_created.inc()

        async def reused(*_: object) -> None:
            self.metrics.connections_reused.inc()

        trace.on_connection_create_end.append(created)
        trace.on_connection_reuseconn.append(reused)
        return trace


async def _read(content: aiohttp.StreamReader) -> bytes:
    parts = bytearray()
    async for chunk in content.iter_any():
        parts += chunk
        if len(parts) > LARGEST_ANSWER:
            raise YouTubeChanged(what="an answer of unusual size")
    return bytes(parts)
