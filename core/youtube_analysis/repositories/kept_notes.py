"""Notes of the parts of long talks: in the cache, and behind it where they last."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from youtube_analysis.passages.transcript import Notes, NotesKey

from .cache import CacheRepository, Namespace

if TYPE_CHECKING:
    from .stored_notes import StoredNotes


class KeptNotes:
    """Kept as long as an analysis is; in a `store`, as long as a session is about the talk."""

    def __init__(self, cache: CacheRepository) -> None:
        self._cache = cache
        self.store: StoredNotes | None = None

    async def get(self, key: NotesKey) -> Notes | None:
        """Raises DatabaseError, as the store does."""
        known = await self._cache.get(Namespace.NOTES, _flat(key), Notes)
        if known is None and self.store and (known := await self.store.get(key)):
            await self._cache.put(Namespace.NOTES, _flat(key), known)
        return known

    async def put(self, key: NotesKey, notes: Notes) -> None:
        """Raises DatabaseError, as the store does; cached they are all the same."""
        await self._cache.put(Namespace.NOTES, _flat(key), notes)
        if self.store:
            await self.store.put(key, notes)


def _flat(key: NotesKey) -> tuple[str, ...]:
    return tuple(map(str, astuple(key)))
