"""The one pooled, rate-limited session for everything that YouTube is asked."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from youtube_analysis.concurrency import close_with_loop
from youtube_analysis.config import Settings
from youtube_analysis.errors import YouTubeBlocked, YouTubeChanged, YouTubeUnreachable
from youtube_analysis.metrics import Metrics

from .limits import RateWindow, Sleep, VideoPermit, YouTubeLimits

DEFAULT_ORIGIN = "https://www.youtube.com"
# YouTube's pages are 1–2 MB, ten hours of captions 2 MB; what is much larger is something else.
LARGEST_ANSWER = 32 * 2**20
_MOST_REDIRECTS = 5


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
