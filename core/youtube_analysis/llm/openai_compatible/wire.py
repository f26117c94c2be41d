"""The official client set up as every request of ours needs it, and its errors as errors of ours:
the only place that knows either. Imported late, since the client takes half a second."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import openai

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


class Wire:
    """Requests to one server; every method raises ModelError. Reads certificates from disk: make
    it beside the event loop. `retries` are made of what may pass; without `reuse`, every request
    gets a connection of its own; `now` is the wall clock."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        reuse: bool = True,
        retries: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._now = now
        self._client = openai.AsyncOpenAI(
            api_key=api_key or _NO_KEY,
            base_url=base_url,
            max_retries=retries,
            timeout=openai.Timeout(None, connect=_CONNECT_TIMEOUT),
            default_headers=None if reuse else {"Connection": "close"},
            # A cookie of the server's serves nothing, and one that is not ASCII ends all requests.
            http_client=openai.DefaultAioHttpClient(
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
            ),
        )

    async def get(self, path: str, seconds: float) -> object:
        with map_openai_errors(now=self._now):
            async with asyncio.timeout(seconds):
                return await self._client.get(path, cast_to=object)

    async def post(self, path: str, body: Body, seconds: float) -> object:
        with map_openai_errors(now=self._now):
            async with asyncio.timeout(seconds):
                return await self._client.post(path, body=body, cast_to=object)

    async def stream(
        self, body: Body, request: ProbedRequest, seconds: float, *, tokens: int, limit: int
    ) -> ReplyStream:
        """A chat completion whose first bytes may take `seconds`; `tokens` and `limit` are told
        where the prompt is too long."""
        with map_openai_errors(tokens=tokens, limit=limit, now=self._now):
            async with asyncio.timeout(seconds):
                return ReplyStream(await self._accepted(body, request))

    async def close(self) -> None:
        await self._client.close()

    async def _accepted(self, body: Body, request: ProbedRequest) -> openai.AsyncStream[object]:
        """Asks with as many capabilities as the server takes."""
        while True:
            request.sent += 1
            try:
                stream = await self._client.post(
                    "/chat/completions",
                    body={**body, **request.options},
                    cast_to=object,
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                )
            except openai.APIStatusError as error:
                if _names_its_cause(error) or not request.refused(
                    error.status_code, error.response.text
                ):
                    raise
                _log.info("model refuses options", told=error.message, left=[*request.options])
                continue
            request.accepted()
            return stream


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
        with map_openai_errors(begun=True):
            async with asyncio.timeout(seconds):
                piece = await anext(self._pieces, None)
        return self._decoder.feed(piece) if piece is not None else self._decoder.close() or None

    async def aclose(self) -> None:
        """Hangs up, unless all was read."""
        async with aclosing(self._response):
            await self._pieces.aclose()


@contextmanager
def map_openai_errors(
    *, begun: bool = False, tokens: int = 0, limit: int = 0, now: Callable[[], float] = time.time
) -> Iterator[None]:
    """Put it around what the client does, and nothing else: it comes out as a ModelError.

    `begun`: whether an answer had begun to come; the rest as in `Wire`.
    """
    try:
        yield
    except Exception as error:
        if not (isinstance(error, _READING) or _is_library(error)):
            raise
        if isinstance(error, openai.APIStatusError):
            raise _refusal(error, tokens, limit, now) from error
        raise _breakdown(error, begun=begun) from error


def _breakdown(error: Exception, *, begun: bool) -> ModelError:
    match error:
        case RecursionError():
            return ModelBroke("no completion")
        case TimeoutError():
            return ModelSilent()
        case openai.APIConnectionError() | RuntimeError() | OSError():
            # The client's own time-out is about connecting.
            return ModelBroke("the connection broke") if begun else ModelUnreachable()
        case _ if begun and not isinstance(error, ValueError):
            return ModelBroke("the connection broke")
    return ModelBroke("no completion")


def _refusal(
    error: openai.APIStatusError, tokens: int, limit: int, now: Callable[[], float]
) -> ModelError:
    told = _told(error)
    if any(name in told for name in _QUOTA) or error.status_code == 402:
        return ModelOutOfQuota()
    if any(words in told for words in _TOO_LONG):
        return TalkTooLong(tokens, limit)
    if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
        return ModelBusy(_retry_after(error, now))
    return ModelMisconfigured(f"status {error.status_code}")


def _names_its_cause(error: openai.APIStatusError) -> bool:
    """Whether the server refused for a reason that has nothing to do with options."""
    told = _told(error)
    return any(words in told for words in (*_QUOTA, *_TOO_LONG))


def _told(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _retry_after(error: openai.APIStatusError, now: Callable[[], float]) -> float | None:
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        if (seconds := _seconds(headers.get(name, ""), now)) is not None:
            return min(max(0.0, seconds / unit), _DAY)
    return None


def _seconds(told: str, now: Callable[[], float]) -> float | None:
    """A number, or a date; None where it is neither: then our own pace must do."""
    try:
        number = float(told)
    except ValueError:
        return _until(told, now)
    return number if math.isfinite(number) else None


def _until(told: str, now: Callable[[], float]) -> float | None:
    try:
        date = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now()


def _is_library(error: Exception) -> bool:
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)
