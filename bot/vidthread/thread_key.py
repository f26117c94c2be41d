"""Where a thread is, and what its session is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """Where a thread is: ids as the platform gives them, empty where it has no such level.

    Everything but `thread` names the place that a thread is opened in.
    """

    platform: str
    workspace: str
    channel: str
    thread: str = ""

    @classmethod
    def of_session(cls, key: str) -> Self:
        return cls(*key.split("/", 3))

    @property
    def noun(self) -> str:
        """What people there call a workspace."""
        return "server" if self.platform == "discord" else "workspace"

    @property
    def session(self) -> str:
        """The key of the thread's session: no platform has a slash in its ids."""
        return f"{self.place_prefix}{self.thread}"

    @property
    def place_prefix(self) -> str:
        """How the keys of all sessions in the place begin."""
        return f"{self.workspace_prefix}{self.channel}/"

    @property
    def workspace_prefix(self) -> str:
        return f"{self.platform}/{self.workspace}/"
