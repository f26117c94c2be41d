"""Sessions, their videos and their messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    _create_sessions(op)
    _create_videos(op)
    _create_messages(op)


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
