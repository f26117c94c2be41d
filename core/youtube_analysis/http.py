"""The one pooled, rate-limited session for everything that YouTube is asked."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from .concurrency import close_with_loop
from .config import Settings
from .errors import YouTubeBlocked, YouTubeChanged, YouTubeUnreachable
from .monitoring import ConnectionCounters, RecentStarts

DEFAULT_ORIGIN = "https://www.youtube.com"
# YouTube's pages are 1–2 MB, ten hours of captions 2 MB; what is much larger is something else.
LARGEST_ANSWER = 32 * 2**20
# Servers count a start when it arrives; the half second is for those that travel faster.
WINDOW = 60.5
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`url` is the address asked last, after redirects."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class ConnectionStats:
    total_connections: int
    max_connections: int
    session_closed: bool
    recent_requests: int
    created: int
    reused: int
    queued: int


class RateLimiter:
    """At most `concurrent` requests under way, at most `per_window` started in any WINDOW.

    First come, first served. A leaky bucket would let nearly twice as many start in one window.
    """

    def __init__(self, concurrent: int, per_window: int, clock: Callable[[], float], sleep: Sleep):
        self._slots = asyncio.Semaphore(concurrent)
        self._turn = asyncio.Lock()
        self._per_window = per_window
        self._sleep = sleep
        self.recent = RecentStarts(WINDOW, clock)

    @property
    def busy(self) -> bool:
        return self._slots.locked() or self._turn.locked() or len(self.recent) >= self._per_window

    @asynccontextmanager
    async def start(self) -> AsyncIterator[None]:
        """Waits for the right to start one request; the request is what the context holds."""
        async with self._slots:
            async with self._turn:
                while len(self.recent) >= self._per_window:
                    await self._sleep(self.recent.until_oldest_leaves())
                self.recent.add()
            yield


class HttpSession:
    """Belongs to the loop on which it is first used, and is closed with it. Connections are used
    again, unless `reuse` is False.

    Waiting for the limiter is neither connecting nor part of a request's total time. No cookie
    of one call is ever sent with another.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        reuse: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._reuse = reuse
        self._held: object = None
        self._origin = settings.youtube_url.rstrip("/")
        # Nothing may queue inside the pool, where waiting would count as connecting.
        self.concurrent = min(
            settings.rate_concurrent, settings.http_max_per_host, settings.http_max_connections
        )
        """How many requests may be under way at once."""
        self._limiter = RateLimiter(self.concurrent, settings.rate_per_minute, clock, sleep)
        self._counters = ConnectionCounters()
        # Never changed, only replaced: other threads look at it.
        self._sockets: tuple[Any, ...] = ()
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        cookies: Mapping[str, str] | None = None,
        max_bytes: int = LARGEST_ANSWER,
    ) -> HttpAnswer:
        """One answer, of whatever status. Only YouTube's hosts (or YOUTUBE_URL) are asked.

        Raises YouTubeUnreachable for every failure of the network, YouTubeChanged for an answer
        that is too large or leads elsewhere, YouTubeBlocked for one that leads to a captcha.
        """
        target = self.address(url)
        for _ in range(1 + _MOST_REDIRECTS):
            sent = {"headers": _with_cookies(headers, cookies), "json": json}
            answer = await self._once(method, target, max_bytes, sent)
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            target = self.address(urljoin(target, location))
            if answer.status == 303:
                method, json = "GET", None
        raise YouTubeChanged("a chain of redirects")

    def address(self, url: str) -> str:
        """Where a request for this URL of YouTube's really goes.

        Raises YouTubeChanged for a URL of nobody we ask, YouTubeBlocked for Google's captcha.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise YouTubeChanged("a malformed link") from error
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
        raise YouTubeChanged("a link to another site")

    def until_room(self, requests: int) -> float:
        """Seconds until so many requests more may start within RATE_PER_MINUTE; 0 for now."""
        recent, most = self._limiter.recent, self._settings.rate_per_minute
        return recent.until_left(len(recent) + min(requests, most) - most)

    @property
    def counters(self) -> ConnectionCounters:
        return self._counters

    async def close(self) -> None:
        """Idempotent. A later request opens a new session."""
        session, self._session = self._session, None
        if session:
            await session.close()

    def stats(self) -> ConnectionStats:
        return ConnectionStats(
            total_connections=sum(made.fileno() >= 0 for made in self._sockets),
            max_connections=self._settings.http_max_connections,
            session_closed=self._session is None,
            recent_requests=self._limiter.recent.count(),
            created=self._counters.created,
            reused=self._counters.reused,
            queued=self._counters.queued,
        )

    async def _once(
        self, method: str, url: str, max_bytes: int, sent: dict[str, Any]
    ) -> HttpAnswer:
        counters, came = self._counters, time.perf_counter()
        counters.queued += self._limiter.busy
        async with self._limiter.start():
            counters.requests += 1
            began = time.perf_counter()
            counters.waits.observe(began - came)
            try:
                async with self._opened().request(
                    method, url, allow_redirects=False, proxy=self._settings.youtube_proxy, **sent
                ) as response:
                    body = await _read(response.content, max_bytes)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise YouTubeUnreachable from error
        counters.answers.observe(time.perf_counter() - began)
        return HttpAnswer(response.status, str(response.url), response.headers.copy(), body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            connector = aiohttp.TCPConnector(
                limit=settings.http_max_connections,
                limit_per_host=settings.http_max_per_host,
                **self._keeping(),
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
            self._held = close_with_loop(self.close)
        return self._session

    def _keeping(self) -> dict[str, Any]:
        if self._reuse:
            return {"keepalive_timeout": self._settings.http_keepalive}
        return {"force_close": True}

    def _socket(self, address: Any) -> Any:
        """aiohttp tells nobody how many connections are open; their sockets do."""
        family, kind, protocol, _, _ = address
        made = socket.socket(family=family, type=kind, proto=protocol)
        self._sockets = (*(one for one in self._sockets if one.fileno() >= 0), made)
        return made

    def _trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()

        async def created(*_: SimpleNamespace | object) -> None:
            self._counters.created += 1

        async def reused(*_: SimpleNamespace | object) -> None:
            self._counters.reused += 1

        trace.on_connection_create_end.append(created)
        trace.on_connection_reuseconn.append(reused)
        return trace


async def _read(content: aiohttp.StreamReader, max_bytes: int) -> bytes:
    parts = bytearray()
    async for chunk in content.iter_any():
        parts += chunk
        if len(parts) > max_bytes:
            raise YouTubeChanged("an answer of unusual size")
    return bytes(parts)


def _with_cookies(
    headers: Mapping[str, str] | None, cookies: Mapping[str, str] | None
) -> dict[str, str]:
    sent = dict(headers or {})
    if cookies:
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return sent
