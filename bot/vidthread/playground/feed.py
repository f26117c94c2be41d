"""What the pages in browsers are told while they watch a thread."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vidthread.thread_key import ThreadKey

Told = tuple[str, dict[str, Any]]


class Listener:
    """What one page is yet to be told: of each thing only the newest, in the order in which
    things first changed. So a slow page costs no more memory than a fast one."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._news = asyncio.Event()

    def tell(self, event: str, data: dict[str, Any]) -> None:
        self._waiting[event, str(data.get("key", ""))] = data
        self._news.set()

    async def hear(self) -> list[Told]:
        """Waits until there is something."""
        await self._news.wait()
        self._news.clear()
        told = [(event, data) for (event, _), data in self._waiting.items()]
        self._waiting.clear()
        return told


class Feed:
    """Tells everybody who watches a thread. Belongs to one event loop."""

    def __init__(self) -> None:
        self._listeners: dict[ThreadKey, set[Listener]] = {}

    @contextmanager
    def listening(self, key: ThreadKey) -> Iterator[Listener]:
        listener = Listener()
        self._listeners.setdefault(key, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[key].discard(listener)
            if not self._listeners[key]:
                del self._listeners[key]

    def tell(self, key: ThreadKey, event: str, data: dict[str, Any]) -> None:
        for listener in self._listeners.get(key, ()):
            listener.tell(event, data)
