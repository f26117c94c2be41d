"""What was read and analysed before, kept for a while."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import msgspec

from youtube_analysis.config import Settings

from .bounded_cache import BoundedMemoryCache

Value = TypeVar("Value")
_MB = 2**20


class Namespace(StrEnum):
    """Each has a time to live of its own (CACHE_*_TTL)."""

    VIDEO = "video"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Sizes in bytes; counts since the cache was made."""

    entries: int
    size: int
    limit: int
    hits: int
    misses: int
    evictions: int


class CacheRepository:
    """Values are kept as MessagePack bytes, so that nobody can change what another was given.

    A key is a tuple that names everything the value depends on. At most CACHE_MEMORY_MB are
    kept, the least recently used going first.
    """

    def __init__(self, settings: Settings) -> None:
        self._store = BoundedMemoryCache(settings.cache_memory_mb * _MB)
        self._ttl = {
            Namespace.VIDEO: settings.cache_video_ttl,
            Namespace.ANALYSIS: settings.cache_analysis_ttl,
        }
        self._hits = 0
        self._misses = 0

    async def get(
        self, namespace: Namespace, key: tuple[str, ...], kind: type[Value]
    ) -> Value | None:
        stored = await self._store.get(_flat(namespace, key))
        if stored is None:
            self._misses += 1
            return None
        self._hits += 1
        return msgspec.msgpack.decode(stored, type=kind)

    async def put(self, namespace: Namespace, key: tuple[str, ...], value: object) -> None:
        content = msgspec.msgpack.encode(value)
        await self._store.set(_flat(namespace, key), content, ttl=self._ttl[namespace])

    async def close(self) -> None:
        """What is kept is forgotten; the counts are not."""
        await self._store.clear()

    def stats(self) -> CacheStats:
        store = self._store
        return CacheStats(
            entries=len(store),
            size=store.size,
            limit=store.limit,
            hits=self._hits,
            misses=self._misses,
            evictions=store.evictions,
        )


def _flat(namespace: Namespace, key: tuple[str, ...]) -> str:
    return json.dumps([namespace, *key], ensure_ascii=False)
