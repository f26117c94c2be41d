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
from typing import TYPE_CHECKING

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload, spawn
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
from youtube_analysis.logging import get_logger

from .capabilities import ProbedRequest
from .events import EventDecoder

if TYPE_CHECKING:
    import openai

_log = get_logger(__name__)
Body = Mapping[str, object]

_CONNECT_TIMEOUT = 10.0
# Servers of one's own ask for no key, the client does.
_NO_KEY = "none"
# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are told by their home, since aiohttp is spoken in http alone.
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
_TOLD = 300


class Wire:
    """Requests to one server. Belongs to one event loop, and closes with it.

    The client is opened when first needed. `retries` are made of what may pass; without `reuse`,
    every request gets a connection of its own; `now` is the wall clock.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        reuse: bool = True,
        retries: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._reuse = reuse
        self._retries = retries
        self._now = now
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._preparing: asyncio.Task[openai.AsyncOpenAI] | None = None
        self._held: object = None

    @property
    def is_open(self) -> bool:
        return self._client is not None

    def prepare(self) -> None:
        """Begins to open the client; the request that needs it meets any error."""
        if self._client is None and (self._preparing is None or self._preparing.done()):
            self._preparing = spawn(self.open(), "open a model's client")

    async def open(self) -> openai.AsyncOpenAI:
        """Off the event loop: the import takes half a second, certificates are read from disk.
        Raises ModelUnreachable."""
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await offload(self._connect, lane=BLOCKING)
                except OSError as error:  # certificates that cannot be read
                    raise ModelUnreachable from error
                if self._held is None:
                    self._held = close_with_loop(self.close)
        return self._client

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        if self._preparing:
            await asyncio.wait([self._preparing])
        client, self._client = self._client, None
        if client:
            await client.close()

    async def request(self, path: str, seconds: float, body: Body | None = None) -> object:
        """The JSON of one answer, to a GET where there is no body. Raises ModelError."""
        client = await self.open()
        with self._errors():
            async with asyncio.timeout(seconds):
                if body is None:
                    return await client.get(path, cast_to=object)
                return await client.post(path, body=body, cast_to=object)

    async def stream(
        self, body: Body, request: ProbedRequest, seconds: float, *, tokens: int, limit: int
    ) -> ReplyStream:
        """A chat completion whose first bytes may take `seconds`, asked for with as many
        capabilities as the server takes; `tokens` and `limit` are told where the prompt is too
        long. Raises ModelError."""
        import openai  # noqa: PLC0415 - imported with the client

        client = await self.open()
        with self._errors(tokens=tokens, limit=limit):
            async with asyncio.timeout(seconds):
                while True:
                    request.sent += 1
                    try:
                        reply = await client.post(
                            "/chat/completions",
                            body={**body, **request.options},
                            cast_to=object,
                            stream=True,
                            stream_cls=openai.AsyncStream[object],
                        )
                    except openai.APIStatusError as error:
                        told = "" if _has_another_cause(error) else error.response.text
                        if not told or not request.refused(error.status_code, told):
                            raise
                        _log.info("model refuses options", told=error.message[:_TOLD])
                    else:
                        request.accepted()
                        return ReplyStream(reply)

    def _connect(self) -> openai.AsyncOpenAI:
        import openai  # noqa: PLC0415 - as `open` says

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

    @contextmanager
    def _errors(self, *, tokens: int = 0, limit: int = 0) -> Iterator[None]:
        """As `map_errors`; refusals too, which come before any answer."""
        import openai  # noqa: PLC0415 - imported with the client

        with map_errors(begun=False):
            try:
                yield
            except openai.APIStatusError as error:
                raise self._refusal(error, tokens, limit) from error

    def _refusal(self, error: openai.APIStatusError, tokens: int, limit: int) -> ModelError:
        told = _told(error)
        if any(name in told for name in _QUOTA) or error.status_code == 402:
            return ModelOutOfQuota()
        if any(words in told for words in _TOO_LONG):
            return TalkTooLong(tokens, limit)
        if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
            return ModelBusy(retry_after=_retry_after(error.response.headers, self._now()))
        return ModelMisconfigured(f"status {error.status_code}")


class ReplyStream:
    """One reply as it arrives, read in bytes: so a comment counts as life, and whoever comes late
    takes all that has come in one go."""

    def __init__(self, stream: openai.AsyncStream[object]) -> None:
        self._response = stream.response
        self._pieces = stream.response.aiter_bytes()
        self._decoder = EventDecoder()

    async def read(self, seconds: float) -> list[bytes] | None:
        """The events that have arrived, maybe none yet; None at the end. Raises ModelSilent where
        nothing at all comes for so long, ModelBroke where the connection does."""
        with map_errors(begun=True):
            async with asyncio.timeout(seconds):
                piece = await anext(self._pieces, None)
        return self._decoder.feed(piece) if piece is not None else self._decoder.close() or None

    async def aclose(self) -> None:
        """Hangs up, unless all was read."""
        async with aclosing(self._response):
            await self._pieces.aclose()


@contextmanager
def map_errors(*, begun: bool) -> Iterator[None]:
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
        raise _breakdown(error, begun=begun, of_client="openai" in homes) from error


def _breakdown(error: Exception, *, begun: bool, of_client: bool) -> ModelError:
    """The client's own errors left are about connecting: its only time-out is, too."""
    if isinstance(error, TimeoutError):
        return ModelSilent()
    if isinstance(error, RecursionError | ValueError):
        return ModelBroke("no completion")
    if begun:
        return ModelBroke("the connection broke")
    lost = of_client or isinstance(error, OSError | RuntimeError)
    return ModelUnreachable() if lost else ModelBroke("no completion")


def _has_another_cause(error: openai.APIStatusError) -> bool:
    """Whether the server refused for a reason that has nothing to do with options."""
    return any(words in _told(error) for words in (*_QUOTA, *_TOO_LONG))


def _told(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds, told as a number or a date; None where it is neither: then our own pace must do."""
    told, unit = headers.get("retry-after-ms"), 1000.0
    if told is None:
        told, unit = headers.get("retry-after", ""), 1.0
    try:
        seconds = float(told) / unit
    except ValueError:
        try:
            date = parsedate_to_datetime(told)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), _DAY) if math.isfinite(seconds) else None
