"""A cache in memory that never holds more bytes than it may, nor serves what has expired."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

# What an entry costs beside its key and its value (dict, heap, record), measured on CPython 3.11.
ENTRY_BYTES = 352


@dataclass(slots=True)
class _Entry:
    value: bytes
    expires: float
    size: int


class BoundedMemoryCache(BaseCache):  # type: ignore[misc] # aiocache has no types
    """Values are bytes, of at most `limit` in all, counted with keys and book-keeping.

    Where room is lacking, what was used least recently goes first; a value larger than the limit
    is not kept. A time to live of None or 0 means for ever.
    """

    NAME = "bounded-memory"

    def __init__(self, limit: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        # aiocache's own time-out would make a task of every look-up in a dict.
        super().__init__(serializer=NullSerializer(), timeout=None)
        self.limit = limit
        self.size = 0
        self.evictions = 0
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._expiring: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def remaining(self, key: str) -> float:
        """Seconds until an entry expires; 0 where there is none."""
        entry = self._entries.get(key)
        return max(0.0, entry.expires - self._clock()) if entry else 0.0

    def sweep(self) -> int:
        """Removes what has expired and tells how much that was."""
        before, now = len(self._entries), self._clock()
        while self._expiring and self._expiring[0][0] <= now:
            expires, key = heappop(self._expiring)
            entry = self._entries.get(key)
            if entry and entry.expires == expires:  # else it was overwritten meanwhile
                self._remove(key)
        return before - len(self._entries)

    async def _get(self, key: str, *_: Any, **__: Any) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._clock():
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def _multi_get(self, keys: Iterable[str], *_: Any, **__: Any) -> list[bytes | None]:
        return [await self._get(key) for key in keys]

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_: Any) -> bool:
        self._remove(key)
        self.sweep()
        size = sys.getsizeof(value) + sys.getsizeof(key) + ENTRY_BYTES
        if size > self.limit:
            return False
        while self.size + size > self.limit:
            self._remove(next(iter(self._entries)))
            self.evictions += 1
        expires = self._clock() + ttl if ttl else float("inf")
        self._entries[key] = _Entry(value, expires, size)
        self.size += size
        if ttl:
            heappush(self._expiring, (expires, key))
        self._prune()
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
        self._prune()
        return True

    def _remove(self, key: str) -> None:
        if entry := self._entries.pop(key, None):
            self.size -= entry.size

    def _prune(self) -> None:
        """Times of what was overwritten or removed are forgotten, before they are most of all."""
        if len(self._expiring) > 2 * len(self._entries) + 64:
            self._expiring = sorted(
                (entry.expires, key)
                for key, entry in self._entries.items()
                if entry.expires != float("inf")
            )
