"""One reply: how long it is waited for, and what of it is to be given next."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from youtube_analysis.errors import ModelError
from youtube_analysis.llm.port import Completion, Restarted, TextDelta

from .answer import AnswerReader

if TYPE_CHECKING:
    from .wire import ReplyStream

# An answer whose end was told is whole: what may still come is how many tokens it took. After the
# last event only the connection's own end is left, without which it cannot be used again.
_AFTER_END, _AFTER_LAST = 1.0, 0.1
# A server that does not stream sends a whole answer. So many characters of it are given at once:
# what is done with them takes a few milliseconds.
_AT_ONCE = 500
# To pause for less costs more than it spares, in seconds.
_SHORTEST = 0.01


class Patience:
    """How long all tries of a reply may be silent: `first` seconds before a first token, `idle`
    after that; `total` is from the first token to the end."""

    def __init__(self, first: float, idle: float, total: float) -> None:
        self._first, self._idle, self._total = first, idle, total
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + first + total
        self._started = False

    @property
    def remaining(self) -> float:
        return self._deadline - self._loop.time()

    def longest(self, reader: AnswerReader) -> float:
        """How long the next bytes of an answer may take now."""
        if reader.started and not self._started:
            self._started = True
            self._deadline = self._loop.time() + self._total
        return min(self._idle if reader.started else self._first, self.remaining)


class Reply:
    """Reads the stream as far as it has come."""

    def __init__(self, stream: ReplyStream, reader: AnswerReader, patience: Patience) -> None:
        self._stream = stream
        self._reader = reader
        self._patience = patience
        self._finished = False
        # How long what follows the end may take in all, and until when: comments do not prolong it.
        self._after = self._until = math.inf

    @property
    def begun(self) -> bool:
        return self._reader.begun

    async def next(self, pause: float = 0.0) -> list[TextDelta | Restarted | Completion]:
        """What is to be given next; nothing after the end. Raises ModelError.

        For `pause` seconds what arrives is left to the connection, so that more is read in one
        go; but the first words wait for nothing.
        """
        if self._finished:
            return []
        if self.begun and pause >= _SHORTEST:
            await asyncio.sleep(pause)
        while (events := await self._events()) is not None:
            if delta := self._reader.read(events):
                pieces = range(0, len(delta.text), _AT_ONCE)
                return [TextDelta(delta.text[at : at + _AT_ONCE]) for at in pieces]
        self._finished = True
        return list(self._reader.finish())

    async def _events(self) -> list[bytes] | None:
        """None at the end. Once the answer is whole, what else goes wrong is its end as well."""
        try:
            return await self._stream.read(self._longest())
        except ModelError:
            if self._reader.ended or self._reader.done:
                return None
            raise

    def _longest(self) -> float:
        """How long the next bytes may take now."""
        reader, now = self._reader, asyncio.get_running_loop().time()
        if not (reader.ended or reader.done):
            return self._patience.longest(reader)
        after = _AFTER_LAST if reader.done else _AFTER_END
        if after < self._after:
            self._after, self._until = after, min(self._until, now + after)
        return self._until - now
