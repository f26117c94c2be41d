"""The official client set up as every request of ours needs it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar

import msgspec

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload
from youtube_analysis.errors import ModelBroke, ModelUnreachable
from youtube_analysis.llm.memo import Once
from youtube_analysis.logging import get_logger

from .refusals import CapabilityProbe, map_openai_errors

if TYPE_CHECKING:
    import openai

_log = get_logger(__name__)
Body = Mapping[str, object]
Kind = TypeVar("Kind")

_CONNECT_TIMEOUT = 10.0
# Servers of one's own ask for no key, the client does.
_NO_KEY = "none"
# Bytes of an answer that comes in one piece; sixteen long vectors take 1.5 MB.
_LARGEST_REPLY = 4_000_000
# Bytes of one event: sixteen times what a whole answer may have.
_LONGEST_EVENT = 1_000_000
_LINE_END = re.compile(rb"\r\n|\n|\r")
# Characters of a stranger's words that are logged.
_LOGGED = 300


class Wire:
    """Requests to one server. Belongs to one event loop, and closes with it.

    The client is opened when first needed. `retries` are made of what may pass; without `reuse`,
    every request gets a connection of its own; `now` is the wall clock; `on_request` is called
    for each chat completion that is asked for.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        reuse: bool = True,
        retries: int = 0,
        now: Callable[[], float] = time.time,
        on_request: Callable[[], object] = lambda: None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._reuse = reuse
        self._retries = retries
        self._now = now
        self._on_request = on_request
        self._client = Once(self._opened)
        self._held: object = None

    @property
    def is_open(self) -> bool:
        return self._client.is_made

    def prepare(self) -> None:
        """Begins to open the client; the request that needs it meets any error."""
        self._client.start()

    async def open(self) -> openai.AsyncOpenAI:
        """Raises ModelUnreachable."""
        return await self._client.get()

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        opened, self._client = self._client, Once(self._opened)
        if opened.task:
            await asyncio.wait([opened.task])
        if opened.is_made:
            await (await opened.get()).close()

    async def request(
        self, path: str, seconds: float, kind: type[Kind], body: Body | None = None
    ) -> Kind:
        """The JSON of one answer, to a GET where there is no body. Raises ModelError."""
        client, whole = await self.open(), bytearray()
        with map_openai_errors(self._now):
            async with (
                asyncio.timeout(seconds),
                aclosing((await _send(client, path, body)).response) as response,
            ):
                async for piece in response.aiter_bytes():
                    whole += piece
                    if len(whole) > _LARGEST_REPLY:
                        raise ModelBroke("it never ended")
            return msgspec.json.decode(whole, type=kind)

    async def stream(self, body: Body, probe: CapabilityProbe, seconds: float) -> EventStream:
        """A chat completion whose first bytes may take `seconds`, asked for with as many
        capabilities as the server takes. Raises ModelError."""
        import openai  # noqa: PLC0415 - imported with the client

        client = await self.open()
        with map_openai_errors(self._now):
            async with asyncio.timeout(seconds):
                while True:
                    self._on_request()
                    try:
                        reply = await _send(client, "/chat/completions", {**body, **probe.options})
                    except openai.APIStatusError as error:
                        if not probe.refused(error):
                            raise
                        _log.info("model refuses options", said=error.message[:_LOGGED])
                    else:
                        probe.accepted()
                        return EventStream(reply, self._now)

    async def _opened(self) -> openai.AsyncOpenAI:
        """Off the event loop: the import takes half a second, certificates are read from disk."""
        try:
            client = await offload(self._connect, lane=BLOCKING)
        except OSError as error:  # certificates that cannot be read
            raise ModelUnreachable from error
        if self._held is None:
            self._held = close_with_loop(self.close)
        return client

    def _connect(self) -> openai.AsyncOpenAI:
        import openai  # noqa: PLC0415 - as `_opened` says

        return openai.AsyncOpenAI(
            api_key=self._api_key or _NO_KEY,
            base_url=self._base_url,
            max_retries=self._retries,
            timeout=openai.Timeout(None, connect=_CONNECT_TIMEOUT),
            default_headers=None if self._reuse else {"Connection": "close"},
            # A cookie of the server's serves nothing, and one that is not ASCII ends all requests.
            http_client=openai.DefaultAioHttpClient(
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
            ),
        )


async def _send(
    client: openai.AsyncOpenAI, path: str, body: Body | None
) -> openai.AsyncStream[object]:
    """The answer once it has begun: nothing of it has been read."""
    import openai  # noqa: PLC0415 - imported with the client

    kind = openai.AsyncStream[object]
    if body is None:
        return await client.get(path, cast_to=object, stream=True, stream_cls=kind)
    return await client.post(path, body=body, cast_to=object, stream=True, stream_cls=kind)


class EventStream:
    """The events of one answer, read in bytes: so a comment counts as life, and whoever comes late
    takes all that has come in one go."""

    def __init__(self, stream: openai.AsyncStream[object], now: Callable[[], float]) -> None:
        self._response = stream.response
        self._pieces = stream.response.aiter_bytes()
        self._decoder = EventDecoder()
        self._now = now

    async def read(self, seconds: float) -> list[bytes] | None:
        """The data of the events that have arrived, maybe none yet; None at the end. Raises
        ModelSilent where nothing at all comes for so long, ModelBroke where the connection does."""
        with map_openai_errors(self._now, begun=True):
            async with asyncio.timeout(seconds):
                piece = await anext(self._pieces, None)
        return self._decoder.feed(piece) if piece is not None else self._decoder.close() or None

    async def aclose(self) -> None:
        """Hangs up, unless all was read."""
        async with aclosing(self._response):
            await self._pieces.aclose()


class EventDecoder:
    """Server-sent events out of bytes, torn anywhere. Comments and other fields than data serve
    nothing here."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._held = 0  # bytes of it

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are whole now. Raises ModelBroke for one that never ends."""
        text = self._rest + piece
        end = len(text) - text.endswith(b"\r")  # the other half of a line end may follow
        *lines, rest = _LINE_END.split(text[:end])
        self._rest = rest + text[end:]
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._held += len(line)
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data, self._held = [], 0
        if len(self._rest) + self._held > _LONGEST_EVENT:
            raise ModelBroke("it never ended")
        return events

    def close(self) -> list[bytes]:
        """Returns the last events, which some servers leave without their empty line."""
        return self.feed(b"\n\n")


class Patience:
    """Limits how long all tries of a reply may be silent: `first` seconds before a first token,
    `idle` after that; `total` is from the first token to the end."""

    def __init__(self, first: float, idle: float, total: float) -> None:
        self._first, self._idle, self._total = first, idle, total
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + first + total
        self._started = False

    @property
    def remaining(self) -> float:
        return self._deadline - self._loop.time()

    def longest(self, *, started: bool = False) -> float:
        """Returns the seconds that the next bytes of a reply may take, `started` or not."""
        if started and not self._started:
            self._started = True
            self._deadline = self._loop.time() + self._total
        return min(self._idle if started else self._first, self.remaining)
