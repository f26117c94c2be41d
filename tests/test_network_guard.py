"""The guard holds for plain sockets, for asyncio, for programs started by a test."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import network_guard
from network_guard import NetworkRefused

# Reserved for documentation: even without the guard nobody would answer.
_ELSEWHERE = "192.0.2.1"


@pytest.fixture
def refusals() -> Iterator[list[str]]:
    """Refusals seen so far; they are meant here, so they do not fail the test."""
    yield network_guard.refused
    network_guard.refused.clear()


@pytest.mark.usefixtures("refusals")
class TestRefused:
    def test_connect(self) -> None:
        with socket.socket() as tcp, pytest.raises(NetworkRefused, match=_ELSEWHERE):
            tcp.connect((_ELSEWHERE, 80))

    def test_connect_ex(self) -> None:
        with socket.socket() as tcp, pytest.raises(NetworkRefused, match=_ELSEWHERE):
            tcp.connect_ex((_ELSEWHERE, 80))

    def test_datagram(self) -> None:
        with (
            socket.socket(type=socket.SOCK_DGRAM) as udp,
            pytest.raises(NetworkRefused, match=_ELSEWHERE),
        ):
            udp.sendto(b"", (_ELSEWHERE, 53))

    def test_version_six(self) -> None:
        with (
            socket.socket(socket.AF_INET6) as tcp,
            pytest.raises(NetworkRefused, match="2001:db8::1"),
        ):
            tcp.connect(("2001:db8::1", 80))

    @pytest.mark.parametrize("name", ["www.youtube.com", b"www.youtube.com", "localhost.example"])
    def test_looking_up_a_name(self, name: str | bytes) -> None:
        with pytest.raises(NetworkRefused):
            socket.getaddrinfo(name, 443)

    def test_old_look_up(self) -> None:
        with pytest.raises(NetworkRefused, match=r"www\.youtube\.com"):
            socket.gethostbyname("www.youtube.com")

    async def test_asyncio(self) -> None:
        with pytest.raises(NetworkRefused, match=_ELSEWHERE):
            await asyncio.open_connection(_ELSEWHERE, 80)

    def test_is_remembered(self, refusals: list[str]) -> None:
        with pytest.raises(NetworkRefused):
            socket.getaddrinfo("www.youtube.com", 443)
        assert refusals == ["socket.getaddrinfo 'www.youtube.com'"]


def test_programs_that_tests_start_are_guarded() -> None:
    code = "import socket; socket.getaddrinfo('www.youtube.com', 443)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "NetworkRefused: tests may only talk to this machine" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.8.8"])
def test_this_machine_answers(host: str) -> None:
    with socket.create_server((host, 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()


async def test_unix_sockets_are_here(tmp_path: Path) -> None:
    path = tmp_path / "socket"

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_unix_server(greet, path):
        reader, writer = await asyncio.open_unix_connection(path)
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
