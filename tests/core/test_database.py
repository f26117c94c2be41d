"""The engine: its tables, its transactions, its failures, on both databases."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    column,
    inspect,
    select,
    table,
    text,
)

from first_tables import make_by_steps
from vidthread.store import SCHEMA as BOT
from vidthread.store import tables as bot_tables
from youtube_analysis import Settings
from youtube_analysis.errors import DatabaseError, VideoAnalysisError
from youtube_analysis.repositories import tables as core_tables
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.migrations import Schema
from youtube_analysis.repositories.tables import SCHEMA as CORE

if TYPE_CHECKING:
    from databases import PostgreSQL

pytest_plugins = ["databases"]

BOTH = ((CORE, core_tables.METADATA), (BOT, bot_tables.METADATA))
INSERT = core_tables.talks.insert()
BY_STEPS = pytest.mark.parametrize("by_steps", [False, True], ids=["at once", "by steps"])
COUNT = text("SELECT count(*) FROM talks")


def talk(name: str, size: int = 1) -> dict[str, object]:
    return {"fingerprint": name, "content": b"x" * size, "used_at": datetime.now(UTC)}


@asynccontextmanager
async def opened(address: str, *schemas: Schema) -> AsyncIterator[Database]:
    database = Database(address)
    try:
        await database.open(*(schemas or (CORE, BOT)))
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def made(address: str, schema: Schema, *, by_steps: bool) -> AsyncIterator[Database]:
    """A database with the tables of a schema, all at once as in a new one or as older ones get
    them."""
    database = Database(address)
    try:
        if by_steps:
            await database.write(lambda connection: make_by_steps(connection, schema))
        await database.open(schema)
        yield database
    finally:
        await database.close()


async def count(database: Database) -> int:
    return await database.read(lambda connection: connection.scalar(COUNT) or 0)


class TestTables:
    @BY_STEPS
    @pytest.mark.parametrize(("schema", "metadata"), BOTH, ids=["core", "bot"])
    async def test_are_what_the_code_says(
        self, address: str, schema: Schema, metadata: MetaData, by_steps: bool
    ) -> None:
        def differences(connection: Connection) -> list[object]:
            options = {"version_table": schema.versions}
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, metadata))

        async with made(address, schema, by_steps=by_steps) as database:
            assert await database.read(differences) == []

    @BY_STEPS
    @pytest.mark.parametrize(("schema", "metadata"), BOTH, ids=["core", "bot"])
    async def test_have_the_names_that_the_code_says(
        self, address: str, schema: Schema, metadata: MetaData, by_steps: bool
    ) -> None:
        """Constraints and indices too, which the comparison above takes for equal."""

        def names(connection: Connection) -> set[str | None]:
            there = inspect(connection)
            return {
                item["name"]
                for table in metadata.tables
                for item in (*there.get_indexes(table), *there.get_unique_constraints(table))
            }

        said = {
            item.name
            for table in metadata.tables.values()
            for item in (*table.indexes, *table.constraints)
            if isinstance(item, Index | UniqueConstraint)
        }
        async with made(address, schema, by_steps=by_steps) as database:
            assert await database.read(names) == said

    @BY_STEPS
    async def test_have_one_step_remembered(self, address: str, by_steps: bool) -> None:
        number = select(column("version_num", String)).select_from(table(CORE.versions))

        def remembered(connection: Connection) -> tuple[list[str], int, list[str]]:
            there = inspect(connection)
            key = there.get_pk_constraint(CORE.versions)
            taken = list(connection.scalars(number))
            return taken, len(there.get_columns(CORE.versions)), key["constrained_columns"]

        async with made(address, CORE, by_steps=by_steps) as database:
            assert await database.read(remembered) == ([CORE.head], 1, ["version_num"])

    @pytest.mark.parametrize(("schema", "_metadata"), BOTH, ids=["core", "bot"])
    def test_end_with_the_last_step(self, schema: Schema, _metadata: MetaData) -> None:
        folder = Path(sys.modules[schema.package.rpartition(".")[0]].__file__ or "").parent
        steps = ScriptDirectory(str(folder / "migrations"))
        assert steps.get_heads() == [schema.head]

    async def test_stay_as_they_are_when_opened_again(self, address: str) -> None:
        async with opened(address, CORE) as database:
            await write(database, "kept")
        async with opened(address) as database:
            await database.open(CORE, BOT)
            assert await count(database) == 1

    async def test_of_a_newer_version_are_left_alone(self, address: str) -> None:
        async with opened(address) as database:
            newer = text("UPDATE bot_versions SET version_num = '9999'")
            await database.write(lambda connection: connection.execute(newer))
            with pytest.raises(DatabaseError, match="newer Vidthread") as caught:
                await database.open(CORE, BOT)
            assert not caught.value.retryable
            assert await count(database) == 0

    async def test_are_made_once_by_processes_that_start_together(
        self, address: str, renewed: Callable[[], str]
    ) -> None:
        others = [program(OPEN, "") for _ in range(3)]
        try:
            for new in (
                address,
                await asyncio.to_thread(renewed),
                await asyncio.to_thread(renewed),
            ):
                assert [other.stdout.readline() for other in others if other.stdout] == [
                    "ready\n"
                ] * 3, [other.communicate() for other in others]
                for other in others:
                    tell(other, new)
                async with opened(new) as database:
                    assert await count(database) == 0
        finally:
            outputs = [other.communicate(timeout=60) for other in others]
        assert [other.returncode for other in others] == [0] * 3, outputs

    async def test_are_made_on_several_loops_at_once(self, renewed: Callable[[], str]) -> None:
        addresses = [await asyncio.to_thread(renewed) for _ in range(4)]

        async def use(address: str) -> int:
            async with opened(address) as database:
                await write(database, "kept")
                return await count(database)

        def on_a_loop(address: str) -> int:
            return asyncio.run(use(address))

        counts = await asyncio.gather(*(asyncio.to_thread(on_a_loop, one) for one in addresses))
        assert counts == [1, 1, 1, 1]


OPEN = """
import asyncio, sys
from vidthread.store import SCHEMA as BOT
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import SCHEMA as CORE

