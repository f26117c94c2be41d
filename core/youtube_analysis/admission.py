"""A fair line in front of an upstream that serves only so many at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Self

from .monitoring import Histogram

_tenant: ContextVar[str] = ContextVar("tenant", default="")
# Who waits in a crowd is told no more often than anybody could read, in seconds.
_CROWD, _PACE = 20, 0.2


@contextmanager
def bound_tenant(name: str) -> Iterator[None]:
    """Whom the work that is begun here is done for: lines are fair between tenants."""
    token = _tenant.set(name)
    try:
        yield
    finally:
        _tenant.reset(token)


class AdmissionLine:
    """Next is whose tenant has the fewest served and before them, then whose was let in least
    lately, then who came first: fifty requests of one tenant do not hold up the single one of
    another.

    `until_room` tells the seconds until the upstream takes one more, 0 for now; where it only
    does when somebody leaves, infinity. Belongs to the loop on which it is used.
    """

    def __init__(
        self,
        slots: int,
        *,
        until_room: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.waits = Histogram()
        """How long each that was admitted had to wait."""
        self._free = slots
        self._until_room = until_room
        self._clock = clock
        self._numbers = count()
        self._served: Counter[str] = Counter()
        self._waiting: dict[str, deque[Ticket]] = {}
        # When each tenant that is here was let in last, in numbers of `_admissions`.
        self._latest: dict[str, int] = {}
        self._admissions = count(1)
        self._telling: asyncio.TimerHandle | None = None
        self._told = -_PACE
        self._admitting: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def served(self) -> int:
        return self._served.total()

    def ticket(self) -> Ticket:
        """A place in the line: enter it as a context, then wait for your turn."""
        return Ticket(self, _tenant.get(), next(self._numbers))

    def join(self, ticket: Ticket) -> None:
        ticket.since = self._clock()
        self._waiting.setdefault(ticket.tenant, deque()).append(ticket)
        self.admit()

    def leave(self, ticket: Ticket, *, admitted: bool) -> None:
        if admitted:
            self._free += 1
            self._served[ticket.tenant] -= 1
        else:
            self._remove(ticket)
        if not self._served[ticket.tenant]:
            del self._served[ticket.tenant]
            if ticket.tenant not in self._waiting:
                self._latest.pop(ticket.tenant, None)
        self.admit()

    def admit(self) -> None:
        """Lets in whoever may; to be called when there may be more room than before."""
        while self._free and self._waiting:
            if wait := self._until_room():
                self._admit_later(wait)
                break
            ticket = min((queue[0] for queue in self._waiting.values()), key=self._rank)
            self._remove(ticket)
            self._free -= 1
            self._served[ticket.tenant] += 1
            self._latest[ticket.tenant] = next(self._admissions)
            self.waits.observe(self._clock() - ticket.since)
            ticket.move(0)
        if self._waiting and self._telling is None:
            loop = asyncio.get_running_loop()
            due = self._told + _PACE if self.waiting > _CROWD else 0.0
            self._telling = loop.call_at(due, self._tell)

    def _rank(self, ticket: Ticket, before: int = 0) -> tuple[int, int, int]:
        tenant = ticket.tenant
        return self._served[tenant] + before, self._latest.get(tenant, 0), ticket.number

    def _remove(self, ticket: Ticket) -> None:
        queue = self._waiting[ticket.tenant]
        queue.remove(ticket)
        if not queue:
            del self._waiting[ticket.tenant]

    def _admit_later(self, wait: float) -> None:
        if self._admitting:
            self._admitting.cancel()
            self._admitting = None
        if wait != float("inf"):
            self._admitting = asyncio.get_running_loop().call_later(wait, self.admit)

    def _tell(self) -> None:
        self._telling = None
        self._told = asyncio.get_running_loop().time()
        ranked = sorted(
            (self._rank(ticket, before), ticket)
            for queue in self._waiting.values()
            for before, ticket in enumerate(queue)
        )
        for position, (_, ticket) in enumerate(ranked, start=1):
            ticket.move(position)


class Ticket:
    """`position` is 0 for who is served, 1 for who is next."""

    def __init__(self, line: AdmissionLine, tenant: str, number: int) -> None:
        self.tenant = tenant
        self.number = number
        self.since = 0.0
        self.position = -1
        self._line = line
        self._moved = asyncio.Event()

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
            await self._moved.wait()
            self._moved.clear()
            if self.position:
                yield self.position
