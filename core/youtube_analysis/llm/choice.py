"""Which models the settings mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from youtube_analysis.config import Settings
from youtube_analysis.metrics import Metrics

from .embedding import Embedder
from .embedding.local import LocalEmbedder, is_installed
from .embedding.server import OpenAIEmbedder

if TYPE_CHECKING:
    from .openai_compatible import OpenAICompatibleModel


def remote_model(
    settings: Settings, metrics: Metrics, *, reuse: bool
) -> OpenAICompatibleModel | None:
    """None where analyses are made offline."""
    if not settings.has_model:
        return None
    # Imported late: its client takes half a second, which offline use should not pay.
    from .openai_compatible import OpenAICompatibleModel  # noqa: PLC0415

    return OpenAICompatibleModel(settings, metrics, reuse=reuse)


def embedder(settings: Settings) -> Embedder | None:
    """A server's where OPENAI_EMBEDDING_MODEL is set, else the local one where the extra
    `vidthread[semantic]` is installed, else none; none where SEMANTIC is off."""
    if settings.semantic == "off":
        return None
    if settings.openai_embedding_model:
        return OpenAIEmbedder(settings)
    return LocalEmbedder(settings.models_folder) if is_installed() else None
