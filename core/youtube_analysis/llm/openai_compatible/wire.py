"""The official client set up as every request of ours needs it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl

import msgspec

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload
from youtube_analysis.errors import ModelBroke, ModelUnreachable
from youtube_analysis.logging import get_logger
from youtube_analysis.shared_runs import Once

from .refusals import map_openai_errors
from .server import ChatRequest

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
                        raise ModelBroke("it never ended")
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
