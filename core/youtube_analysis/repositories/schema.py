"""What tables are made of, on either database, and how they are brought up to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    inspect,
    select,
)

from youtube_analysis.checking.literal import mended
from youtube_analysis.errors import DatabaseError

from .packing import pack, unpack

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


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables that evolve together. `package` holds the steps, as Alembic writes them, and `head`
    is the last one; `versions` is the table that remembers which were taken. All of them lead to
    `tables`."""

    package: str
    versions: str
    head: str
    tables: MetaData


def migrate(connection: Connection, schema: Schema) -> None:
    """Takes the steps that are missing, in the transaction that the connection is in."""
    versions = _versions(schema)
    if not inspect(connection).has_table(schema.versions):
        # A new database: where all steps lead to is made at once.
        schema.tables.create_all(connection)
        versions.create(connection)
        connection.execute(versions.insert().values(version_num=schema.head))
        return
    taken = connection.execute(select(versions.c.version_num)).scalar_one()
    if taken != schema.head:
        take_steps(connection, schema, taken)


def _versions(schema: Schema) -> Table:
    """As Alembic makes it."""
    number = Column("version_num", String(32), primary_key=True)
    return Table(schema.versions, MetaData(), number)


def take_steps(connection: Connection, schema: Schema, taken: str) -> None:
    """All steps after the one that was taken last."""
    # Alembic takes its time to import, and most starts find everything up to date.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.script.revision import RevisionError  # noqa: PLC0415

    options = {"version_table": schema.versions}
    context = MigrationContext.configure(connection, opts=options)
    with as_file(files(schema.package)) as folder:
        directory = ScriptDirectory(str(folder))
        try:
            steps = list(directory.iterate_revisions(schema.head, taken))
        except RevisionError as error:
            raise DatabaseError("was written by a newer Vidthread than this one") from error
        # Alembic's own `op` is one for the whole process; this one is handed to each step, so
        # that two loops may open databases at the same time.
        operations = Operations(context)
        for step in reversed(steps):
            step.module.upgrade(operations)
        context.stamp(directory, schema.head)
