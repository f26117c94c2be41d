"""The one HTTP server: adapters mount their routes here, and health is answered here."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import StreamReader, web
from aiohttp.http import HttpProcessingError
from structlog.contextvars import bind_contextvars

from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import get_logger

from .sentences import say, say_error, speak

_log = get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# A captions file, and what a form puts around it.
LARGEST_BODY = 34 * 2**20
# Seconds after which whoever sends no whole request, or no other one, loses the connection.
_PATIENCE = 60.0
_LONGEST_HEADER = 200
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; frame-src https://www.youtube-nocookie.com; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "Vidthread",
}


class CannotServe(VideoAnalysisError):
    code = "cannot_serve"


class WebServer:
    """Routes that are not `open` answer only pages of our own: a request that names another
    host or comes from another origin gets 403."""

    def __init__(self, host: str, port: int, patience: float = _PATIENCE) -> None:
        self._host, self._port, self._patience = host, port, patience
        self._open: set[web.AbstractResource | None] = set()
        self._app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._guard])
        self._runner: web.AppRunner | None = None
        self._bodies: dict[web.RequestHandler, StreamReader] = {}
        self._watching: asyncio.Task[None] | None = None
        self.ready = False
        self.mount(
            [web.get("/healthz", self._healthy), web.get("/readyz", self._ready)], open_=True
        )

    def mount(self, routes: Iterable[web.RouteDef], *, open_: bool = False) -> None:
        added = self._app.router.add_routes(routes)
        if open_:
            self._open.update(route.resource for route in added)

    async def start(self) -> str:
        """Where it serves. Raises CannotServe where it cannot listen there."""
        logger = logging.getLogger("aiohttp.server")
        logger.addFilter(_without_trace)
        self._runner = web.AppRunner(
            self._app,
            access_log=None,
            auto_decompress=False,  # no page and no platform compresses what it sends
            handler_cancellation=True,
            keepalive_timeout=self._patience,
            logger=logger,
            shutdown_timeout=1.0,
        )
        await self._runner.setup()
        self._watching = asyncio.create_task(self._watch(), name="unfinished requests")
        try:
            site = web.TCPSite(self._runner, self._host, self._port)
            await site.start()
        except OSError as error:
            await self.close()
            taken = error.errno == errno.EADDRINUSE
            why = say("web.port_taken") if taken else (error.strerror or say("web.bad_address"))
            told = say("error.cannot_serve", host=self._host, port=str(self._port), cause=why)
            raise CannotServe(told) from error
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{port}"
        return self.url

    async def close(self) -> None:
        self.ready = False
        if self._watching:
            self._watching.cancel()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        status = 200 if self.ready else 503
        return web.json_response({"status": "ready" if self.ready else "starting"}, status=status)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._bodies[request.protocol] = request.content
        response = await self._answered(request, handler)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if refused := self._refused(request):
            return refused
        speak(*_languages(request.headers.get("Accept-Language", "")))
        bind_contextvars(request=secrets.token_hex(4))  # of this request's own task
        try:
            return await handler(request)
        except VideoAnalysisError as error:
            _log.info("request refused", path=request.path, error=error.code)
            return failed(_status(error), error.code, say_error(error), retryable=error.retryable)
        except web.HTTPException as error:
            return failed(error.status, "http", error.reason)
        except web.RequestPayloadError:
            return failed(400, "malformed", say("error.malformed"))
        except ConnectionError:
            raise  # whoever asked has gone
        except Exception:  # noqa: BLE001 - the outermost edge
            _log.exception("request failed", path=request.path)
            return failed(500, "error", say("error.unexpected"), retryable=True)

    async def _watch(self) -> None:
        """aiohttp waits for ever for the rest of a request. Here a connection whose request is not
        whole at two looks, one patience apart, is closed."""
        waited: dict[web.RequestHandler, StreamReader | None] = {}
        while self._runner and (server := self._runner.server):
            await asyncio.sleep(self._patience)
            bodies = {one: self._bodies.get(one) for one in server.connections}
            self._bodies = {one: body for one, body in bodies.items() if body}
            unfinished = {one: body for one, body in bodies.items() if not (body and body.is_eof())}
            for connection, body in unfinished.items():
                if connection in waited and waited[connection] is body:
                    connection.force_close()
            waited = unfinished

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.match_info.route.resource in self._open:
            return None
        if not self.ready:
            return failed(503, "starting", say("error.starting"))
        if not self._is_ours(request):
            return failed(403, "foreign", say("error.foreign"))
        return None

    def _is_ours(self, request: web.Request) -> bool:
        host = _name(f"//{request.host}")
        if not self._serves(host):
            return False
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            return False
        foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        return not (foreign and request.path.startswith("/api/"))

    def _serves(self, host: str) -> bool:
        """Names of others never lead here, though they may be made to point at this address."""
        if host in _LOOPBACK or host == self._host:
            return True
        return self._host not in _LOOPBACK and _is_address(host)


class NotFound(InvalidRequest):
    code = "not_found"

    def __init__(self, what: str) -> None:
        super().__init__(say(f"error.not_found.{what}"))


def _status(error: VideoAnalysisError) -> int:
    if isinstance(error, NotFound):
        return 404
    return 400 if isinstance(error, InvalidRequest) else 503


def _without_trace(record: logging.LogRecord) -> bool:
    """What is no HTTP is a line, not a page."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
    return True


def failed(status: int, code: str, message: str, *, retryable: bool = False) -> web.Response:
    error = {"code": code, "message": message, "retryable": retryable}
    return web.json_response({"error": error}, status=status)


def stream_headers() -> dict[str, str]:
    """Of answers that are prepared by their handler."""
    return {**_HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store"}


def _languages(accepted: str) -> list[str]:
    """Those of `de-AT,de;q=0.9,en;q=0.5`, the most wanted first."""
    parts = (part.partition(";") for part in accepted[:_LONGEST_HEADER].split(","))
    wanted = [(_weight(weight), tag.strip()) for tag, _, weight in parts]
    return [tag for _, tag in sorted(wanted, key=lambda one: -one[0])]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q="))
    except ValueError:
        return 1.0


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
