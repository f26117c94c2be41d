"""Columns that hold the same on every database, and those that every thread's rows have."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Table,
    Text,
    TypeDecorator,
    and_,
    bindparam,
)

from youtube_analysis.models.chat import ThreadKey

from .packing import mended

# SQLite counts up only what it calls INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


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
        return None if value is None else mended(value).replace("\0", "\ufffd")


def thread_columns() -> tuple[Column[str], ...]:
    names = ("platform", "workspace", "channel", "thread")
    return tuple(Column(name, Text, nullable=False) for name in names)


def thread_values(key: ThreadKey) -> dict[str, str]:
    return {
        "platform": key.platform,
        "workspace": key.workspace,
        "channel": key.channel,
        "thread": key.thread,
    }


def in_named_thread(table: Table) -> ColumnElement[bool]:
    """For a statement that is built once: its thread is named by `named` when it is executed."""
    names = ("platform", "workspace", "channel", "thread")
    return and_(*(table.c[name] == bindparam(f"in_{name}") for name in names))


def named(key: ThreadKey) -> dict[str, object]:
    return {f"in_{name}": value for name, value in thread_values(key).items()}


def in_thread(table: Table, key: ThreadKey) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in thread_values(key).items()))
