"""What tables are made of, on either database, and those in which sessions are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
)

from youtube_analysis.checking.literal import mended
from youtube_analysis.models.analysis import TaskOutput
from youtube_analysis.models.chat import Answer
from youtube_analysis.passages.transcript import Notes

from .migrations import Schema
from .packing import pack, unpack

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# SQLite counts up only what it calls INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")
# In the order of bytes, so that keys with one beginning stand together.
Key = Text().with_variant(Text(collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A time that is aware and in UTC on its way in and out; SQLite itself knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is no moment")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value
        return aware.astimezone(UTC)


class Words(TypeDecorator[str]):
    """What people write. PostgreSQL refuses NUL, and nobody can keep half a character."""

    impl = Text()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(mended(value))


class Packed(TypeDecorator[Any]):
    """A shape as bytes; None too where another version wrote what this one does not understand."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, shape: type[Any]) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else unpack(value, self.shape)


def begins_with(column: Column[str], prefix: str) -> ColumnElement[bool]:
    """Of a Key: a range of its index. The prefix is not empty."""
    return and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict; both databases know the same words."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - one of them is never needed

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def upsert(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """The row with this key has these values from now on."""
    inserting = insert(connection, table).values(**key, **values)
    connection.execute(inserting.on_conflict_do_update(index_elements=list(key), set_=values))


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
