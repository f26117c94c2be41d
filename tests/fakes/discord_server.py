"""A local Discord: a real server of HTTP and websockets, as strict as the one it stands for.

The real client connects to it when `discord.http.Route.BASE` is its `api`. It holds what Discord's
OpenAPI document says of requests, and by hand what that does not say; it fails when it is told to.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import BodyPartReader, web

from fakes import discord_schema
from fakes.discord_calls import Call, Route
from fakes.discord_errors import INVALID_FORM, Refused
from fakes.discord_guilds import JSON
from fakes.discord_limits import RateLimits, Verdict, major
from fakes.discord_messages import Message
from fakes.discord_people import People
from fakes.discord_posting import Upload
from fakes.discord_routes import ROUTES

_PREFIX = "/api/v10"
_LARGEST_REQUEST = 25 * 2**20
_BY_TOKEN = ("/interactions/", "/webhooks/")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is answered in the place of what was asked; with the status 0 the connection breaks.
    With `carried_out` it is done all the same before. `code` is one of Discord's own. A 429 with
    the scope “cloudflare” comes from before Discord."""

    status: int = 500
    retry_after: float = 0.0
    scope: str = "user"
    carried_out: bool = False
    code: int = 0


Judge = Callable[[str, str, JSON], Fault | None]
"""(method, path below the version, body) -> what goes wrong with this request, if anything."""


@dataclass(frozen=True, slots=True)
class Request:
    """`time` is the server's."""

    time: float
    method: str
    path: str
    status: int
    body: Any = None


