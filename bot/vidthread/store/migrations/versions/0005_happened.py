"""The platform's order of events is a column: it was told only within what was kept of them."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic.operations import Operations

revision = "0005"
down_revision = "0004"


class _Kept(msgspec.Struct):
    happened: int = 0


def upgrade(op: Operations) -> None:
    op.add_column("events", sa.Column("happened", sa.BigInteger))
    events = sa.table("events", *map(sa.column, ("id", "incoming", "happened")))
    connection = op.get_bind()
    kept = sa.select(events.c.id).where(events.c.incoming.is_not(None))
    for row in connection.scalars(kept).all():
        this = events.c.id == row
        content = connection.execute(sa.select(events.c.incoming).where(this)).scalar_one()
        if happened := _happened(content):
            connection.execute(sa.update(events).where(this).values(happened=happened))


def _happened(content: bytes) -> int:
    try:
        return msgspec.msgpack.decode(content, type=_Kept).happened
    except msgspec.DecodeError:
        return 0  # what another version wrote is not understood later on, either
