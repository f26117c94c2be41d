"""The tables of the first version, as its databases have them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from youtube_analysis.repositories.migrations import Schema, take_steps

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_THREAD = ("platform", "workspace", "channel", "thread")


def make_by_steps(connection: sa.Connection, schema: Schema) -> None:
    """The first tables, and every step after them up to the head of the schema."""
    op = Operations(MigrationContext.configure(connection))
    if schema.versions == "session_versions":
        _create_sessions(op)
        _create_videos(op)
        _create_messages(op)
    else:
        _create_events(op)
        _create_pages(op)
        _create_posts(op)
    take_steps(connection, schema, "0001")


def _create_sessions(op: Operations) -> None:
    op.create_table(
        "sessions",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("platform", "workspace", "channel", "thread", name="sessions_key"),
    )
    place = ["platform", "workspace", "channel", "updated_at"]
    op.create_index("sessions_recent", "sessions", place)


def _create_videos(op: Operations) -> None:
    op.create_table(
        "talks",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("used_at", _TIME, nullable=False),
    )
    op.create_table(
        "session_videos",
        sa.Column("session_id", _ROW_ID, primary_key=True),
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("video_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["fingerprint"], ["talks.fingerprint"]),
    )
    op.create_index("session_videos_video", "session_videos", ["video_id"])
    op.create_index("session_videos_talk", "session_videos", ["fingerprint"])


def _create_messages(op: Operations) -> None:
    op.create_table(
        "messages",
        sa.Column("session_id", _ROW_ID, primary_key=True),
        sa.Column("place", sa.BigInteger, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("section", sa.LargeBinary),
        sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
        sa.Column("completion_tokens", sa.BigInteger, nullable=False),
        sa.Column("cached_tokens", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
    )
    op.create_index("messages_reply", "messages", ["session_id", "reply"])


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
