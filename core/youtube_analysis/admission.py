"""A fair line in front of an upstream that serves only so many at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Self


class AdmissionLine:
    """First come, first served. Belongs to the loop on which it is used."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: deque[Ticket] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def ticket(self) -> Ticket:
        """A place in the line: enter it as a context, then wait for your turn."""
        return Ticket(self)

    def join(self, ticket: Ticket) -> None:
        self._waiting.append(ticket)
        self._admit()

    def leave(self, ticket: Ticket, *, admitted: bool) -> None:
        if admitted:
            self._free += 1
        else:
            self._waiting.remove(ticket)
        self._admit()

    def _admit(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            self._waiting.popleft().move(0)
        for position, ticket in enumerate(self._waiting, start=1):
            ticket.move(position)


class Ticket:
    """`position` is 0 for who is served, 1 for who is next."""

    def __init__(self, line: AdmissionLine) -> None:
        self._line = line
        self._moved = asyncio.Event()
        self.position = -1

    def __enter__(self) -> Self:
        self._line.join(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._line.leave(self, admitted=self.position == 0)

    def move(self, position: int) -> None:
        if position != self.position:
            self.position = position
            self._moved.set()

    async def positions(self) -> AsyncGenerator[int]:
        """Where this stands in the line, each time that it moves; ends when it is its turn."""
        while self.position:
            self._moved.clear()
            yield self.position
            await self._moved.wait()
