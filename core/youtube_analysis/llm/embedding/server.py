"""OpenAIEmbedder: embeddings of any server that speaks OpenAI's `/embeddings`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload
from youtube_analysis.config import Settings
from youtube_analysis.errors import ModelBroke, ModelMisconfigured, ModelUnreachable

from .port import BATCH, checked, shortened, tells_roles, with_role

if TYPE_CHECKING:
    import openai

# By the client, with pauses that grow, or as long as the server says.
_RETRIES = 2
# Rounding differs by less than this, vectors of two roles by more.
_ROUNDING = 0.01


class _Item(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Answer(msgspec.Struct):
    data: list[_Item]


class OpenAIEmbedder:
    """Asks OPENAI_EMBEDDING_MODEL at OPENAI_EMBEDDING_BASE_URL, else at OPENAI_BASE_URL.

    An E5 model is told which texts are questions: by `input_type` if its server honours it, else by
    the prefixes it was trained with. The first request finds out which. Each
    request may take OPENAI_IDLE_TIMEOUT, its retries included.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.openai_embedding_model or ""
        self._url = settings.openai_embedding_base_url or settings.openai_base_url
        self._key = settings.openai_api_key
        self._longest = settings.openai_idle_timeout
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._heeds_type: bool | None = None if tells_roles(self.name) else False
        self._held: object = None

    async def load(self) -> None:
        await self._opened()

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        ready = shortened(texts)
        options: dict[str, object] = {}
        if await self._heeds_input_type():
            options = _type(query=query)
        elif tells_roles(self.name):
            ready = with_role(ready, query=query)
        rows: list[list[float]] = []
        for first in range(0, len(ready), BATCH):
            rows += await self._request(ready[first : first + BATCH], options)
        return checked(rows, len(ready))

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        client, self._client = self._client, None
        if client:
            await client.close()

    async def _heeds_input_type(self) -> bool:
        async with self._asking:
            if self._heeds_type is None:
                self._heeds_type = await self._tried()
            return self._heeds_type

    async def _tried(self) -> bool:
        """Whether the same text has another vector where it is a question."""
        try:
            (asked,) = await self._request(["talk"], _type(query=True))
            (told,) = await self._request(["talk"], _type(query=False))
        except ModelMisconfigured:
            return False
        apart = (abs(one - other) for one, other in zip(asked, told, strict=False))
        return max(apart) > _ROUNDING

    async def _request(self, texts: list[str], options: dict[str, object]) -> list[list[float]]:
        client = await self._opened()
        # Imported with the client, beside the event loop.
        from youtube_analysis.llm.openai_compatible.failures import Translation  # noqa: PLC0415

        asked = {"model": self.name, "input": texts, "encoding_format": "float"}
        with Translation().of(begun=False):
            async with asyncio.timeout(self._longest):
                answer = await client.post("/embeddings", body=asked | options, cast_to=object)
        return checked(_rows(answer), len(texts))

    async def _opened(self) -> openai.AsyncOpenAI:
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await offload(self._connect, lane=BLOCKING)
                except OSError as error:  # certificates that cannot be read
                    raise ModelUnreachable from error
                self._held = close_with_loop(self.close)
        return self._client

    def _connect(self) -> openai.AsyncOpenAI:
        # Imported late: it takes half a second, and few need it.
        from youtube_analysis.llm.openai_compatible.client import connect  # noqa: PLC0415

        return connect(self._url, self._key, retries=_RETRIES)


def _type(*, query: bool) -> dict[str, object]:
    return {"input_type": "query" if query else "passage"}


def _rows(answer: object) -> list[list[float]]:
    """Vectors in the order of their texts, which servers need not keep."""
    try:
        items = msgspec.convert(answer, _Answer).data
    except msgspec.ValidationError as error:
        raise ModelBroke("no vectors") from error
    return [item.embedding for item in sorted(items, key=lambda item: item.index)]
