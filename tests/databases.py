"""Empty databases of both kinds: a file, and a real PostgreSQL that is started once."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

PASSWORD = "s3same-ôpen"  # characters that an address must escape
USER = "vidthread"
_names = count()
_READY = 30.0


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A server on a free port of this machine, with one user who may do everything."""

    port: int

    def address(self, database: str, *, user: str = USER, password: str = PASSWORD) -> str:
        quoted = password.replace("ô", "%C3%B4")
        return f"postgresql+psycopg://{user}:{quoted}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{next(_names)}"
        asyncio.run(self.execute(f"CREATE DATABASE {name}"))
        return self.address(name)

    async def execute(self, statement: str, database: str = "postgres") -> None:
        async with await self.connect(database) as connection:
            await connection.execute(statement.encode())

    async def connect(self, database: str = "postgres") -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            dbname=database,
            autocommit=True,
        )


def binaries() -> Path | None:
    """Where the newest installed PostgreSQL is."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return max(
        found, key=lambda folder: [int(n) for n in folder.parts if n.isdigit()], default=None
    )


@contextmanager
def running_postgresql(binaries: Path) -> Iterator[PostgreSQL]:
    folder = Path(tempfile.mkdtemp(prefix="vidthread-postgresql-"))
    account = _account()
    if account:
        os.chown(folder, pwd.getpwnam(account).pw_uid, -1)
    try:
        _initialise(binaries, folder, account)
        with _started(binaries, folder, account) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str | None:
    """PostgreSQL refuses to run as root; any other user will do."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _initialise(binaries: Path, folder: Path, account: str | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    subprocess.run(
        [
            binaries / "initdb",
            *("-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync"),
            *("--auth=scram-sha-256", f"--pwfile={secret}"),
        ],
        cwd=folder,
        user=account,
        check=True,
        capture_output=True,
        timeout=120,
    )


@contextmanager
def _started(binaries: Path, folder: Path, account: str | None) -> Iterator[PostgreSQL]:
    server = PostgreSQL(_free_port())
    settings = ("fsync=off", "full_page_writes=off", "max_connections=60")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", folder / "data", "-h", "127.0.0.1", "-p", str(server.port), "-k", ""),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            cwd=folder,
            user=account,
            stdout=log,
            stderr=log,
        )
    try:
        _await_ready(server, process, folder / "log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.send_signal(2)  # a fast shutdown does not wait for who is connected
            process.wait(30)


def _await_ready(server: PostgreSQL, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY
    while True:
        try:
            asyncio.run(server.execute("SELECT 1"))
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no PostgreSQL: {log.read_text('utf-8')}") from None
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    installed = binaries()
    if installed is None:
        reason = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("VIDTHREAD_NO_SKIPS"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running_postgresql(installed) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def renewed(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Tells the address of another empty database with each call."""
    if request.param == "sqlite":
        folders = count()
        return lambda: f"sqlite:///{tmp_path}/data-{next(folders)}/vidthread.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create


@pytest.fixture
def address(renewed: Callable[[], str]) -> str:
    """The address of an empty database."""
    return renewed()
