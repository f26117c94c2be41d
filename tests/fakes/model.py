"""A local language model: a real HTTP server that speaks OpenAI's chat completions, and fails as
such servers do.

As a program it serves until it is stopped, and prints where:
`python tests/fakes/model.py --first-token 0.5 --rate 40` -> `{"url": …}`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

if not __package__:  # run as a program: only this file's own folder is searched then
    sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes.model_answers import compose, cut, tokens
from fakes.model_embeddings import LocalEmbeddings
from fakes.model_events import chunk, send, thought_and_text
from fakes.model_failures import (
    HALVED,
    ODD_EVENTS,
    ODD_USAGE,
    REASONS,
    SLOW_STARTS,
    Failure,
    fail_at_once,
    too_long,
    unsupported,
)

Reply = Callable[[dict[str, Any]], str]
# Characters of a piece: of a token; of what comes at once, where nobody watches it grow.
_TOKEN, _LINE = 4, 61


@dataclass(slots=True)
class Call:
    """One request as it arrived, with times of this server's own clock in seconds: its arrival,
    its first and last token, its end. `whole` tells whether the client took all of the answer."""

    body: dict[str, Any]
    raw: bytes
    headers: dict[str, str]
    arrived: float
    first_token: float = 0.0
    last_token: float = 0.0
    ended: float = 0.0
    whole: bool = False

    @property
    def last_message(self) -> str:
        return str(self.body["messages"][-1]["content"])


@dataclass
class LocalModel:
    """`first_token` seconds until the first token, then `rate` tokens a second (0: at once).

    `reply` makes the answer of a request; by default one is composed that obeys the request's
    schema and cites its passages. `failures` are taken one a request, then all goes well; an
    entry None is a request that goes well. `always` fails all whose last message holds `only`.
    `window` is how many tokens it reads: what is more is cut in front, in silence, or refused
    where it `refuses_long`. It counts `share` of what others would. `hold` keeps back every
    last token until it is set. `lacks` names options that are refused with the status
    `refuses_with`. `cached` is told as cached prompt tokens; `idle` is set while nothing is
    under way.
    """

    reply: Reply = compose
    first_token: float = 0.0
    rate: float = 0.0
    failures: list[Failure | None] = field(default_factory=list)
    always: Failure | None = None
    only: str = ""
    lacks: frozenset[str] = frozenset()
    names_what_it_lacks: bool = True
    refuses_with: int = 400
    retry_after: str | None = None
    cached: int = 0
    window: int = 0
    refuses_long: bool = False
    share: float = 1.0
    port: int = 0
    embeddings: LocalEmbeddings = field(default_factory=LocalEmbeddings)
    calls: list[Call] = field(default_factory=list)
    most_at_once: int = 0
    url: str = ""
    hold: asyncio.Event | None = None
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: int = 0
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_post("/v1/embeddings", self.embeddings.answer)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if failed := await fail_at_once(self.always, request, self.retry_after):
            return failed
        listed = [{"id": "local", "object": "model", "created": 0, "owned_by": "local"}]
        return web.json_response({"object": "list", "data": listed})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        call = Call(json.loads(raw), raw, dict(request.headers), time.monotonic())
        self.calls.append(call)
        self._under_way += 1
        self.idle.clear()
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            return await self._answer(request, call)
        finally:
            self._under_way -= 1
            call.ended = time.monotonic()
            if not self._under_way:
                self.idle.set()

    async def _answer(self, request: web.Request, call: Call) -> web.StreamResponse:
        if refused := unsupported(
            call.body, self.lacks, status=self.refuses_with, named=self.names_what_it_lacks
        ):
            return refused
        if self.refuses_long and tokens(call.body) > self.window:
            return too_long(tokens(call.body), self.window)
        if self.window:
            call.body = cut(call.body, self.window)
        always = self.always if self.only in call.last_message else None
        failure = self.failures.pop(0) if self.failures else always
        if failed := await fail_at_once(failure, request, self.retry_after):
            return failed
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self._stream(response, call, failure)
        except ConnectionResetError:
            return response
        if failure in {Failure.CUT, Failure.CUT_AFTER_END} and request.transport:
            request.transport.abort()
        return response

    async def _stream(
        self, response: web.StreamResponse, call: Call, failure: Failure | None
    ) -> None:
        await asyncio.sleep(self.first_token)
        pieces = list(_pieces(self._text(call, failure), _TOKEN if self.rate else _LINE))
        if failure in HALVED:
            pieces = pieces[: max(1, len(pieces) // 2)]
        await self._send_pieces(response, call, pieces, failure)
        while failure is Failure.ENDLESS:
            await send(response, chunk("and so on, " * (1 if self.rate else 50)))
            await asyncio.sleep(1 / self.rate if self.rate else 0)
        if failure is Failure.STALL:
            await asyncio.sleep(3600)
        if failure is Failure.ERROR_EVENT:
            await send(response, {"error": {"message": "overloaded", "type": "server_error"}})
        if failure not in HALVED:
            await self._finish(response, call, failure)
            call.whole = True

    def _text(self, call: Call, failure: Failure | None) -> str:
        whole = self.reply(call.body)
        match failure:
            case Failure.EMPTY:
                return ""
            case Failure.HALF_JSON:
                return whole[: len(whole) // 2]
            case Failure.WRONG_SCHEMA:
                return json.dumps({"answer": 42, "list": ["one"]})
        return whole

    async def _send_pieces(
        self,
        response: web.StreamResponse,
        call: Call,
        pieces: list[str],
        failure: Failure | None,
    ) -> None:
        began = time.monotonic()
        await send(response, chunk("", role="assistant"))
        if failure in SLOW_STARTS:
            for _ in range(8):
                await response.write(SLOW_STARTS[failure])
                await asyncio.sleep(0.1)
        for place, piece in enumerate(pieces):
            if self.rate:
                # Against a plan, so that overshooting sleeps do not add up.
                await asyncio.sleep(max(0.0, began + place / self.rate - time.monotonic()))
            if self.hold and place == len(pieces) - 1:
                await self.hold.wait()
            if place == len(pieces) // 2 and failure in ODD_EVENTS:
                await response.write(b"data: %s\n\n" % ODD_EVENTS[failure])
            await _send_piece(response, piece, failure)
            call.last_token = time.monotonic()
            call.first_token = call.first_token or call.last_token

    async def _finish(
        self, response: web.StreamResponse, call: Call, failure: Failure | None
    ) -> None:
        reason = REASONS.get(failure, "stop") if failure else "stop"
        await send(response, chunk("", reason=reason))
        if failure is Failure.ODD_AFTER_END:
            await response.write(b'data: {"choices": [null]}\n\n')
        if (call.body.get("stream_options") or {}).get("include_usage"):
            await send(response, chunk(None, usage=self._usage(call, failure)))
        if failure is Failure.STAYS_OPEN:
            await asyncio.sleep(3600)
        if failure is Failure.CUT_AFTER_END:
            await asyncio.sleep(0.5)  # what was not read before is lost
        else:
            await response.write(b"data: [DONE]\n\n")

    def _usage(self, call: Call, failure: Failure | None) -> object:
        if failure in ODD_USAGE:
            return ODD_USAGE[failure]
        prompt = int(self.share * tokens(call.body))
        return {
            "prompt_tokens": prompt,
            "completion_tokens": 100,
            "total_tokens": prompt + 100,
            "prompt_tokens_details": {"cached_tokens": min(self.cached, prompt)},
        }


def _pieces(text: str, length: int) -> Iterator[str]:
    """Cut whatever they tear apart."""
    return (text[at : at + length] for at in range(0, len(text), length))


async def _send_piece(response: web.StreamResponse, piece: str, failure: Failure | None) -> None:
    match failure:
        case Failure.PARTS:
            await send(response, chunk(thought_and_text(piece)))
        case Failure.TWO_CHOICES:
            await send(response, chunk(piece))
            await send(response, chunk("Another answer. ", place=1, reason="stop"))
        case Failure.PINGS:
            await response.write(b": ping\n\nevent: ping\r\ndata: {}\r\n\r\n")
            await send(response, chunk(piece))
        case _:
            await send(response, chunk(piece))


async def _serve(model: LocalModel) -> None:
    async with model:
        sys.stdout.write(json.dumps({"url": model.url}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--first-token", type=float, default=0.5, help="seconds")
    options.add_argument("--rate", type=float, default=40.0, help="tokens a second")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--always", choices=[failure.value for failure in Failure])
    chosen = options.parse_args()
    served = LocalModel(first_token=chosen.first_token, rate=chosen.rate, port=chosen.port)
    served.always = Failure(chosen.always) if chosen.always else None
    asyncio.run(_serve(served))