async def main():
    print("ready", flush=True)
    for line in sys.stdin:
        database = Database(line.strip())
        await database.open(CORE, BOT)
        await database.close()
        print("ready", flush=True)

asyncio.run(main())
"""

WRITE = """
import asyncio, sys, time
from datetime import UTC, datetime
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import SCHEMA, talks

INSERT = talks.insert()
VALUES = {"content": b"x" * 100_000, "used_at": datetime(2026, 1, 1, tzinfo=UTC)}

def write_torn(connection):
    for number in range(50):
        connection.execute(INSERT, VALUES | {"fingerprint": f"torn {number}"})
    print("ready", flush=True)
    time.sleep(60)

async def main():
    database = Database(sys.argv[1])
    await database.open(SCHEMA)
    whole = VALUES | {"fingerprint": "whole"}
    await database.write(lambda connection: connection.execute(INSERT, whole))
    await database.write(write_torn)

asyncio.run(main())
"""


def program(source: str, address: str) -> subprocess.Popen[str]:
    roots = [str(Path(__file__).parents[2] / root) for root in ("core", "bot", "tests")]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", source, address],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(roots)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


class TestTransactions:
    async def test_of_fifty_writers_lose_nothing(self, address: str) -> None:
        async with opened(address) as database:
            await asyncio.gather(*(write(database, f"talk {number}") for number in range(50)))
            assert await count(database) == 50

    async def test_that_fail_leave_nothing(self, address: str) -> None:
        async with opened(address) as database:
            with pytest.raises(KeyError):
                await write_and_fail(database)
            assert await count(database) == 0

    async def test_that_are_cancelled_leave_nothing_half_and_block_nobody(
        self, address: str
    ) -> None:
        async with opened(address) as database:
            for wait in (0.0, 0.0005, 0.001, 0.002, 0.004):
                writing = asyncio.create_task(write_pair(database, f"half {wait}"))
                await asyncio.sleep(wait)
                writing.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await writing
            async with asyncio.timeout(5):
                await write(database, "whole")
            assert await count(database) % 2 == 1

    async def test_read_one_moment(self, address: str) -> None:
        async def write_elsewhere() -> None:
            async with opened(address) as database:
                await write(database, "meanwhile")

        def look_twice(connection: Connection) -> list[int | None]:
            before = connection.scalar(COUNT)
            elsewhere(write_elsewhere())
            return [before, connection.scalar(COUNT)]

        async with opened(address) as database:
            assert await database.read(look_twice) == [0, 0]
            assert await count(database) == 1

    def test_that_are_killed_leave_the_database_whole(self, address: str) -> None:
        process = program(WRITE, address)
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()

        async def look() -> None:
            async with opened(address) as database:
                assert await count(database) == 1
                await write(database, "afterwards")
                if address.startswith("sqlite"):
                    check = text("PRAGMA integrity_check")
                    assert await database.read(lambda c: c.scalar(check)) == "ok"

        asyncio.run(look())


async def write(database: Database, name: str, size: int = 1, *, seconds: float = 0.0) -> None:
    """And holds on to what is written for so many seconds."""

    def written(connection: Connection) -> None:
        connection.execute(INSERT, talk(name, size))
        if seconds:
            hold(connection, seconds)

    await database.write(written)


async def write_and_fail(database: Database) -> None:
    def failing(connection: Connection) -> None:
        connection.execute(INSERT, talk("half"))
        raise KeyError

    await database.write(failing)


async def write_pair(database: Database, name: str) -> None:
    def written(connection: Connection) -> None:
        connection.execute(INSERT, talk(f"{name}, one"))
        hold(connection, 0.02)
        connection.execute(INSERT, talk(f"{name}, two"))

    await database.write(written)


def hold(connection: Connection, seconds: float) -> None:
    """Waits where the transaction is: in its thread, or on the server."""
    if connection.dialect.name == "sqlite":
        time.sleep(seconds)
    else:
        connection.execute(text(f"SELECT pg_sleep({seconds})"))


def elsewhere(work: Coroutine[object, object, None]) -> None:
    """Somebody else's work while a transaction waits for it."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class TestClosing:
    async def test_may_happen_twice_and_ends_every_thread(self, address: str) -> None:
        database = Database(address)
        await database.open(CORE)
        await asyncio.gather(*(count(database) for _ in range(8)))
        await database.close()
        await database.close()
        assert not [t for t in threading.enumerate() if t.name == "vidthread-lane-database"]

    async def test_needs_no_opening(self, address: str) -> None:
        await Database(address).close()

    async def test_waits_for_what_is_under_way_and_refuses_more(self, address: str) -> None:
        async with opened(address) as database:
            writing = asyncio.create_task(write(database, "last", seconds=0.3))
            await asyncio.sleep(0.05)
            closing = asyncio.create_task(database.close())
            await asyncio.sleep(0.05)
            assert not closing.done()
            with pytest.raises(DatabaseError, match="shutting down"):
                await count(database)
            await closing
            await writing
        async with opened(address) as database:
            assert await count(database) == 1


