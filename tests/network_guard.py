"""Nothing here talks to the world: connections and look-ups that leave this machine are refused.

An audit hook sees every socket of the process, whatever library opened it, and stays for good.
"""

from __future__ import annotations

import ipaddress
import sys

_WATCHED = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
    }
)

refused: list[str] = []
"""What was refused, so that a test fails even where its code under test swallows the error."""


class NetworkRefused(RuntimeError):
    """No OSError: code that treats an unreachable network as normal must not hide it."""

    def __init__(self, address: str) -> None:
        super().__init__(f"tests may only talk to this machine, not to {address}")


def install() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    # The host comes first in look-ups; the socket does in all others.
    target = arguments[0] if event.startswith("socket.get") else arguments[1]
    if not _is_here(target):
        refused.append(f"{event} {target!r}")
        raise NetworkRefused(repr(target))


def _is_here(target: object) -> bool:
    """Paths of unix sockets, and what is already connected or bound to no host, are here too."""
    if isinstance(target, tuple):
        target = target[0]
        if isinstance(target, int):
            return True  # netlink and its like: the kernel is here
    elif target is None or (isinstance(target, str | bytes) and _is_path(target)):
        return True
    host = target.decode("ascii", "replace") if isinstance(target, bytes) else str(target or "")
    if host in {"", "localhost", "None"}:
        return True
    try:
        return ipaddress.ip_address(host.split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def _is_path(target: str | bytes) -> bool:
    # A leading NUL marks Linux's abstract sockets, which have no file.
    return target[:1] in {"/", b"/", b"\0"}
