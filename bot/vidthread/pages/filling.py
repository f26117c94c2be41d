"""From a reply to its pages.

While a text grows, a page that is not the last to hold some of it stays as it is: where it ends
is chosen from what fits on it and the one character behind. (That needs a measure which grows with
the text.) What moves is only the page where the text ends, what comes behind the text, and the
progress of a live reply, which is always on the last page.
"""

from __future__ import annotations

from collections.abc import Iterable

from vidthread.surface import (
    Actions,
    Answer,
    Block,
    File,
    Limits,
    Notice,
    Page,
    Progress,
    Reply,
    Section,
)

from .fitting import Remainder

_Placed = tuple[int, Block]  # with its place in the reply


def divide(reply: Reply, limits: Limits) -> tuple[Page, ...]:
    """At least one page. A block that cannot be divided and is too large has one to itself."""
    blocks = list(enumerate(reply.blocks))
    ending = _ending(blocks, live=reply.live)
    pages = _Pages(limits)
    for place, block in blocks:
        if place not in ending:
            pages.add(place, block)
    pages.end([(place, block) for place, block in blocks if place in ending])
    last = len(pages.filled) - 1
    return tuple(
        _page(reply, number, filled, is_last=number == last)
        for number, filled in enumerate(pages.filled)
    )


def _ending(blocks: list[_Placed], *, live: bool) -> set[int]:
    """What belongs on the last page: the progress, and all that ends a reply beside its text."""
    ending = {place for place, block in blocks if live and isinstance(block, Progress)}
    for place, block in reversed(blocks):
        if not isinstance(block, Progress | Actions | File):
            break
        ending.add(place)
    return ending


def _page(reply: Reply, number: int, filled: list[_Placed], *, is_last: bool) -> Page:
    blocks = tuple(block for _, block in filled)
    growing = any(isinstance(block, Section | Answer) and block.live for block in blocks)
    return Page(reply.key, number, blocks, growing or (reply.live and is_last), reply.to)


class _Pages:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._used = 0
        self.filled: list[list[_Placed]] = [[]]

    def add(self, place: int, block: Block) -> None:
        if isinstance(block, Section | Answer | Notice):
            self._add_text(place, block)
            return
        cost = self._limits.measure(block)
        if not self._fits(cost):
            self._turn()
        self._put(place, block, cost)

    def end(self, ending: Iterable[_Placed]) -> None:
        """Together on the last page, each where it stood; else together on one of their own."""
        costs = [(place, block, self._limits.measure(block)) for place, block in ending]
        if not self._fits(sum(cost for _, _, cost in costs)):
            self._turn()
        for place, block, cost in costs:
            if not self._fits(cost):
                self._turn()
            self._put(place, block, cost)
        self.filled[-1].sort(key=_place)

    def _add_text(self, place: int, block: Section | Answer | Notice) -> None:
        remainder = Remainder(block, self._limits)
        while True:
            room = self._limits.characters - self._used
            if taken := remainder.take(room, fresh=not self.filled[-1]):
                self._put(place, *taken)
            if not remainder:
                return
            self._turn()

    def _put(self, place: int, block: Block, cost: int) -> None:
        self.filled[-1].append((place, block))
        self._used += cost

    def _fits(self, cost: int) -> bool:
        """An empty page takes everything, for the next one has no more room."""
        return not (self.filled[-1] and cost) or self._used + cost <= self._limits.characters

    def _turn(self) -> None:
        self.filled.append([])
        self._used = 0


def _place(placed: _Placed) -> int:
    return placed[0]