class TestAFile:
    async def test_is_made_for_us_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "some" / "where" / "vidthread.db"
        async with opened(f"sqlite:///{path}"):
            assert path.parent.stat().st_mode & 0o777 == 0o700
            assert path.stat().st_mode & 0o777 == 0o600

    async def test_that_is_somewhere_impossible(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        for path in (tmp_path / "file" / "x.db", tmp_path, Path("/proc/vidthread/x.db")):
            error = await failure(f"sqlite:///{path}")
            assert "cannot be opened" in error.message
            assert not error.retryable

    async def test_that_is_none_of_sqlite(self, tmp_path: Path) -> None:
        path = tmp_path / "letter.db"
        path.write_text("Dear reader, this is no database. " * 50)
        error = await failure(f"sqlite:///{path}")
        assert error.message == (
            "The database is no SQLite file. The admin can check DATABASE_URL."
        )

    async def test_that_finds_no_space(self, tmp_path: Path) -> None:
        async with opened(f"sqlite:///{tmp_path}/x.db") as database:
            fewest = text("PRAGMA max_page_count = 60")
            await database.write(lambda connection: connection.execute(fewest))
            with pytest.raises(DatabaseError, match="no space left") as caught:
                await write(database, "large", 1_000_000)
            assert caught.value.retryable
            assert await count(database) == 0

    async def test_that_another_program_holds_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "x.db"
        async with opened(f"sqlite:///{path}") as database:
            with locked(path) as other:
                writing = asyncio.create_task(write(database, "patient"))
                await asyncio.sleep(0.2)
                assert not writing.done()
                other.execute("COMMIT")
                await writing
            assert await count(database) == 1


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
    finally:
        connection.close()


async def failure(address: str) -> DatabaseError:
    database = Database(address)
    try:
        with pytest.raises(DatabaseError) as caught:
            await database.open(CORE)
    finally:
        await database.close()
    assert isinstance(caught.value, VideoAnalysisError)
    assert caught.value.code == "database"
    return caught.value


class TestAServer:
    async def test_that_refuses_the_password(self, postgresql: PostgreSQL) -> None:
        error = await failure(postgresql.address("postgres", password="hunter2"))
        assert error.message.startswith("The database refuses the user or the password.")
        assert "hunter2" not in repr(error)
        assert not error.retryable

    async def test_that_does_not_have_the_database(self, postgresql: PostgreSQL) -> None:
        error = await failure(postgresql.address("nowhere"))
        assert error.message.startswith("The database does not exist on its server.")
        assert not error.retryable

    async def test_that_is_down(self) -> None:
        error = await failure("postgresql+psycopg://someone:hunter2@127.0.0.1:9/vidthread")
        assert error.message.startswith("The database cannot be reached. Try again in a minute")
        assert "hunter2" not in repr(error)
        assert error.retryable

    async def test_that_is_named_in_a_wrong_way(self) -> None:
        error = await failure("postgresql+psycopg://someone:hunter2@127.0.0.1:9/x?sslmode=maybe")
        assert "hunter2" not in repr(error)
        assert not error.retryable

    async def test_whose_user_may_not_write(self, postgresql: PostgreSQL) -> None:
        connection = await postgresql.connect()
        await connection.execute("DROP ROLE IF EXISTS reader")
        await connection.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        await connection.close()
        error = await failure(postgresql.address("postgres", user="reader", password="reader"))
        assert "does not permit this" in error.message
        assert not error.retryable

    async def test_that_closes_connections_while_they_rest(self, postgresql: PostgreSQL) -> None:
        """Nobody sees it."""
        address = await asyncio.to_thread(postgresql.create)
        async with opened(address) as database:
            await asyncio.gather(*(count(database) for _ in range(5)))
            await disconnect(postgresql, address)
            assert await count(database) == 0

    async def test_that_closes_a_connection_in_use(self, postgresql: PostgreSQL) -> None:
        address = await asyncio.to_thread(postgresql.create)
        async with opened(address) as database:
            with pytest.raises(DatabaseError, match="in a minute") as caught:
                await write_and_lose(database, postgresql, address)
            assert caught.value.retryable
            await write(database, "whole")
            assert await count(database) == 1


async def write_and_lose(database: Database, postgresql: PostgreSQL, address: str) -> None:
    def lost(connection: Connection) -> None:
        connection.execute(INSERT, talk("lost"))
        elsewhere(disconnect(postgresql, address))
        connection.execute(INSERT, talk("lost as well"))

    await database.write(lost)


async def disconnect(postgresql: PostgreSQL, address: str) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    await postgresql.execute(
        f"{others} AND datname = current_database()", address.rpartition("/")[2]
    )
    await asyncio.sleep(0.1)


class TestTheAddress:
    @pytest.mark.parametrize(
        ("given", "used"),
        [
            ("sqlite:///a/b.db", "sqlite:///a/b.db"),
            ("sqlite+aiosqlite:////a/b.db", "sqlite:////a/b.db"),
            ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
            (
                "postgresql://u:p@h:1/d?sslmode=require",
                "postgresql+psycopg://u:p@h:1/d?sslmode=require",
            ),
            ("PostgreSQL+asyncpg:///d?host=/run", "postgresql+psycopg:///d?host=/run"),
        ],
    )
    def test_may_be_spelt_in_several_ways(self, given: str, used: str) -> None:
        assert Settings.from_env({"DATABASE_URL": given}).database == used

    @pytest.mark.parametrize(
        "wrong",
        [
            "vidthread.db",
            "sqlite://",
            "sqlite:///:memory:",
            "postgresql://",
            "mysql://u:hunter2@h/d",
        ],
    )
    def test_that_is_wrong_is_refused(self, wrong: str) -> None:
        with pytest.raises(VideoAnalysisError) as caught:
            Settings.from_env({"DATABASE_URL": wrong})
        assert "DATABASE_URL must be sqlite:///<path> or postgresql://" in caught.value.message
        assert "hunter2" not in caught.value.message

    def test_leads_to_the_users_data_by_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert Settings().database == f"sqlite:///{tmp_path}/vidthread/vidthread.db"

    def test_hides_its_password(self) -> None:
        settings = Settings.from_env({"DATABASE_URL": "postgres://u:p%40ss-phrase@h/d"})
        assert "ss-phrase" not in repr(settings)
        assert {"p%40ss-phrase", "p@ss-phrase"} <= set(settings.secrets())


async def test_a_server_without_its_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = await failure("postgresql+psycopg://u:p@127.0.0.1:9/x")
    assert "needs the extra vidthread[postgresql]" in error.message
    assert not error.retryable
