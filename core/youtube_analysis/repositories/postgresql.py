"""A database on a server."""

from __future__ import annotations

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_CONNECTIONS = 10
_CONNECT_TIMEOUT = 10.0
_STATEMENT_TIMEOUT = 30.0


def create_engine(address: str) -> AsyncEngine:
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
