"""The tables of the bot."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from youtube_analysis.repositories.migrations import Schema
from youtube_analysis.repositories.tables import Key, Moment, RowId

METADATA = MetaData()
SCHEMA = Schema("vidthread.store.migrations", "bot_versions", "0007", METADATA)
_THREAD = ("platform", "workspace", "channel", "thread")


def thread_columns() -> tuple[Column[str], ...]:
    return tuple(Column(name, Text, nullable=False) for name in _THREAD)


# `message` is empty (NULL) where only the event's own id counts, `happened` where the platform
# tells no order. `at_…` is the thread that an event led to, which a platform may keep elsewhere
# than where the event came from. `tries` counts resumptions.
events = Table(
    "events",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message", Text),
    Column("at_workspace", Text),
    Column("at_channel", Text),
    Column("at_thread", Text),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("incoming", LargeBinary),
    Column("reply", LargeBinary),
    Column("received_at", Moment, nullable=False),
    Column("happened", BigInteger),
    UniqueConstraint("platform", "event", name="events_event"),
    UniqueConstraint("platform", "workspace", "channel", "message", name="events_message"),
    Index("events_state", "state", "received_at"),
    Index("events_thread", "platform", "at_workspace", "at_channel", "at_thread"),
)

# A page without a `place` was going to be posted: whether it was, the platform knows.
pages = Table(
    "pages",
    METADATA,
    *thread_columns(),
    Column("reply", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("place", Text),
    PrimaryKeyConstraint("platform", "workspace", "channel", "thread", "reply", "number"),
    Index("pages_place", "platform", "place"),
)

# A post without a nonce (NULL) is one of a kind.
posts = Table(
    "posts",
    METADATA,
    Column("id", RowId, primary_key=True),
    *thread_columns(),
    Column("author", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("nonce", Text),
    Column("content", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("platform", "workspace", "channel", "thread", "nonce", name="posts_nonce"),
    # What was heard is known by the number of its post, which is never given again.
    sqlite_autoincrement=True,
)

workspaces = Table(
    "workspaces",
    METADATA,
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("language", Text),
    Column("types", JSON, nullable=False),
    Column("model", Text),
    PrimaryKeyConstraint("platform", "workspace"),
)

# How texts are to be in a channel.
styles = Table(
    "styles",
    METADATA,
    Column("platform", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("length", Text, nullable=False),
    Column("instruction", Text, nullable=False),
    PrimaryKeyConstraint("platform", "workspace", "channel"),
)

marks = Table(
    "marks",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Sessions are named by their keys; only what is addressed to the bot is answered in these threads.
quiet_threads = Table("quiet_threads", METADATA, Column("session", Key, primary_key=True))

# Who wrote what the session's log holds of a reply.
authors = Table(
    "authors",
    METADATA,
    Column("session", Key, nullable=False),
    Column("reply", Text, nullable=False),
    Column("author", Text, nullable=False),
    PrimaryKeyConstraint("session", "reply"),
)

# Whether a reply helped somebody; each says so once, the last word counts.
feedback = Table(
    "feedback",
    METADATA,
    Column("session", Key, nullable=False),
    Column("reply", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("session", "reply", "author"),
)
