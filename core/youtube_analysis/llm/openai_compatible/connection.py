"""A server's client that is opened when first needed, and closed with the loop."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from youtube_analysis.errors import ModelUnreachable
from youtube_analysis.event_loops import begin, close_with_loop

if TYPE_CHECKING:
    from .wire import Wire


class Connection:
    """Belongs to one event loop. `options` are those of `Wire`."""

    def __init__(self, base_url: str, api_key: str | None, **options: Any) -> None:
        self._connect = partial(_connect, base_url, api_key, **options)
        self._wire: Wire | None = None
        self._opening = asyncio.Lock()
        self._preparing: asyncio.Task[Wire] | None = None
        self._held: object = None

    @property
    def is_open(self) -> bool:
        return self._wire is not None

    def prepare(self) -> None:
        """Begins to open it; who needs it meets any error."""
        if self._wire is None and (self._preparing is None or self._preparing.done()):
            self._preparing = begin(self.open(), "open a model's client")

    async def open(self) -> Wire:
        """Made beside the event loop. Raises ModelUnreachable."""
        async with self._opening:
            if self._wire is None:
                try:
                    self._wire = await asyncio.to_thread(self._connect)
                except OSError as error:  # certificates that cannot be read
                    raise ModelUnreachable from error
                self._held = close_with_loop(self.close)
        return self._wire

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        if self._preparing:
            await asyncio.wait([self._preparing])
        wire, self._wire = self._wire, None
        if wire:
            await wire.close()


def _connect(base_url: str, api_key: str | None, **options: Any) -> Wire:
    # Half a second, which neither a start nor offline use should pay.
    from .wire import Wire  # noqa: PLC0415

    return Wire(base_url, api_key, **options)
