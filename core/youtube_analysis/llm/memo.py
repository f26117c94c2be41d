"""Values that are made once, however many wait for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from youtube_analysis.concurrency import Lane, lane_for, offload, spawn
from youtube_analysis.passages.transcript import Transcript

Result = TypeVar("Result")
# For the next sections and questions; of an hour of talk, such things hold about 1 MB.
_KEPT_TALKS = 16
_PASSAGE = 250  # characters, about


class Once(Generic[Result]):
    """A value made by a task of its own when first wanted, and anew after a failure. Who stops
    waiting leaves it to the others. Belongs to one event loop."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> None:
        self._make = make
        self.task: asyncio.Task[Result] | None = None

    @property
    def is_made(self) -> bool:
        task = self.task
        return bool(task and task.done() and not task.cancelled() and not task.exception())

    def start(self) -> asyncio.Task[Result]:
        """Under way or done; whoever awaits it meets any error."""
        task = self.task
        if task is None or (task.done() and not self.is_made):
            task = self.task = spawn(self._make(), "make once")
        return task

    async def get(self) -> Result:
        return await asyncio.shield(self.start())


class TalkMemo(Generic[Result]):
    """An LRU memo, by fingerprint, of what is computed from a talk beside the event loop."""

    def __init__(self, make: Callable[[Transcript], Result]) -> None:
        self._make = make
        self._made: OrderedDict[str, Once[Result]] = OrderedDict()

    def start(self, reading: Transcript) -> Once[Result]:
        once = self._made.pop(reading.fingerprint, None)
        if once is None:
            once = Once(lambda: offload(self._make, reading, lane=lane_of(reading)))
        self._made[reading.fingerprint] = once
        if len(self._made) > _KEPT_TALKS:
            self._made.popitem(last=False)
        once.start()
        return once

    async def get(self, reading: Transcript) -> Result:
        return await self.start(reading).get()


def lane_of(reading: Transcript) -> Lane:
    """For work that grows with the talk."""
    return lane_for(len(reading.passages) * _PASSAGE)
