"""Whose turn it is to speak in a thread: people who talk to each other are left alone."""

from __future__ import annotations

from collections import OrderedDict

from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport

_MOST_THREADS = 10_000


class Floor:
    """Who has said something in each thread since our last word, or since a question that we take
    up. Of a thread that is not remembered, as after a start, the platform tells."""

    def __init__(self) -> None:
        self._spoken: OrderedDict[ThreadKey, set[str]] = OrderedDict()

    def taken(self, key: ThreadKey) -> None:
        """We speak, or will."""
        self._spoken[key] = set()
        self._spoken.move_to_end(key)
        if len(self._spoken) > _MOST_THREADS:
            self._spoken.popitem(last=False)

    def overheard(self, key: ThreadKey, author: str) -> None:
        """Somebody spoke to others."""
        if key in self._spoken:
            self._spoken[key].add(author)

    async def is_with(self, incoming: Incoming, transport: Transport) -> bool:
        """Whether nobody but the author of a message has said anything meanwhile."""
        key = incoming.key
        if key not in self._spoken:
            spoken = await transport.spoken_since(key, incoming.message)
            self.taken(key)
            self._spoken[key] |= spoken
        return self._spoken[key] <= {incoming.author}
