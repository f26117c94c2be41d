"""Discord as one of the adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vidthread.adapter import Adapter, House, Mounted

from .surface import PACE, PLATFORM
from .transport import Connection


def discord_adapter(token: str, *, pace: float = PACE) -> Adapter:
    """`pace` is the seconds between two edits of one message."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        connection = Connection(house, token, pace)
        try:
            yield Mounted(PLATFORM, connection.open)
        finally:
            await connection.close()

    return opened
