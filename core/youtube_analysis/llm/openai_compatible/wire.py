"""The official client set up as every request of ours needs it, and its errors as errors of ours:
the only place that knows either."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar

import msgspec

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)
from youtube_analysis.llm.memo import Once
from youtube_analysis.logging import get_logger

from .capabilities import CapabilityProbe
from .events import EventDecoder

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
# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are known by their home, since aiohttp is spoken in http alone.
_LIBRARIES = frozenset({"aiohttp", "httpx2", "openai"})
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
_TOO_LONG = (
    "context_length_exceeded",
    "context length",
    "context size",
    "context window",
    "too many tokens",
)
_DAY = 86_400.0
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
                        if _has_another_cause(error) or not probe.refused(
                            error.status_code, error.response.text
                        ):
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


@contextmanager
def map_openai_errors(now: Callable[[], float], *, begun: bool = False) -> Iterator[None]:
    """Put it around what the client does, and nothing else: it comes out as a ModelError. `begun`:
    whether an answer had begun to come."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        homes = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
        if not (isinstance(error, _READING) or homes & _LIBRARIES):
            raise
        raise _mapped(error, now, begun=begun, of_client="openai" in homes) from error


def _mapped(
    error: Exception, now: Callable[[], float], *, begun: bool, of_client: bool
) -> ModelError:
    import openai  # noqa: PLC0415 - imported with the client

    if isinstance(error, openai.APIStatusError):
        return _refusal(error, now())
    if isinstance(error, TimeoutError):
        return ModelSilent()
    if isinstance(error, RecursionError | ValueError):
        return ModelBroke("no completion")
    if begun:
        return ModelBroke("the connection broke")
    # The client's own errors left are about connecting: its only time-out is, too.
    lost = of_client or isinstance(error, OSError | RuntimeError)
    return ModelUnreachable() if lost else ModelBroke("no completion")


def _refusal(error: openai.APIStatusError, now: float) -> ModelError:
    said = _said(error)
    if any(name in said for name in _QUOTA) or error.status_code == 402:
        return ModelOutOfQuota()
    if any(words in said for words in _TOO_LONG):
        return TalkTooLong(0, 0)
    if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
        return ModelBusy(_retry_after(error.response.headers, now))
    return ModelMisconfigured(f"status {error.status_code}")


def _has_another_cause(error: openai.APIStatusError) -> bool:
    """Whether the server refused for a reason that has nothing to do with options."""
    return any(words in _said(error) for words in (*_QUOTA, *_TOO_LONG))


def _said(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds, written as a number or a date; None where it is neither: then our own pace must
    do."""
    written, unit = headers.get("retry-after-ms"), 1000.0
    if written is None:
        written, unit = headers.get("retry-after", ""), 1.0
    try:
        seconds = float(written) / unit
    except ValueError:
        try:
            date = parsedate_to_datetime(written)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), _DAY) if math.isfinite(seconds) else None
