"""A server of language models that says what it is told to, byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

END = "data: [DONE]\n\n"
Body = dict[str, Any]


def event(text: object = None, reason: str | None = None, **fields: Any) -> str:
    """A chunk as an event."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'choices': [choice], **fields})}\n\n"


def told(*texts: object, reason: str | None = "stop") -> list[str]:
    """A whole answer, piece by piece."""
    return [*map(event, texts), event(reason=reason), END]


@dataclass
class Script:
    """`steps` are sent as they are, numbers are pauses in seconds. `refuse` gives the status and
    the words by which a request is refused."""

    steps: Sequence[str | bytes | float] = ()
    content_type: str = "text/event-stream"
    refuse: Callable[[Body], tuple[int, str] | None] = lambda _: None
    asked: list[Body] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.queries.append(dict(request.query))
        self.headers.append(dict(request.headers))
        if refused := self.refuse(body):
            status, words = refused
            kind = "application/json" if words.startswith("{") else "text/plain"
            return web.Response(status=status, text=words, content_type=kind)
        response = web.StreamResponse(headers={"Content-Type": self.content_type})
        await response.prepare(request)
        for step in self.steps:
            if isinstance(step, float | int):
                await asyncio.sleep(step)
            else:
                await response.write(step if isinstance(step, bytes) else step.encode())
        return response


@asynccontextmanager
async def playing(script: Script) -> AsyncIterator[str]:
    """The script at an address of this machine."""
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/{anything:.*}", script.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
