"""LocalEmbedder: a small multilingual model on this machine, by the extra `vidthread[semantic]`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from youtube_analysis.concurrency import Lane, offload, spawn
from youtube_analysis.errors import ModelBroke, ModelUnreachable
from youtube_analysis.logging import get_logger

from .port import BATCH, checked, shortened, tells_roles, with_role

if TYPE_CHECKING:
    from fastembed import TextEmbedding

_log = get_logger(__name__)
_TOLD_EVERY = 10.0
_MB = 2**20


@dataclass(frozen=True, slots=True)
class LocalModel:
    """`name` is its repository on Hugging Face, `file` its ONNX graph there, `dim` the length of
    its vectors, which are means over all tokens; `megabytes` are fetched."""

    name: str
    file: str
    dim: int
    megabytes: int


E5_SMALL = LocalModel("intfloat/multilingual-e5-small", "onnx/model.onnx", 384, 490)


def is_installed() -> bool:
    return find_spec("fastembed") is not None


class LocalEmbedder:
    """Computes on one thread of its own, which never keeps the program from ending.

    The model is fetched into `folder` when the first text comes, unless it is there; `given` is a
    folder that holds its files already.
    """

    def __init__(
        self, folder: Path, model: LocalModel = E5_SMALL, *, given: Path | None = None
    ) -> None:
        self.name = model.name
        self._model = model
        self._folder = folder
        self._given = given
        self._lane = Lane("embedding")
        self._loading: asyncio.Task[TextEmbedding] | None = None

    async def load(self) -> None:
        """Does nothing: the first text loads the model, so that an idle bot holds none."""

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        engine = await self._ready()
        ready = shortened(texts)
        if tells_roles(self.name):
            ready = with_role(ready, query=query)
        try:
            rows = await offload(_computed, engine, ready, lane=self._lane)
        except Exception as error:  # the runtime's errors share no other base
            raise ModelBroke("the local model failed") from error
        return checked(rows, len(ready))

    async def close(self) -> None:
        if self._loading:
            self._loading.cancel()

    async def _ready(self) -> TextEmbedding:
        """Loaded once however many wait; who gives up leaves it to the others."""
        if self._loading is None or _failed(self._loading):
            self._loading = spawn(self._loaded(), "load the embedding model")
        return await asyncio.shield(self._loading)

    async def _loaded(self) -> TextEmbedding:
        model = self._model
        _log.info("loading the embedding model", model=model.name, megabytes=model.megabytes)
        loading = spawn(offload(self._load, lane=self._lane), "import and fetch it")
        while not (await asyncio.wait([loading], timeout=_TOLD_EVERY))[0]:
            _log.info("fetching the embedding model", megabytes=_megabytes(self._folder))
        try:
            engine = loading.result()
        except (ImportError, OSError, ValueError) as error:  # nothing there, nothing fetched
            raise ModelUnreachable from error
        except Exception as error:  # as in embed
            raise ModelBroke("the local model cannot be read") from error
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


def _register(model: LocalModel) -> None:
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


def _failed(loading: asyncio.Task[TextEmbedding]) -> bool:
    return loading.done() and (loading.cancelled() or loading.exception() is not None)


def _computed(engine: TextEmbedding, texts: list[str]) -> list[list[float]]:
    return [row.tolist() for row in engine.embed(texts, batch_size=BATCH)]


def _megabytes(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) // _MB
