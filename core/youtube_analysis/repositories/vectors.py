"""Vectors of talks, kept in the cache as long as a video is."""

from __future__ import annotations

from youtube_analysis.passages.vectors import Vectors

from .cache import CacheRepository, Namespace


class CachedVectors:
    def __init__(self, cache: CacheRepository) -> None:
        self._cache = cache

    async def get(self, fingerprint: str, model: str) -> Vectors | None:
        return await self._cache.get(Namespace.VECTORS, (fingerprint, model), Vectors)

    async def put(self, fingerprint: str, model: str, vectors: Vectors) -> None:
        await self._cache.put(Namespace.VECTORS, (fingerprint, model), vectors)
