"""What was read and analysed before, kept for a while and made anew before it is old."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import msgspec

from youtube_analysis.config import Settings
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger

from .bounded_cache import BoundedMemoryCache

_log = get_logger(__name__)
Value = TypeVar("Value")
Refresh = Callable[[], Awaitable[object]]
_MB = 2**20
# While an upstream is down, what is old is not made anew with every look at it.
_REFRESH_AGAIN = 60.0


class Namespace(StrEnum):
    """Each has a time to live of its own (CACHE_*_TTL)."""

    VIDEO = "video"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Sizes in bytes; counts since the cache was made; `refreshing` is how many are under way."""

    entries: int
    size: int
    limit: int
    hits: int
    misses: int
    evictions: int
    refreshes: int
    refreshing: int


class CacheRepository:
    """Values are kept as MessagePack bytes, so that nobody can change what another was given.

    A key is a tuple that names everything the value depends on. At most CACHE_MEMORY_MB are
    kept, the least recently used going first. Belongs to one event loop.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = BoundedMemoryCache(settings.cache_memory_mb * _MB, clock=clock)
        self._ttl = {
            Namespace.VIDEO: settings.cache_video_ttl,
            Namespace.ANALYSIS: settings.cache_analysis_ttl,
        }
        self._refresh_at = settings.cache_refresh_at
        self._interval = settings.cache_sweep_interval
        self._sweeping: asyncio.TimerHandle | None = None
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._refresh_failed: dict[str, float] = {}
        self._clock = clock
        self._hits = 0
        self._misses = 0
        self._refreshes = 0

    async def get(
        self,
        namespace: Namespace,
        key: tuple[str, ...],
        kind: type[Value],
        *,
        refresh: Refresh | None = None,
    ) -> Value | None:
        """What is kept, at once. `refresh` makes and puts it anew, in the background and once
        however many ask, where CACHE_REFRESH_AT of its time has passed; if that fails, what is
        kept stays until its time is over, and a minute passes before another try."""
        flat = _flat(namespace, key)
        stored = await self._store.get(flat)
        if stored is None:
            self._misses += 1
            return None
        self._hits += 1
        if refresh and self._is_old(namespace, flat) and self._may_refresh(flat):
            work = self._refresh(namespace, flat, refresh)
            self._refreshing[flat] = asyncio.create_task(work, name=f"refresh {flat}")
        return msgspec.msgpack.decode(stored, type=kind)

    async def put(self, namespace: Namespace, key: tuple[str, ...], value: object) -> None:
        content = msgspec.msgpack.encode(value)
        await self._store.set(_flat(namespace, key), content, ttl=self._ttl[namespace])
        if self._sweeping is None:
            self._sweep_later()

    async def close(self) -> None:
        """Refreshes end, and what is kept is forgotten; the counts are not."""
        if self._sweeping:
            self._sweeping.cancel()
            self._sweeping = None
        tasks = list(self._refreshing.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
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
            refreshes=self._refreshes,
            refreshing=len(self._refreshing),
        )

    def _is_old(self, namespace: Namespace, flat: str) -> bool:
        return self._store.remaining(flat) <= (1 - self._refresh_at) * self._ttl[namespace]

    def _may_refresh(self, flat: str) -> bool:
        failed = self._refresh_failed.get(flat)
        rested = failed is None or self._clock() - failed >= _REFRESH_AGAIN
        return rested and flat not in self._refreshing

    async def _refresh(self, namespace: Namespace, flat: str, refresh: Refresh) -> None:
        """What stands in for an answer is not kept: then nothing was made anew either."""
        try:
            await refresh()
        except VideoAnalysisError as error:
            _log.info("refresh failed", key=flat, error=error.code)
        finally:
            del self._refreshing[flat]
        if self._is_old(namespace, flat):
            self._refresh_failed[flat] = self._clock()
        else:
            self._refresh_failed.pop(flat, None)
            self._refreshes += 1

    def _sweep_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(self._interval, self._sweep)

    def _sweep(self) -> None:
        """Removes what expired, and comes again while there is something."""
        self._store.sweep()
        self._refresh_failed = {
            flat: failed
            for flat, failed in self._refresh_failed.items()
            if self._clock() - failed < _REFRESH_AGAIN
        }
        self._sweeping = None
        if len(self._store):
            self._sweep_later()


def _flat(namespace: Namespace, key: tuple[str, ...]) -> str:
    return json.dumps([namespace, *key], ensure_ascii=False)
