"""The order that the platform gives to events; what came before it came first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    happened = sa.Column("happened", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("events", happened)
