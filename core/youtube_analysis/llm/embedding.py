"""Embedders: texts become vectors that are near each other where the texts mean the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from youtube_analysis.concurrency import Lane, offload
from youtube_analysis.config import Settings
from youtube_analysis.errors import ModelBroke, ModelMisconfigured, ModelUnreachable
from youtube_analysis.logging import get_logger
from youtube_analysis.shared_runs import Once

from .openai_compatible.wire import Wire

if TYPE_CHECKING:
    from fastembed import TextEmbedding

_log = get_logger(__name__)
# Most texts that are embedded in one go.
_BATCH = 16
# In characters: more than any passage holds, and within what small models take in.
_LONGEST = 2_000
_E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])", re.IGNORECASE)
# By the client, with pauses that grow, or as long as the server says.
_RETRIES = 2
# Rounding differs by less than this, vectors of two roles by more.
_ROUNDING = 0.01


class Embedder(Protocol):
    """Belongs to one event loop."""

    @property
    def name(self) -> str:
        """The model's: vectors of different models cannot be compared."""

    async def load(self) -> None:
        """Makes ready what a first text would wait for, but fetches nothing. Raises ModelError."""

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        """One vector a text, in order, all of the same length, every number finite. `query` tells
        questions from what may answer them. Raises ModelError."""

    async def close(self) -> None:
        """Ends what it holds open; may be called twice."""


def make_embedder(settings: Settings) -> Embedder | None:
    """A server's where OPENAI_EMBEDDING_MODEL is set, else the local one where the extra
    `vidthread[semantic]` is installed, else none; none where SEMANTIC is off."""
    if settings.semantic == "off":
        return None
    if settings.openai_embedding_model:
        return OpenAIEmbedder(settings)
    return LocalEmbedder(settings.models_folder) if find_spec("fastembed") else None


