"""A filter of text that comes in chunks: it waits for what has begun, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import regex

# The longest that anything which has begun is waited for, in characters.
HELD = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """`margin`: how many characters must be known behind a match, so that none can make it
    longer; 1 suffices where every repetition in the pattern is of single characters."""

    pattern: regex.Pattern[str]
    act: Callable[[regex.Match[str]], None]
    margin: int = 1


class Stage:
    """Text goes out as soon as nothing that may follow can change it, so the result never
    depends on how the text was cut.

    Where `start` matches, the first rule that matches decides; one that could still match
    makes the stage wait. So every pattern is bounded by HELD. Without a rule a character is
    just a character.
    """

    start: ClassVar[regex.Pattern[str]]

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.held = ""
        self.last = "\n"  # the character before what is held, for word and line boundaries
        self._out: list[str] = []
        self._skip_to: regex.Pattern[str] | None = None

    def feed(self, text: str, *, final: bool = False) -> str:
        """What may go out now; with `final`, everything."""
        self.held += text
        while self.held and self.step(final=final):
            pass
        out = "".join(self._out)
        self._out.clear()
        return out

    def step(self, *, final: bool) -> bool:
        """Moves on by one thing; False when more text must come first."""
        if self._skip_to:
            return self._skip(self._skip_to, final=final)
        start = self.start.search(self.last + self.held, 1)
        if plain := start.start() - 1 if start else len(self.held):
            self.put(self.take(plain))
            return True
        return self.decide(final=final)

    def decide(self, *, final: bool) -> bool:
        """Deals with what may begin at the first held character."""
        text = self.last + self.held
        for rule in self.rules:
            match = rule.pattern.match(text, 1, partial=not final)
            if match is None:
                continue
            if not final and (match.partial or match.end() + rule.margin > len(text)):
                return False
            self.take(match.end() - 1)
            rule.act(match)
            return True
        self.put(self.take(1))
        return True

    def put(self, text: str) -> None:
        self._out.append(text)

    def take(self, length: int) -> str:
        """Removes the first held characters."""
        taken, self.held = self.held[:length], self.held[length:]
        self.last = taken[-1:] or self.last
        return taken

    def skip_to(self, end: regex.Pattern[str]) -> None:
        """Leaves out what follows, up to and with what `end` matches (which may be empty)."""
        self._skip_to = end

    def _skip(self, pattern: regex.Pattern[str], *, final: bool) -> bool:
        end = pattern.search(self.held, partial=not final)
        if end is None:
            self.take(len(self.held))
            return False
        if end.partial:
            self.take(end.start())
            return False
        self.take(end.end())
        self._skip_to = None
        return True
