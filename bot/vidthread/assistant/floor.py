"""Whose turn it is to speak in a thread: people who talk to each other are left alone."""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from itertools import count, takewhile

from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport

_MOST_THREADS, _MOST_REMARKS = 10_000, 50
_US = ""


class Floor:
    """Who spoke when in each thread: people, and we, for whom a question that we take up counts.
    Events are heard side by side, so that what counts is when they happened. Where our last word is
    not remembered, as after a start, the platform tells."""

    def __init__(self) -> None:
        self._said: OrderedDict[ThreadKey, list[tuple[int, str]]] = OrderedDict()
        self._arrivals = count(1)

    def moment(self, key: ThreadKey, happened: int = 0) -> int:
        """When an event happened; if the platform does not say, after all that was heard so far."""
        latest = max(self._said.get(key, ()), default=(0, _US))[0]
        return happened or max(latest + 1, next(self._arrivals))

    def overheard(self, key: ThreadKey, author: str, at: int) -> None:
        """Notes that a person spoke without addressing the bot."""
        said = self._said.setdefault(key, [])
        insort(said, (at, author))
        del said[:-_MOST_REMARKS]
        self._said.move_to_end(key)
        if len(self._said) > _MOST_THREADS:
            self._said.popitem(last=False)

    def taken(self, key: ThreadKey, at: int) -> None:
        """Notes that the bot speaks in the thread, or is about to."""
        self.overheard(key, _US, at)

    async def is_with(self, incoming: Incoming, at: int, transport: Transport) -> bool:
        """Whether nobody but the author of a message has said anything since our last word."""
        before = [author for when, author in self._said.get(incoming.key, ()) if when < at]
        since = list(takewhile(lambda author: author != _US, reversed(before)))
        if len(since) == len(before) and set(since) <= {incoming.author}:
            since += await transport.spoken_since(incoming.key, incoming.message)
        return set(since) <= {incoming.author}