class _Item(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    data: list[_Item]


class OpenAIEmbedder:
    """Asks OPENAI_EMBEDDING_MODEL at OPENAI_EMBEDDING_BASE_URL, else at OPENAI_BASE_URL.

    An E5 model is told which texts are questions: by `input_type` if its server honours it, else by
    the prefixes it was trained with. The first request finds out which. Each request may take
    OPENAI_IDLE_TIMEOUT, its retries included.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.openai_embedding_model or ""
        url = settings.openai_embedding_base_url or settings.openai_base_url
        self._wire = Wire(url, settings.openai_api_key, retries=_RETRIES)
        self._longest = settings.openai_idle_timeout
        self._honours_type = Once(self._probe_type)

    async def load(self) -> None:
        await self._wire.open()

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        ready, options = shortened(texts), dict[str, object]()
        if tells_roles(self.name):
            if await self._honours_type.get():
                options = _type(query=query)
            else:
                ready = with_role(ready, query=query)
        rows: list[list[float]] = []
        for first in range(0, len(ready), _BATCH):
            rows += await self._request(ready[first : first + _BATCH], options)
        return checked(rows, len(ready))

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        await self._wire.close()

    async def _probe_type(self) -> bool:
        """Whether the same text has another vector where it is a question."""
        try:
            rows = await self._request(["talk"], _type(query=True))
            rows += await self._request(["talk"], _type(query=False))
        except ModelMisconfigured:
            return False
        return any(abs(a - b) > _ROUNDING for a, b in zip(*checked(rows, 2), strict=True))

    async def _request(self, texts: list[str], options: dict[str, object]) -> list[list[float]]:
        asked = {"model": self.name, "input": texts, "encoding_format": "float", **options}
        found = await self._wire.request("/embeddings", self._longest, _Embeddings, asked)
        # In the order of their texts, which servers need not keep.
        return [item.embedding for item in sorted(found.data, key=lambda item: item.index)]


def _type(*, query: bool) -> dict[str, object]:
    return {"input_type": "query" if query else "passage"}


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """`name` is its repository on Hugging Face, `file` its ONNX graph there, `dim` the length of
    its vectors, which are means over all tokens; `megabytes` are fetched."""

    name: str
    file: str
    dim: int
    megabytes: int


E5_SMALL = OnnxModel("intfloat/multilingual-e5-small", "onnx/model.onnx", 384, 490)


class LocalEmbedder:
    """Computes on one thread of its own, which never keeps the program from ending.

    The model is fetched into `folder` when the first text comes, unless it is there; `given` is a
    folder that holds its files already.
    """

    def __init__(
        self, folder: Path, model: OnnxModel = E5_SMALL, *, given: Path | None = None
    ) -> None:
        self.name = model.name
        self._model = model
        self._folder = folder
        self._given = given
        self._lane = Lane("embedding")
        self._engine = Once(self._loaded)

    async def load(self) -> None:
        """Does nothing: the first text loads the model, so that an idle bot holds none."""

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        engine, ready = await self._engine.get(), shortened(texts)
        if tells_roles(self.name):
            ready = with_role(ready, query=query)
        try:
            rows = await offload(_computed, engine, ready, lane=self._lane)
        except Exception as error:  # the runtime's errors share no other base
            raise ModelBroke(what="the local model failed") from error
        return checked(rows, len(ready))

    async def close(self) -> None:
        if self._engine.task:
            self._engine.task.cancel()

    async def _loaded(self) -> TextEmbedding:
        model = self._model
        _log.info("loading the embedding model", model=model.name, megabytes=model.megabytes)
        try:
            engine = await offload(self._load, lane=self._lane)
        except (ImportError, OSError, ValueError) as error:  # nothing there, nothing fetched
            raise ModelUnreachable from error
        except Exception as error:  # as in embed
            raise ModelBroke(what="the local model cannot be read") from error
        _log.info("embedding model ready", model=model.name)
        return engine

    def _load(self) -> TextEmbedding:
        from fastembed import TextEmbedding  # noqa: PLC0415 - takes a second, in this thread

        _register(self._model)
        return TextEmbedding(
            self._model.name,
            cache_dir=str(self._folder),
            threads=1,
            enable_cpu_mem_arena=False,  # it saves no time, and holds 80 MB
            specific_model_path=str(self._given) if self._given else None,
        )


def _register(model: OnnxModel) -> None:
    from fastembed import TextEmbedding  # noqa: PLC0415 - as above
    from fastembed.common.model_description import ModelSource, PoolingType  # noqa: PLC0415

    known = {one["model"].casefold() for one in TextEmbedding.list_supported_models()}
    if model.name.casefold() not in known:
        TextEmbedding.add_custom_model(
            model.name,
            pooling=PoolingType.MEAN,
            normalization=True,
            sources=ModelSource(hf=model.name),
            dim=model.dim,
            model_file=model.file,
        )


def _computed(engine: TextEmbedding, texts: list[str]) -> list[list[float]]:
    return [row.tolist() for row in engine.embed(texts, batch_size=_BATCH)]


def tells_roles(model: str) -> bool:
    """Whether a model was trained to be told which texts are questions (the E5 family)."""
    return bool(_E5.search(model))


def with_role(texts: Sequence[str], *, query: bool) -> list[str]:
    """Each text behind the word by which E5 models are told its role."""
    role = "query" if query else "passage"
    return [f"{role}: {text}" for text in texts]


def shortened(texts: Sequence[str]) -> list[str]:
    """Cut to 2,000 characters; halves of a character become "?"."""
    return [text[:_LONGEST].encode(errors="replace").decode() for text in texts]


def checked(rows: list[list[float]], count: int) -> list[list[float]]:
    """The same rows. Raises ModelBroke unless they are `count` vectors of one length."""
    if len(rows) != count:
        raise ModelBroke(what=f"{len(rows)} vectors for {count} texts")
    if not all(rows) or len({len(row) for row in rows}) > 1:
        raise ModelBroke(what="vectors of different lengths")
    if not all(isfinite(sum(x * x for x in row)) for row in rows):
        raise ModelBroke(what="vectors that are no numbers")
    return rows
