"""A database on a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Result = TypeVar("Result")

_CONNECTIONS = 10
_CONNECT_TIMEOUT = 10.0
_STATEMENT_TIMEOUT = 30.0


class Server:
    def __init__(self, address: str) -> None:
        self._writes = _engine(address)
        self._reads = self._writes.execution_options(isolation_level="REPEATABLE READ")
        self._under_way = 0
        self._idle = asyncio.Event()

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        return await self._within(self._reads, work)

    async def write(self, work: Callable[[Connection], Result], *, first: bool) -> Result:
        """There is no line in which anybody could be `first`."""
        return await self._within(self._writes, work)

    async def close(self) -> None:
        if self._under_way:
            await self._idle.wait()
        await self._writes.dispose()

    async def _within(self, engine: AsyncEngine, work: Callable[[Connection], Result]) -> Result:
        self._under_way += 1
        self._idle.clear()
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()


def _engine(address: str) -> AsyncEngine:
    server = address.replace("postgresql+asyncpg://", "postgresql://", 1)

    async def connect(*_: object, **__: object) -> asyncpg.Connection:
        # The driver reads the address itself: it knows sslmode, sockets and several hosts.
        return await asyncpg.connect(
            server,
            timeout=_CONNECT_TIMEOUT,
            command_timeout=_STATEMENT_TIMEOUT,
            server_settings={"application_name": "vidthread"},
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    return engine


def _refuse_lost(
    connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection
) -> None:
    """After a restart of the server, its old connections are replaced; asking costs nothing."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
