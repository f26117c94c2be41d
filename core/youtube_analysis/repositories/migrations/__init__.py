"""Brings tables up to date: those of sessions by the steps in this folder, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from youtube_analysis.errors import DatabaseError

__all__ = ["Schema", "migrate", "take_steps"]


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
    number = Column("version_num", String(32), primary_key=True)
    versions = Table(schema.versions, MetaData(), number)  # as Alembic makes it
    if not inspect(connection).has_table(schema.versions):
        # A new database: where all steps lead to is made at once.
        schema.tables.create_all(connection)
        versions.create(connection)
        connection.execute(versions.insert().values(version_num=schema.head))
        return
    taken = connection.execute(select(versions.c.version_num)).scalar_one()
    if taken != schema.head:
        take_steps(connection, schema, taken)


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
