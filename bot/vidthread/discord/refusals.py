"""What Discord answers instead of doing what was asked, where something can be done about it."""

from __future__ import annotations

from vidthread.surface import PageGone, SurfaceError, ThreadGone

UNKNOWN_CHANNEL, NO_PERMISSION, WRONG_CHANNEL, TOO_MANY_THREADS = 10003, 50013, 50024, 160006


class Refused(ThreadGone):
    """Discord does not let us: `code` is one of its own."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(told)
        self.code = code


class ThreadExists(SurfaceError):
    """The message has its one thread already."""


class ThreadAsleep(PageGone):
    """Nothing in an archived thread can be edited."""


class TooOld(PageGone):
    """Messages that are older than an hour can be edited only so often."""


class BlockedByAutoMod(SurfaceError):
    """A text that this server does not want to see."""


class TooLarge(SurfaceError):
    """A file that this server does not take."""


class CannotReply(SurfaceError):
    """We may write here, but not refer to what others wrote."""
