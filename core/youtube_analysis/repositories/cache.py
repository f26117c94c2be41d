"""What was read and analysed before, kept for a while and made anew before it is old."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import astuple
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from youtube_analysis.concurrency import Supervisor
from youtube_analysis.config import Settings
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.notices import Cause
from youtube_analysis.passages.transcript import Notes, NotesKey
from youtube_analysis.passages.vectors import Vectors

from .packing import freeze, thaw

if TYPE_CHECKING:
    from .derived import StoredNotes

_log = get_logger(__name__)
Value = TypeVar("Value")
Refresh = Callable[[], Awaitable[object]]
CacheKey = tuple[str, ...]
_SWEPT_AT_ONCE = 1000  # takes a third of a millisecond
ENTRY_BYTES = 232  # beside key and value, measured on CPython 3.11


class Namespace(StrEnum):
    """Each has a time to live (CACHE_*_TTL); vectors have that of their video, notes that of an
    analysis."""

    VIDEO = "video"
    VECTORS = "vectors"
    ANALYSIS = "analysis"
    NOTES = "notes"
    FAILURE = "failure"


class CachedVectors:
    """Vectors of talks, kept as long as a video is."""

    def __init__(self, cache: CacheRepository) -> None:
        self._cache = cache

    async def get(self, fingerprint: str, model: str) -> Vectors | None:
        return await self._cache.get(Namespace.VECTORS, (fingerprint, model), Vectors)

    async def put(self, fingerprint: str, model: str, vectors: Vectors) -> None:
        await self._cache.put(Namespace.VECTORS, (fingerprint, model), vectors)


class KeptNotes:
    """Kept as long as an analysis is; in a `store`, as long as a session is about the talk."""

    def __init__(self, cache: CacheRepository) -> None:
        self._cache = cache
        self.store: StoredNotes | None = None

    async def get(self, key: NotesKey) -> Notes | None:
        """Raises DatabaseError, as the store does."""
        known = await self._cache.get(Namespace.NOTES, _parts(key), Notes)
        if known is None and self.store and (known := await self.store.get(key)):
            await self._cache.put(Namespace.NOTES, _parts(key), known)
        return known

    async def put(self, key: NotesKey, notes: Notes) -> None:
        """Raises DatabaseError, as the store does; cached they are all the same."""
        await self._cache.put(Namespace.NOTES, _parts(key), notes)
        if self.store:
            await self.store.put(key, notes)


class CacheRepository:
    """Values are kept as MessagePack bytes, so that nobody can change what another was given;
    what is large is compressed.

    A key is a tuple that names everything the value depends on. At most CACHE_MEMORY_MB are
    kept, the least recently used going first. Belongs to one event loop.
    """

    def __init__(
        self,
        settings: Settings,
        supervisor: Supervisor | None = None,
        metrics: Metrics | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = metrics or Metrics()
        self._store = BoundedMemoryCache(
            settings.cache_memory_mb * 2**20, self.metrics, clock=clock
        )
        self._tasks = supervisor or Supervisor()
        self._ttl = {
            Namespace.VIDEO: settings.cache_video_ttl,
            Namespace.VECTORS: settings.cache_video_ttl,
            Namespace.ANALYSIS: settings.cache_analysis_ttl,
            Namespace.NOTES: settings.cache_analysis_ttl,
            Namespace.FAILURE: settings.cache_failure_ttl,
        }
        self._refresh_at = settings.cache_refresh_at
        self._interval = settings.cache_sweep_interval
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self.metrics.cache_refreshing.set_function(self._refreshing.__len__)

    async def get(
        self,
        namespace: Namespace,
        key: CacheKey,
        kind: type[Value],
        *,
        refresh: Refresh | None = None,
    ) -> Value | None:
        """What is kept, at once. `refresh` makes and puts it anew, in the background and once
        however many ask, where CACHE_REFRESH_AT of its time has passed; if that fails, what is
        kept stays until its time is over, and CACHE_FAILURE_TTL passes before another try."""
        flat = _flat(namespace, key)
        stored = await self._store.get(flat)
        if stored is None:
            self.metrics.cache_misses.inc()
            return None
        self.metrics.cache_hits.inc()
        if refresh and self._is_old(namespace, flat) and self._may_refresh(flat):
            work = self._refresh(namespace, flat, refresh)
            task = self._refreshing[flat] = self._tasks.once(f"refresh {namespace}", work)
            task.add_done_callback(lambda _: self._refreshing.pop(flat, None))
        return await thaw(stored, kind)

    async def put(self, namespace: Namespace, key: CacheKey, value: object) -> None:
        content = await freeze(value)
        await self._store.set(_flat(namespace, key), content, ttl=self._ttl[namespace])
        self._tasks.keep("cache sweep", self._sweep)

    async def failure(self, key: CacheKey) -> VideoAnalysisError | None:
        """Why what has this key could not be made a short while ago."""
        known = await self.get(Namespace.FAILURE, key, Cause)
        return VideoAnalysisError.kept(known.key, known.message, known.values) if known else None

    async def put_failure(self, key: CacheKey, error: VideoAnalysisError) -> None:
        await self.put(Namespace.FAILURE, key, Cause.of(error))

    async def forget(self, part: str) -> int:
        """Every value whose key has this part, and what is made of it anew; tells how many those
        were."""
        known = self._store.known_keys()
        found = [flat for flat in known if part in flat and part in json.loads(flat)]
        for flat in found:
            if refreshing := self._refreshing.get(flat):
                refreshing.cancel()
            await self._store.delete(flat)
        return len(found)

    async def close(self) -> None:
        """Refreshes end, and what is kept is forgotten; the counts are not."""
        refreshing = list(self._refreshing.values())
        for task in refreshing:
            task.cancel()
        await asyncio.gather(*refreshing, return_exceptions=True)
        await self._store.clear()

    def _is_old(self, namespace: Namespace, flat: str) -> bool:
        return self._store.remaining(flat) <= (1 - self._refresh_at) * self._ttl[namespace]

    def _may_refresh(self, flat: str) -> bool:
        failed = _flat(Namespace.FAILURE, (flat,))
        return flat not in self._refreshing and not self._store.remaining(failed)

    async def _refresh(self, namespace: Namespace, flat: str, refresh: Refresh) -> None:
        """What stands in for an answer is not kept: then nothing was made anew either."""
        try:
            await refresh()
        except VideoAnalysisError as error:
            _log.info("refresh failed", key=flat, error=error.code)
        if self._is_old(namespace, flat):
            await self.put(Namespace.FAILURE, (flat,), None)
        else:
            self.metrics.cache_refreshes.inc()

    async def _sweep(self) -> None:
        """Removes what expired, in small steps, and again while there is something."""
        while len(self._store):
            await asyncio.sleep(self._interval)
            for _ in self._store.sweep(_SWEPT_AT_ONCE):
                await asyncio.sleep(0)


def _parts(key: NotesKey) -> tuple[str, ...]:
    return tuple(map(str, astuple(key)))


def _flat(namespace: Namespace, key: CacheKey) -> str:
    return json.dumps([namespace, *key], ensure_ascii=False)


class BoundedMemoryCache(BaseCache):  # type: ignore[misc] # aiocache has no types
    """Values are bytes, of at most `limit` in all, counted with keys and book-keeping.

    Where room is lacking, what was used least recently goes first; a value larger than the limit
    is not kept. A time to live of None or 0 means for ever.
    """

    def __init__(
        self,
        limit: int,
        metrics: Metrics | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # aiocache's own time-out would make a task of every look-up in a dict.
        super().__init__(serializer=NullSerializer(), timeout=None)
        self.limit = limit
        self.size = 0
        self._clock = clock
        # Value, when it expires, what it counts; the least recently used first.
        self._entries: OrderedDict[str, tuple[bytes, float, int]] = OrderedDict()
        self.metrics = metrics = metrics or Metrics()
        metrics.cache_limit.set(limit)
        metrics.cache_bytes.set_function(lambda: self.size)
        metrics.cache_entries.set_function(self.__len__)

    def __len__(self) -> int:
        return len(self._entries)

    def remaining(self, key: str) -> float:
        """Seconds until an entry expires; 0 where there is none."""
        entry = self._entries.get(key)
        return max(0.0, entry[1] - self._clock()) if entry else 0.0

    def known_keys(self) -> list[str]:
        return list(self._entries)

    def sweep(self, step: int) -> Iterator[int]:
        """Removes what has expired; after each `step` entries it looked at, tells how many of
        them had."""
        keys = self.known_keys()
        for first in range(0, len(keys), step):
            now, expired = self._clock(), 0
            for key in keys[first : first + step]:
                if (entry := self._entries.get(key)) and entry[1] <= now:
                    self._expire(key)
                    expired += 1
            yield expired

    async def _get(self, key: str, encoding: str = "", _conn: Any = None) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] <= self._clock():
            self._expire(key)
            return None
        self._entries.move_to_end(key)
        return entry[0]

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_: Any) -> bool:
        self._remove(key)
        size = sys.getsizeof(value) + sys.getsizeof(key) + ENTRY_BYTES
        if size > self.limit:
            return False
        while self.size + size > self.limit:
            self._make_room()
        expires = self._clock() + ttl if ttl else inf
        self._entries[key] = (value, expires, size)
        self.size += size
        return True

    async def _delete(self, key: str, **_: Any) -> int:
        return int(self._remove(key))

    async def _clear(self, namespace: str | None = None, **_: Any) -> bool:
        self._entries.clear()
        self.size = 0
        return True

    def _remove(self, key: str) -> bool:
        if entry := self._entries.pop(key, None):
            self.size -= entry[2]
        return entry is not None

    def _expire(self, key: str) -> None:
        self._remove(key)
        self.metrics.cache_expirations.inc()

    def _make_room(self) -> None:
        _, (_, expires, size) = self._entries.popitem(last=False)
        self.size -= size
        metrics = self.metrics
        (metrics.cache_expirations if expires <= self._clock() else metrics.cache_evictions).inc()
