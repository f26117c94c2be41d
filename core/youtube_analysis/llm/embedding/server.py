"""OpenAIEmbedder: embeddings of any server that speaks OpenAI's `/embeddings`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from youtube_analysis.config import Settings
from youtube_analysis.errors import ModelMisconfigured
from youtube_analysis.llm.openai_compatible.wire import Wire

from .port import BATCH, checked, shortened, tells_roles, with_role

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
        url = settings.openai_embedding_base_url or settings.openai_base_url
        self._wire = Wire(url, settings.openai_api_key, retries=_RETRIES)
        self._longest = settings.openai_idle_timeout
        self._asking = asyncio.Lock()
        self._heeds_type: bool | None = None if tells_roles(self.name) else False

    async def load(self) -> None:
        await self._wire.open()

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
        await self._wire.close()

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
        asked = {"model": self.name, "input": texts, "encoding_format": "float"}
        answer = await self._wire.request("/embeddings", self._longest, _Answer, asked | options)
        # In the order of their texts, which servers need not keep.
        rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        return checked(rows, len(texts))


def _type(*, query: bool) -> dict[str, object]:
    return {"input_type": "query" if query else "passage"}
