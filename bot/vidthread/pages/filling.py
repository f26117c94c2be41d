"""From a reply to its pages.

While a text grows, a page that is not the last to hold some of it stays as it is: where it ends
is chosen from what fits on it and the one character behind. (That needs a measure which grows with
the text.) What moves is only the page where the text ends, what comes behind the text, and the
progress of a live reply, which is always on the last page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

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

from .cutting import after, choose_cut

Divisible = Section | Answer | Notice
_FEWEST_PIECES = 4  # a page with less than a quarter to spare is full
_MOST_GUESSES = 5
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
        remainder = _Remainder(block, self._limits)
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


class _Remainder:
    """What of a block is not on a page yet."""

    def __init__(self, block: Divisible, limits: Limits) -> None:
        self._block = block
        self._limits = limits
        self._text, self._own = block.text, 0
        self._divided = False

    def __bool__(self) -> bool:
        return bool(self._text) or not self._divided

    def take(self, room: int, *, fresh: bool) -> tuple[Divisible, int] | None:
        """The next piece for a page with this much room, and its cost; None to leave it to the
        next page."""
        text, own = self._text, self._own
        longest = _longest_fit(text, room, self._cost)
        if longest == len(text):
            whole, cost = self._measured(text, last=True)
            if cost <= room:
                return self._taken(whole, cost, "", 0)
            longest -= 1
        if not fresh and room * _FEWEST_PIECES < self._limits.characters:
            return None
        while longest > own and (cut := choose_cut(text[: longest + 1], own, fresh=fresh)):
            piece, cost = self._measured(text[: cut.end].rstrip() + cut.close, last=False)
            if cost <= room:
                return self._taken(piece, cost, *after(text, cut))
            longest = min(cut.end - 1, longest - (cost - room))
        if not fresh:
            return None
        if own:
            # The repeated marks leave no room for what they are about.
            self._text, self._own = text[own:], 0
            return self.take(room, fresh=True)
        return self._taken(*self._measured(text, last=True), "", 0)

    def _taken(self, piece: Divisible, cost: int, left: str, own: int) -> tuple[Divisible, int]:
        self._text, self._own, self._divided = left, own, True
        return piece, cost

    def _measured(self, text: str, *, last: bool) -> tuple[Divisible, int]:
        live = last and not isinstance(self._block, Notice) and self._block.live
        piece = self._piece(text, live=live)
        return piece, self._limits.measure(piece)

    def _cost(self, text: str) -> int:
        """Of a piece as long as it is live: a text that is finished keeps its pages."""
        return self._limits.measure(self._piece(text, live=True))

    def _piece(self, text: str, *, live: bool) -> Divisible:
        """Citations stay with each: what shows them has one page."""
        block = self._block
        if isinstance(block, Notice):
            return replace(block, text=text)
        if isinstance(block, Section):
            block = replace(block, continued=self._divided)
        return replace(block, text=text, live=live)


def _longest_fit(text: str, room: int, cost: Callable[[str], int]) -> int:
    """How much of the beginning of a text costs no more than `room`; 0 where nothing does.

    A text that fits is measured once, another a few times, and never much more of it than a page
    holds. What is found depends on nothing behind the character that is too much.
    """
    fits, beyond, guess, guesses = 0, len(text) + 1, room, 0
    while beyond - fits > 1:
        guess = min(max(guess, fits + 1), beyond - 1)
        slack = room - cost(text[:guess])
        fits, beyond = (guess, beyond) if slack >= 0 else (fits, guess)
        guesses += 1
        if guesses < _MOST_GUESSES:
            guess += slack or 1  # most characters cost one
        else:
            guess = (fits + beyond) // 2 if beyond <= len(text) else 2 * fits
    return fits
