"""What is known about Slack's streams: which are open, and where they do not work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# Slack closes a stream about five minutes after its start; what is not finished by then is
# updated as any other message.
LIFE = 240.0
_LATCHED = 3600.0
# An edit is due so often; whoever has not edited for a while does not count.
_QUIET_AFTER = 30.0


@dataclass(slots=True)
class Stream:
    """`shown` is the text that stands in it. `lost` where nobody knows what does."""

    shown: str
    status: str
    began: float
    lost: bool = False


class Streams:
    """Of one workspace."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._broken_until = -1e9
        self._edited: dict[tuple[str, str], float] = {}

    @property
    def work(self) -> bool:
        return self.clock() >= self._broken_until

    def latch(self) -> None:
        """They do not work here; that is looked at again after an hour."""
        self._broken_until = self.clock() + _LATCHED

    def begin(self, status: str) -> Stream:
        return Stream("", status, self.clock())

    def is_old(self, stream: Stream) -> bool:
        return self.clock() - stream.began >= LIFE

    # --- how many messages grow at once ---

    def grows(self, channel: str, ts: str) -> None:
        self._edited[channel, ts] = self.clock()

    def rests(self, channel: str, ts: str) -> None:
        self._edited.pop((channel, ts), None)

    @property
    def growing(self) -> int:
        since = self.clock() - _QUIET_AFTER
        self._edited = {place: at for place, at in self._edited.items() if at >= since}
        return len(self._edited)


def next_piece(stream: Stream, wanted: str) -> str | None:
    """What is to be appended so that the stream shows this; None where it never will."""
    return wanted[len(stream.shown) :] if wanted.startswith(stream.shown) else None
