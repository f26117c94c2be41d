"""TalkMemo: what is computed once a talk, beside the event loop, however many ask for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from youtube_analysis.concurrency import Lane, lane_for, offload, spawn
from youtube_analysis.passages.reading import Reading

Result = TypeVar("Result")
# For the next sections and questions; of an hour of talk, such things hold about 1 MB.
_KEPT_TALKS = 16
_PASSAGE = 250  # characters, about


class TalkMemo(Generic[Result]):
    """An LRU memo by fingerprint. Belongs to one event loop."""

    def __init__(self, make: Callable[[Reading], Result]) -> None:
        self._make = make
        self._made: OrderedDict[str, asyncio.Task[Result]] = OrderedDict()

    def start(self, reading: Reading) -> asyncio.Task[Result]:
        """Begun or done already; await it shielded, since others may be waiting too."""
        making = self._made.pop(reading.fingerprint, None)
        if making is None or _failed(making):
            making = spawn(offload(self._make, reading, lane=lane_of(reading)), "prepare a talk")
        self._made[reading.fingerprint] = making
        if len(self._made) > _KEPT_TALKS:
            self._made.popitem(last=False)
        return making

    async def get(self, reading: Reading) -> Result:
        return await asyncio.shield(self.start(reading))


def lane_of(reading: Reading) -> Lane:
    """For work that grows with the talk."""
    return lane_for(len(reading.passages) * _PASSAGE)


def _failed(making: asyncio.Task[Result]) -> bool:
    return making.done() and (making.cancelled() or making.exception() is not None)
