"""Events taken in, pages posted, the playground's posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_THREAD = ("platform", "workspace", "channel", "thread")


def upgrade(op: Operations) -> None:
    _create_events(op)
    _create_pages(op)
    _create_posts(op)


def _create_events(op: Operations) -> None:
    op.create_table(
        "events",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("at_workspace", sa.Text),
        sa.Column("at_channel", sa.Text),
        sa.Column("at_thread", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("incoming", sa.LargeBinary),
        sa.Column("reply", sa.LargeBinary),
        sa.Column("received_at", _TIME, nullable=False),
        sa.UniqueConstraint("platform", "event", name="events_event"),
        sa.UniqueConstraint("platform", "workspace", "channel", "message", name="events_message"),
    )
    op.create_index("events_state", "events", ["state", "received_at"])
    thread = ["platform", "at_workspace", "at_channel", "at_thread"]
    op.create_index("events_thread", "events", thread)


def _create_pages(op: Operations) -> None:
    op.create_table(
        "pages",
        *_thread_columns(),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("place", sa.Text),
        sa.PrimaryKeyConstraint(*_THREAD, "reply", "number"),
    )


def _create_posts(op: Operations) -> None:
    op.create_table(
        "posts",
        sa.Column("id", _ROW_ID, primary_key=True),
        *_thread_columns(),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.UniqueConstraint(*_THREAD, "nonce", name="posts_nonce"),
    )


def _thread_columns() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in _THREAD]
