"""The tables in which sessions are kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from youtube_analysis.models.analysis import TaskOutput
from youtube_analysis.models.chat import Answer
from youtube_analysis.passages.transcript import Notes

from .schema import Key, Moment, Packed, RowId, Schema, Words

METADATA = MetaData()
SCHEMA = Schema("youtube_analysis.repositories.migrations", "session_versions", "0004", METADATA)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("key", Key, nullable=False),
    Column("title", Words, nullable=False),
    Column("language", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("key", name="sessions_by_key"),
)

# A talk is shared by all sessions about it; the last one takes it away.
talks = Table(
    "talks",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("used_at", Moment, nullable=False),
)

talk_vectors = Table(
    "talk_vectors",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("dim", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["fingerprint"], ["talks.fingerprint"], ondelete="CASCADE"),
)

# By the model's name and the version of its prompts, and by the passages that they are of.
talk_notes = Table(
    "talk_notes",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, primary_key=True),
    Column("notes", Packed(Notes), nullable=False),
    ForeignKeyConstraint(["fingerprint"], ["talks.fingerprint"], ondelete="CASCADE"),
)

session_videos = Table(
    "session_videos",
    METADATA,
    Column("session_id", RowId, nullable=False, primary_key=True),
    Column("fingerprint", Text, ForeignKey("talks.fingerprint"), primary_key=True),
    Column("video_id", Text, nullable=False),
    Column("title", Words, nullable=False),
    Column("link", Words, nullable=False),
    Column("place", BigInteger, nullable=False),
    ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
    Index("session_videos_video", "video_id"),
    Index("session_videos_talk", "fingerprint"),
)

# Messages of one reply share a `place` in the order of the session.
messages = Table(
    "messages",
    METADATA,
    Column("session_id", RowId, nullable=False, primary_key=True),
    Column("place", BigInteger, nullable=False, primary_key=True),
    Column("number", Integer, nullable=False, primary_key=True),
    Column("reply", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("answer", Packed(Answer)),
    Column("section", Packed(TaskOutput)),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
    Index("messages_reply", "session_id", "reply"),
)
