"""A cache in memory that never holds more bytes than it may, nor serves what has expired."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

from youtube_analysis.metrics import Metrics

# What an entry costs beside its key and its value (ordered dict, tuple, time), measured on
# CPython 3.11.
ENTRY_BYTES = 232
_FOR_EVER = float("inf")


class BoundedMemoryCache(BaseCache):  # type: ignore[misc] # aiocache has no types
    """Values are bytes, of at most `limit` in all, counted with keys and book-keeping.

    Where room is lacking, what was used least recently goes first; a value larger than the limit
    is not kept. A time to live of None or 0 means for ever.
    """

    NAME = "bounded-memory"

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
                entry = self._entries.get(key)
                if entry and entry[1] <= now:
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

    async def _multi_get(self, keys: Iterable[str], *_: Any, **__: Any) -> list[bytes | None]:
        return [await self._get(key) for key in keys]

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_: Any) -> bool:
        self._remove(key)
        size = sys.getsizeof(value) + sys.getsizeof(key) + ENTRY_BYTES
        if size > self.limit:
            return False
        while self.size + size > self.limit:
            self._make_room()
        expires = self._clock() + ttl if ttl else _FOR_EVER
        self._entries[key] = (value, expires, size)
        self.size += size
        return True

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None = None, **_: Any
    ) -> bool:
        return all([await self._set(key, value, ttl) for key, value in pairs])

    async def _exists(self, key: str, **_: Any) -> bool:
        return await self._get(key) is not None

    async def _delete(self, key: str, **_: Any) -> int:
        known = key in self._entries
        self._remove(key)
        return int(known)

    async def _clear(self, namespace: str | None = None, **_: Any) -> bool:
        for key in [key for key in self._entries if key.startswith(namespace or "")]:
            self._remove(key)
        return True

    def _remove(self, key: str) -> None:
        if entry := self._entries.pop(key, None):
            self.size -= entry[2]

    def _expire(self, key: str) -> None:
        self._remove(key)
        self.metrics.cache_expirations.inc()

    def _make_room(self) -> None:
        _, (_, expires, size) = self._entries.popitem(last=False)
        self.size -= size
        if expires <= self._clock():
            self.metrics.cache_expirations.inc()
        else:
            self.metrics.cache_evictions.inc()