@dataclass
class LocalDiscord(People):
    """`on_accepted` is awaited when a message was created and before its request is answered.

    `invalid` counts answers with 401, 403 and 429 but for shared limits, of which Discord suffers
    10,000 in ten minutes.
    """

    limits: RateLimits = field(default_factory=RateLimits)
    judge: Judge = lambda *_: None
    on_accepted: Callable[[Message], Awaitable[None]] | None = None
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    invalid: int = 0
    _runner: web.AppRunner | None = None

    @property
    def api(self) -> str:
        return self.url + _PREFIX

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2 * _LARGEST_REQUEST)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._serve_file)
        for (method, template), route in ROUTES.items():
            app.router.add_route(method, _PREFIX + template, self._serving(template, route))
        app.router.add_route("*", "/{path:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()
        if self._runner:
            await self._runner.cleanup()

    def asked(self, method: str, ending: str = "") -> list[Request]:
        """Requests of a method whose path ends so."""
        return [r for r in self.requests if r.method == method and r.path.endswith(ending)]

    async def until(self, fulfilled: Callable[[], object], seconds: float = 30.0) -> None:
        """As everywhere; what was waited for in vain comes with what happened last."""
        try:
            await super().until(fulfilled, seconds)
        except TimeoutError as error:
            last = [f"{r.method} {r.path} {r.status}" for r in self.requests[-8:]]
            error.add_note("\n".join(["The last requests:", *last, "Refused:", *self.refused]))
            raise

    # --- a request ---

    def _serving(self, template: str, route: Route) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(_PREFIX)
            verdict = Verdict({})
            body: Any = None
            try:
                self._authorize(request, path)
                body, files = await _read(request)
                verdict = self._counted(request, template, body)
                if verdict.retry_after is not None:
                    answer = _limited(verdict.retry_after, verdict.scope)
                else:
                    call = Call(self, dict(request.match_info), dict(request.query), body, files)
                    answer = await self._judged(request, path, template, route, call)
            except Refused as refused:
                answer = self._refused(request.method, path, refused)
            answer.headers.update(verdict.headers)
            if answer.headers.get("X-RateLimit-Scope") != "cloudflare":
                answer.headers["Via"] = "1.1 local"
            self._log(request.method, path, answer, body)
            return answer

        return serve

    async def _judged(
        self, request: web.Request, path: str, template: str, route: Route, call: Call
    ) -> web.Response:
        fault = self.judge(request.method, path, call.body if isinstance(call.body, dict) else {})
        if fault and not fault.carried_out:
            return self._broken(request, fault)
        if request.method in {"POST", "PUT", "PATCH"} and (
            refusal := discord_schema.refusal(request.method, template, call.body)
        ):
            raise refusal
        told = route(call)
        if call.accepted and self.on_accepted:
            await self.on_accepted(call.accepted)
        if fault:
            return self._broken(request, fault)
        return web.Response(status=204) if told is None else _json(200, told)

    def _broken(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.status == 429:
            return _limited(fault.retry_after, fault.scope)
        if fault.status == 0 and request.transport:
            request.transport.abort()
        told = {"message": f"{fault.status}: local fault", "code": fault.code}
        return _json(fault.status or 500, told)

    def _authorize(self, request: web.Request, path: str) -> None:
        told = request.headers.get("Authorization")
        if not path.startswith(_BY_TOKEN) and path != "/gateway" and told != f"Bot {self.token}":
            raise Unauthorized

    def _counted(self, request: web.Request, template: str, body: Any) -> Verdict:
        renames = (request.method, template) == ("PATCH", "/channels/{channel_id}")
        return self.limits.take(
            request.method,
            template,
            major(request.match_info),
            self.now(),
            renames=renames and isinstance(body, dict) and "name" in body,
        )

    def _refused(self, method: str, path: str, refused: Refused) -> web.Response:
        if refused.code in {INVALID_FORM, 50006, 50109}:
            self.refused.append(f"{method} {path}: {refused}")
            self.wake()
        return _json(refused.status, refused.body)

    def _log(self, method: str, path: str, answer: web.Response, body: Any) -> None:
        shared = answer.headers.get("X-RateLimit-Scope") == "shared"
        self.invalid += answer.status in {401, 403, 429} and not shared
        self.requests.append(Request(self.now(), method, path, answer.status, body))
        self.wake()

    async def _unknown(self, request: web.Request) -> web.Response:
        answer = _json(404, {"message": "404: Not Found", "code": 0})
        self.refused.append(f"{request.method} {request.path}: no such route here")
        self._log(request.method, request.path.removeprefix(_PREFIX), answer, None)
        return answer

    async def _serve_file(self, request: web.Request) -> web.Response:
        name, content = self.files.get(request.match_info["id"], ("", b""))
        if fault := self.judge("GET", request.path, {}):
            answer = self._broken(request, fault)
        elif name != request.match_info["name"]:
            answer = web.Response(status=404)
        else:
            answer = web.Response(body=content, content_type="application/octet-stream")
        self._log("GET", request.path, answer, None)
        return answer


class Unauthorized(Refused):
    def __init__(self) -> None:
        super().__init__(50027)
        self.code, self.reason = 0, "401: Unauthorized"


async def _read(request: web.Request) -> tuple[Any, dict[str, Upload]]:
    """The body, and the files that came with it by their numbers."""
    if request.method in {"GET", "DELETE"} or not request.can_read_body:
        return {}, {}
    if (request.content_length or 0) > _LARGEST_REQUEST:
        await request.read()
        raise Refused(40005)
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    if request.content_type != "application/json":
        raise Refused(50109)
    return _parsed(await request.read()), {}


async def _read_multipart(request: web.Request) -> tuple[Any, dict[str, Upload]]:
    body: Any = {}
    files: dict[str, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        name, content = part.name or "", bytes(await part.read())
        if name == "payload_json":
            body = _parsed(content)
        elif name.startswith("files["):
            files[name[6:-1]] = Upload(part.filename or "unknown", content)
    return body, files


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        raise Refused(50109) from None


def _json(status: int, told: Any) -> web.Response:
    """Discord's content type names no charset, and its client looks at it."""
    return web.Response(
        status=status,
        body=json.dumps(told).encode(),
        headers={"Content-Type": "application/json"},
    )


def _limited(retry_after: float, scope: str) -> web.Response:
    everywhere = scope == "global"
    told = {"message": "You are being rate limited.", "retry_after": retry_after,
            "global": everywhere}  # fmt: skip
    answer = _json(429, told)
    answer.headers.update({"Retry-After": f"{retry_after:.3f}", "X-RateLimit-Scope": scope})
    return answer
