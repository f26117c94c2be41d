"""A local chat platform: a real HTTP server on which threads, messages and edits live.

It is as strict as such platforms are (lengths, ids, order), knows no idempotency, delivers every
event until it is acknowledged, and fails when it is told to.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web


@dataclass(slots=True)
class Message:
    """`versions` are all texts that people saw there, the newest last."""

    id: str
    thread: str
    nonce: str
    versions: list[str]
    buttons: list[str]
    to: str
    author: str = ""
    deleted: bool = False
    files: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Fault:
    """`status` instead of doing what was asked; with `carried_out` it is done all the same, and
    the connection breaks in the place of an answer."""

    status: int = 500
    retry_after: float = 0.0
    carried_out: bool = False


Judge = Callable[[str, str, dict[str, Any]], Fault | None]
"""(method, message id or "", body) -> what goes wrong with this request, if anything."""


@dataclass
class LocalChat:
    """`on_accepted` is awaited when a post was carried out and before its answer is sent,
    `on_opened` so when a thread was opened.

    `limit` is the length of a message in characters.
    """

    limit: int = 600
    judge: Judge = lambda *_: None
    on_accepted: Callable[[Message], Awaitable[None]] | None = None
    on_opened: Callable[[str], Awaitable[None]] | None = None
    port: int = 0
    url: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    referred: list[tuple[str, str]] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _opened: dict[str, str] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        message = "/threads/{thread}/messages"
        app.router.add_post("/threads", self._open)
        app.router.add_post("/threads/{thread}/title", self._entitle)
        app.router.add_post("/refer", self._refer)
        app.router.add_post(message, self._post)
        app.router.add_get(message, self._find)
        app.router.add_patch(message + "/{id}", self._edit)
        app.router.add_delete(message + "/{id}", self._delete)
        app.router.add_get("/events", self._deliver)
        app.router.add_post("/events/{id}/ack", self._acknowledge)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    # --- what people do and see ---

    def say(self, thread: str, text: str, **more: Any) -> str:
        """An event in a thread ("" in the channel); the id of its message."""
        self._counts["event"] += 1
        identity = f"e{self._counts['event']}"
        told = {"id": identity, "thread": thread, "message": f"p{identity}", "text": text,
                "author": "anna", "addressed": "bot", "action": "", "happened": 0,
                **more}  # fmt: skip
        self._events.append(told)
        self._wake()
        return str(told["message"])

    def again(self, number: int) -> None:
        """Delivers an event once more, as platforms do."""
        self._events.append(dict(self._events[number]))
        self._wake()

    def shown(self, thread: str) -> list[Message]:
        """What stands in a thread now."""
        return [m for m in self.messages.values() if m.thread == thread and not m.deleted]

    def text(self, thread: str) -> str:
        return "\n".join(message.text for message in self.shown(thread))

    def threads(self) -> list[str]:
        return list(self._opened.values())

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 20.0) -> None:
        """Waits for a change after which this holds."""
        async with asyncio.timeout(seconds):
            while not fulfilled():
                await self._changed.wait()

    # --- the platform ---

    async def _open(self, request: web.Request) -> web.Response:
        told = await request.json()
        event = str(told["event"])
        thread = self._opened.setdefault(event, f"t{len(self._opened) + 1}")
        self.titles[thread] = str(told["title"])
        self._wake()
        if self.on_opened:
            await self.on_opened(self._opened[event])
        return web.json_response({"id": self._opened[event]})

    async def _entitle(self, request: web.Request) -> web.Response:
        self.titles[request.match_info["thread"]] = str((await request.json())["title"])
        return web.json_response({})

    async def _refer(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.referred.append((told["event"], told["thread"]))
        self.offered = told.get("buttons", [])
        self._wake()
        return web.json_response({})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        thread, body = request.match_info["thread"], await request.json()
        fault = self._noted("POST", thread, "", body)
        if fault and not fault.carried_out:
            return _failed(fault)
        if refused := self._refused(body):
            return refused
        self._counts["message"] += 1
        message = Message(f"m{self._counts['message']}", thread, body["nonce"], [body["content"]],
                          body["buttons"], body["to"], files=body.get("files", {}))  # fmt: skip
        self.messages[message.id] = message
        self._wake()
        if self.on_accepted:
            await self.on_accepted(message)
        return self._answered(request, fault, {"id": message.id})

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        identity, body = request.match_info["id"], await request.json()
        fault = self._noted("PATCH", request.match_info["thread"], identity, body)
        if fault and not fault.carried_out:
            return _failed(fault)
        message = self.messages.get(identity)
        if message is None or message.deleted:
            return _failed(Fault(404))
        if refused := self._refused(body):
            return refused
        message.versions.append(body["content"])
        message.buttons = body["buttons"]
        message.files = body.get("files", {})
        self._wake()
        return self._answered(request, fault, {"id": identity})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        identity = request.match_info["id"]
        fault = self._noted("DELETE", request.match_info["thread"], identity, {})
        if fault:
            return _failed(fault)
        self.messages[identity].deleted = True
        self._wake()
        return web.json_response({})

    async def _find(self, request: web.Request) -> web.StreamResponse:
        thread, nonce = request.match_info["thread"], request.query["nonce"]
        fault = self._noted("GET", thread, "", {"nonce": nonce})
        if fault:
            return _failed(fault)
        found = [m.id for m in self.shown(thread) if m.nonce == nonce]
        return web.json_response({"ids": found})

    async def _deliver(self, _: web.Request) -> web.StreamResponse:
        """The first events that nobody acknowledged; waits for one."""
        while not (waiting := [e for e in self._events if e["id"] not in self.acknowledged]):
            await self._changed.wait()
        return web.json_response({"events": waiting})

    async def _acknowledge(self, request: web.Request) -> web.StreamResponse:
        self.acknowledged.add(request.match_info["id"])
        self._wake()
        return web.json_response({})

    def _noted(self, method: str, thread: str, identity: str, body: dict[str, Any]) -> Fault | None:
        self.requests.append((method, identity))
        return Fault(403) if thread in self.gone else self.judge(method, identity, body)

    def _refused(self, body: dict[str, Any]) -> web.Response | None:
        content = body["content"]
        if 0 < len(content) <= self.limit:
            return None
        self.refused.append(content)
        return _failed(Fault(400))

    def _answered(
        self, request: web.Request, fault: Fault | None, told: dict[str, Any]
    ) -> web.StreamResponse:
        if fault and request.transport:
            request.transport.abort()
        return web.json_response(told)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _failed(fault: Fault) -> web.Response:
    return web.json_response({"retry_after": fault.retry_after}, status=fault.status)
