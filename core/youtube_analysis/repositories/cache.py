"""What was read and analysed before, kept for a while."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TypeVar

import msgspec
from aiocache import SimpleMemoryCache
from aiocache.serializers import NullSerializer

from youtube_analysis.config import Settings

Value = TypeVar("Value")


class Namespace(StrEnum):
    """Each has a time to live of its own (CACHE_*_TTL)."""

    VIDEO = "video"
    ANALYSIS = "analysis"


class CacheRepository:
    """Values are kept as JSON bytes, so that nobody can change what another was given.

    A key is a tuple that names everything the value depends on.
    """

    def __init__(self, settings: Settings) -> None:
        # aiocache's own time-out would make a task of every look-up in a dict.
        self._store = SimpleMemoryCache(serializer=NullSerializer(), timeout=None)
        self._ttl = {
            Namespace.VIDEO: settings.cache_video_ttl,
            Namespace.ANALYSIS: settings.cache_analysis_ttl,
        }

    async def get(
        self, namespace: Namespace, key: tuple[str, ...], kind: type[Value]
    ) -> Value | None:
        stored = await self._store.get(_flat(namespace, key))
        return None if stored is None else msgspec.json.decode(stored, type=kind)

    async def put(self, namespace: Namespace, key: tuple[str, ...], value: object) -> None:
        content = msgspec.json.encode(value)
        await self._store.set(_flat(namespace, key), content, ttl=self._ttl[namespace])

    async def close(self) -> None:
        """Timers of kept values die with them."""
        await self._store.clear()


def _flat(namespace: Namespace, key: tuple[str, ...]) -> str:
    return json.dumps([namespace, *key], ensure_ascii=False)
