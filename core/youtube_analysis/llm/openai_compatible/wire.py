"""The official client set up as every request of ours needs it, its errors as ours, and what is
tried again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl

import msgspec
import tenacity

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload
from youtube_analysis.errors import ModelBroke, ModelError, ModelSilent, ModelUnreachable
from youtube_analysis.logging import get_logger
from youtube_analysis.shared_runs import Once

from .server import ChatRequest, meaning, said_by

if TYPE_CHECKING:
    import openai

_log = get_logger(__name__)
Body = Mapping[str, object]
Kind = TypeVar("Kind")
Pull = Callable[[float], Awaitable[bytes | None]]

_CONNECT_TIMEOUT = 10.0
# Servers of one's own ask for no key, the client does.
_NO_KEY = "none"
# Bytes of an answer that comes in one piece; sixteen long vectors take 1.5 MB.
_LARGEST_REPLY = 4_000_000
# Characters of a stranger's words that are logged.
_LOGGED = 300
_COMPLETIONS = "/chat/completions"
# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are known by their home, since aiohttp is spoken in http alone.
_LIBRARIES = frozenset({"aiohttp", "httpx2", "openai"})
_DAY = 86_400.0
_FIRST_WAIT, _LONGEST_WAIT = 0.4, 20.0


class Wire:
    """Requests to one server. Belongs to one event loop, and closes with it.

    The client is opened when first needed. `base_url` may be one of Azure's, which ends with
    `?api-version=…`. `retries` are made of what may pass; without `reuse`, every request gets a
    connection of its own; `now` is the wall clock; `on_request` is called for each chat
    completion that is asked for.
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
        self._base_url, _, self._query = base_url.partition("?")
        self._api_key = api_key
        self._reuse = reuse
        self._retries = retries
        self._now = now
        self._on_request = on_request
        self._client = Once(self._opened)
        self._closing: list[Once[openai.AsyncOpenAI]] = []
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
        """May be called twice; a later request opens a new client. What a call that was cancelled
        left open, the next one closes."""
        self._closing.append(self._client)
        self._client = Once(self._opened)
        while self._closing:
            opened = self._closing[0]
            if opened.task:
                await asyncio.wait([opened.task])
            if opened.is_made:
                await (await opened.get()).close()
            if opened in self._closing:
                self._closing.remove(opened)

    async def request(self, path: str, seconds: float, kind: type[Kind], body: Body) -> Kind:
        """The JSON of one answer. Raises ModelError."""
        client, whole = await self.open(), bytearray()
        with map_openai_errors(self._now):
            async with (
                asyncio.timeout(seconds),
                aclosing((await _send(client, path, body)).response) as response,
            ):
                async for piece in response.aiter_bytes():
                    whole += piece
                    if len(whole) > _LARGEST_REPLY:
                        raise ModelBroke(what="it never ended")
            return msgspec.json.decode(whole, type=kind)

    @asynccontextmanager
    async def stream(self, model: str, request: ChatRequest, seconds: float) -> AsyncIterator[Pull]:
        """A chat completion whose first bytes may take `seconds`, asked for with as many
        capabilities as the server takes. What is given pulls what has arrived, comments included;
        None at the end. Leaving it hangs up, unless all was read. Raises ModelError."""
        client = await self.open()
        with map_openai_errors(self._now):
            async with asyncio.timeout(seconds):
                response = (await self._accepted(client, model, request)).response
        async with aclosing(response), aclosing(response.aiter_bytes()) as pieces:

            async def pull(seconds: float) -> bytes | None:
                with map_openai_errors(self._now, begun=True):
                    async with asyncio.timeout(seconds):
                        return await anext(pieces, None)

            yield pull

    async def _accepted(
        self, client: openai.AsyncOpenAI, model: str, request: ChatRequest
    ) -> openai.AsyncStream[object]:
        import openai  # noqa: PLC0415 - imported with the client

        while True:
            self._on_request()
            try:
                reply = await _send(client, _COMPLETIONS, request.body(model))
            except openai.APIStatusError as error:
                if not request.refused(error):
                    raise
                _log.info("model refuses options", said=error.message[:_LOGGED])
            else:
                request.accepted()
                return reply

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

        key = self._api_key or _NO_KEY
        headers = {} if self._reuse else {"Connection": "close"}
        return openai.AsyncOpenAI(
            api_key=key,
            base_url=self._base_url.removesuffix(_COMPLETIONS),
            max_retries=self._retries,
            timeout=openai.Timeout(None, connect=_CONNECT_TIMEOUT),
            default_query=dict(parse_qsl(self._query)),
            default_headers=headers | ({"api-key": key} if self._query else {}),  # as Azure wants
            # A cookie of the server's serves nothing, and one that is not ASCII ends all requests.
            http_client=openai.DefaultAioHttpClient(
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
            ),
        )


async def _send(client: openai.AsyncOpenAI, path: str, body: Body) -> openai.AsyncStream[object]:
    """The answer once it has begun: nothing of it has been read, for the client's own decoder
    ends at what is not quite an event."""
    import openai  # noqa: PLC0415 - imported with the client

    kind = openai.AsyncStream[object]
    return await client.post(path, body=body, cast_to=object, stream=True, stream_cls=kind)


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
        wait = _retry_after(error.response.headers, now())
        return meaning(said_by(error), error.status_code, wait)
    if isinstance(error, TimeoutError):
        return ModelSilent()
    if isinstance(error, RecursionError | ValueError):
        return ModelBroke(what="no completion")
    if begun:
        return ModelBroke(what="the connection broke")
    # The client's own errors left are about connecting: its only time-out is, too.
    lost = of_client or isinstance(error, OSError | RuntimeError)
    return ModelUnreachable() if lost else ModelBroke(what="no completion")


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


def retrying(
    tries: int,
    remaining: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    rng: Callable[[], float],
) -> tenacity.AsyncRetrying:
    """What may pass is tried again, as long as there are seconds remaining."""

    def wait(state: tenacity.RetryCallState) -> float:
        """Seconds that double, but as many as the server asks for."""
        error = state.outcome and state.outcome.exception()
        wanted = error.retry_after if isinstance(error, ModelError) else None
        backoff = _FIRST_WAIT * 2.0 ** (state.attempt_number - 1) * (0.75 + 0.5 * rng())
        return max(backoff, wanted or 0.0)

    def is_hopeless(state: tenacity.RetryCallState) -> bool:
        longest = min(_LONGEST_WAIT, remaining())
        return state.attempt_number >= tries or state.upcoming_sleep > longest

    return tenacity.AsyncRetrying(
        sleep=sleep,
        retry=tenacity.retry_if_exception(_may_pass),
        wait=wait,
        stop=is_hopeless,
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    """A silent server stays so: it has been waited for already."""
    return isinstance(error, ModelError) and error.retryable and not isinstance(error, ModelSilent)
