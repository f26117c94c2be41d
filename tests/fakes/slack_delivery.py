"""How a local Slack hands out events: at least once, over sockets or signed HTTP requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web

from fakes.slack_shapes import SECRET

ACKNOWLEDGE_WITHIN = 3.0
PATHS = {"events_api": "events", "interactive": "interactive", "slash_commands": "commands"}


@dataclass(slots=True)
class Delivered:
    """`took` is the time until the acknowledgement of the last try, None where there was none;
    `answer` what came with it."""

    kind: str
    payload: dict[str, Any]
    tries: int = 0
    took: float | None = None
    answer: dict[str, Any] | None = None


@dataclass
class Delivery:
    """`request_url` is where signed requests go; without one, events wait for a socket.

    `delays` are the waits before the second try and those after it.
    """

    request_url: str = ""
    delays: tuple[float, ...] = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    wake: Callable[[], None] = lambda: None
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    _awaited: dict[str, asyncio.Future[dict[str, Any] | None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _connected: asyncio.Event = field(default_factory=asyncio.Event)
    _session: aiohttp.ClientSession | None = None
    _envelopes: int = 0

    def hand_out(self, kind: str, payload: dict[str, Any], *, again: bool = True) -> Delivered:
        told = Delivered(kind, payload)
        self.delivered.append(told)
        task = asyncio.create_task(self._until_acknowledged(told, again=again))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return told

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._session:
            await self._session.close()

    async def settled(self, most: int = 0) -> None:
        """Waits until all but so many are acknowledged, or given up."""
        while len(self._tasks) > most:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _until_acknowledged(self, told: Delivered, *, again: bool) -> None:
        for delay in (0.0, *(self.delays if again else ())):
            await asyncio.sleep(delay)
            began = time.monotonic()
            try:
                async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                    told.answer = await self._try(told)
            except (TimeoutError, ConnectionError, aiohttp.ClientError):
                told.tries += 1
            else:
                told.took = time.monotonic() - began
                return
            finally:
                self.wake()

    async def _try(self, told: Delivered) -> dict[str, Any] | None:
        if self.request_url:
            return await self._post(told)
        return await self._send(told)

    # --- sockets ---

    async def _send(self, told: Delivered) -> dict[str, Any] | None:
        while not self.sockets:
            await self._connected.wait()
        self._envelopes += 1
        envelope = f"e{self._envelopes}"
        waiting: asyncio.Future[dict[str, Any] | None] = asyncio.Future()
        self._awaited[envelope] = waiting
        try:
            await self.rng.choice(self.sockets).send_json(self._envelope(envelope, told))
            return await waiting
        finally:
            del self._awaited[envelope]

    def _envelope(self, identity: str, told: Delivered) -> dict[str, Any]:
        envelope = {"envelope_id": identity, "type": told.kind, "payload": told.payload,
                    "accepts_response_payload": told.kind != "events_api"}  # fmt: skip
        if told.kind == "events_api":
            envelope |= {"retry_attempt": told.tries, "retry_reason": "timeout" * bool(told.tries)}
        return envelope

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"type": "hello", "num_connections": len(self.sockets) + 1, "debug_info": {}}
        )
        self.sockets.append(socket)
        self._connected.set()
        self.wake()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
            self._note_absence()
            self.wake()
        return socket

    def _acknowledge(self, told: dict[str, Any]) -> None:
        waiting = self._awaited.get(told["envelope_id"])
        if waiting and not waiting.done():
            waiting.set_result(told.get("payload"))

    async def refresh(self, place: int = 0, *, warn: bool = True) -> None:
        """Ends one connection, with a word before, or without."""
        socket = self.sockets.pop(place)
        self._note_absence()
        if warn:
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await asyncio.sleep(0.05)
        await socket.close()

    def _note_absence(self) -> None:
        if not self.sockets:
            self._connected.clear()

    # --- HTTP ---

    async def _post(self, told: Delivered) -> dict[str, Any] | None:
        content, body = _encoded(told)
        headers = signed(body) | {"Content-Type": content}
        if told.tries:
            headers |= {"X-Slack-Retry-Num": str(told.tries),
                        "X-Slack-Retry-Reason": "http_timeout"}  # fmt: skip
        self._session = self._session or aiohttp.ClientSession()
        address = f"{self.request_url}/{PATHS[told.kind]}"
        async with self._session.post(address, data=body, headers=headers) as answer:
            if answer.status != 200:
                raise ConnectionError(answer.status)
            text = await answer.text()
        if text.startswith("{"):
            return dict(json.loads(text))
        return {"text": text} if text else None


def signed(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack proves that a request is its own."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


def _encoded(told: Delivered) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if told.kind == "events_api":
        return "application/json", json.dumps(told.payload)
    if told.kind == "interactive":
        return form, f"payload={quote(json.dumps(told.payload))}"
    return form, "&".join(f"{name}={quote(str(told.payload[name]))}" for name in told.payload)
