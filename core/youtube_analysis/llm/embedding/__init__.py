"""Embedders: texts become vectors that are near each other where the texts mean the same."""

from __future__ import annotations

from youtube_analysis.config import Settings

from .local import LocalEmbedder, is_installed
from .port import Embedder
from .server import OpenAIEmbedder

__all__ = ["Embedder", "LocalEmbedder", "OpenAIEmbedder", "is_installed", "make_embedder"]


def make_embedder(settings: Settings) -> Embedder | None:
    """A server's where OPENAI_EMBEDDING_MODEL is set, else the local one where the extra
    `vidthread[semantic]` is installed, else none; none where SEMANTIC is off."""
    if settings.semantic == "off":
        return None
    if settings.openai_embedding_model:
        return OpenAIEmbedder(settings)
    return LocalEmbedder(settings.models_folder) if is_installed() else None
