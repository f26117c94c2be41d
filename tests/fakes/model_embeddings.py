"""Embeddings of the local model: vectors that are near each other where texts share letters."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

from fakes.model_failures import Failure, fail_at_once, unsupported


class Odd(StrEnum):
    """Answers with status 200 that are none."""

    FEWER = "fewer"  # than texts
    NAN = "nan"
    LONGER_LAST = "longer-last"
    EMPTY = "empty"
    NO_DATA = "no-data"
    WORDS = "words"  # in the place of numbers
    ZEROS = "zeros"  # which is an answer, if one without meaning


@dataclass(slots=True)
class EmbeddingCall:
    """One request as it arrived."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def texts(self) -> list[str]:
        return list(self.body["input"])


@dataclass
class LocalEmbeddings:
    """`failures` and `odd` as for completions: `failures` one a request, then `always`. `delay` is
    in seconds. Where `heeds_type` is set, `input_type` changes the vectors; `lacks` names options
    that are refused. Where it `grows`, each answer has longer vectors than the last one. `hold`
    keeps back every answer until it is set."""

    dim: int = 128
    failures: list[Failure | None] = field(default_factory=list)
    always: Failure | None = None
    odd: Odd | None = None
    delay: float = 0.0
    heeds_type: bool = False
    lacks: frozenset[str] = frozenset()
    grows: bool = False
    hold: asyncio.Event | None = None
    calls: list[EmbeddingCall] = field(default_factory=list)
    most_at_once: int = 0
    under_way: int = 0

    @property
    def texts(self) -> list[str]:
        """Everything that was to be embedded, in order."""
        return [text for call in self.calls for text in call.texts]

    async def asked(self) -> bool:
        """Whether any request has come."""
        return bool(self.calls)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(EmbeddingCall(json.loads(await request.read()), dict(request.headers)))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            return await self._answer(request, self.calls[-1])
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request, call: EmbeddingCall) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        if self.hold:
            await self.hold.wait()
        if refused := unsupported(call.body, self.lacks, status=400, named=True):
            return refused
        failure = self.failures.pop(0) if self.failures else self.always
        if failed := await fail_at_once(failure, request, "0"):
            return failed
        role = str(call.body.get("input_type", "")) if self.heeds_type else ""
        dim = self.dim + (len(self.calls) if self.grows else 0)
        rows = [vector(f"{role} {text}", dim) for text in call.texts]
        # As json.dumps writes it: NaN is no JSON, and some servers send it.
        body = json.dumps({"object": "list", "model": "local", "data": _data(rows, self.odd)})
        return web.Response(text=body, content_type="application/json")


def vector(text: str, dim: int) -> list[float]:
    """Of any length, from hashed runs of three and four letters."""
    row = [0.0] * dim
    letters = f" {text.casefold()} "
    for size in (3, 4):
        for start in range(len(letters) - size + 1):
            hashed = zlib.crc32(letters[start : start + size].encode())
            row[hashed % dim] += 1.0 if hashed >> 31 else -1.0
    return row


def _data(rows: list[list[float]], odd: Odd | None) -> list[dict[str, object]] | None:
    """The last text first: clients go by the index."""
    made: list[list[Any]] = [list(row) for row in rows]
    match odd:
        case Odd.FEWER:
            made = made[:-1]
        case Odd.NAN:
            made[-1][0] = float("nan")
        case Odd.LONGER_LAST:
            made[-1] = [*made[-1], 1.0]
        case Odd.EMPTY:
            made = [[] for _ in made]
        case Odd.NO_DATA:
            return None
        case Odd.WORDS:
            made[0][0] = "one"
        case Odd.ZEROS:
            made = [[0.0] * len(row) for row in made]
    numbered = [
        {"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(made)
    ]
    return numbered[::-1]
