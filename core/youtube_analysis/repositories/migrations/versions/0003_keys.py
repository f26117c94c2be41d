"""A session has one opaque key. Who wrote what, and where, is known to whoever gave that key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

# In the order of bytes, so that keys with one beginning stand together.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    op.add_column("sessions", sa.Column("key", _KEY))
    op.execute("UPDATE sessions SET key = "
               "platform || '/' || workspace || '/' || channel || '/' || thread")  # fmt: skip
    op.drop_index("sessions_recent", "sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("key", existing_type=_KEY, nullable=False)
        sessions.drop_constraint("sessions_key", type_="unique")
        sessions.create_unique_constraint("sessions_by_key", ["key"])
        for name in ("platform", "workspace", "channel", "thread", "quiet"):
            sessions.drop_column(name)
    op.drop_column("messages", "author")
