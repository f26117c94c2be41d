"""A filter of text that comes in chunks: it waits for what has begun, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import ClassVar

import regex

from youtube_analysis.patterns import Pattern

# The longest that anything which has begun is waited for, in characters.
HELD = 200
# How far a pattern may look behind itself.
BEHIND = 80


@dataclass(frozen=True, slots=True)
class Rule:
    """`margin`: how many characters must be known behind a match, so that none can make it
    longer or undo it; 1 suffices where every repetition in the pattern is of single characters.
    `begins`: the characters that it may begin with, where they can be counted. `behind`: what
    must stand before, as an empty match; words belong there, for a pattern that is matched in
    part waits in vain for words behind it.
    """

    pattern: Pattern
    act: Callable[[regex.Match[str]], None]
    margin: int = 1
    begins: Container[str] | None = None
    behind: Pattern | None = None


class Stage:
    """Text goes out as soon as nothing that may follow can change it, so the result never
    depends on how the text was cut.

    Where `start` matches, the first rule that matches decides; one that could still match
    makes the stage wait. A rule sees HELD characters and no more, so nothing waits for longer.
    Without a rule a character is just a character. Patterns keep the interpreter (`concurrent`):
    the event loop would have to win it back from a computing thread, several times a chunk.
    """

    start: ClassVar[Pattern]

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.text = "\n"  # what is held, behind some of what came before it
        self.at = 1  # where the held text begins
        self._tried = 0  # how many rules have failed for what has begun
        self._needed = 0  # how many held characters may decide it
        self._rules: dict[str, tuple[Rule, ...]] = {}  # by the character that they may begin with
        self._out: list[str] = []
        self._skip_to: Pattern | None = None

    def feed(self, text: str, *, final: bool = False) -> str:
        """What may go out now; with `final`, everything."""
        if not text and not final:
            return ""
        self.text = self.text[max(0, self.at - BEHIND) :] + text
        self.at = min(self.at, BEHIND)
        while self.at < len(self.text) and self.step(final=final):
            pass
        out = "".join(self._out)
        self._out.clear()
        return out

    def step(self, *, final: bool) -> bool:
        """Moves on by one thing; False when more text must come first."""
        if len(self.text) - self.at < self._needed and not final:
            return False
        if self._skip_to:
            return self._skip(self._skip_to, final=final)
        start = self.start.search(self.text, self.at)
        plain = start.start() if start else len(self.text)
        if plain > self.at:
            self.put(self.take(plain - self.at))
        return not start or self.decide(final=final)

    def decide(self, *, final: bool) -> bool:
        """Deals with what may begin at the first held character."""
        text, at = self.text, self.at
        end = at + HELD
        known = final or len(text) >= end
        rules = self._rules_for(text[at])
        for index in range(self._tried, len(rules)):
            rule = rules[index]
            if rule.behind and not rule.behind.match(text, at):
                continue
            match = rule.pattern.match(text, at, end, partial=not known)
            if match is None:
                continue
            needed = len(text) + 1 if match.partial else match.end() + rule.margin
            if needed > len(text) and not known:
                self._tried, self._needed = index, min(needed - at, HELD)
                return False
            self._tried = self._needed = 0
            self.at = match.end()
            rule.act(match)
            return True
        self._tried = self._needed = 0
        self.put(self.take(1))
        return True

    def _rules_for(self, character: str) -> tuple[Rule, ...]:
        known = self._rules.get(character)
        if known is None:
            known = tuple(r for r in self.rules if r.begins is None or character in r.begins)
            self._rules[character] = known
        return known

    def put(self, text: str) -> None:
        self._out.append(text)

    def take(self, length: int) -> str:
        """Removes the first held characters."""
        begin, self.at = self.at, self.at + length
        return self.text[begin : self.at]

    def again(self, match: regex.Match[str], text: str) -> None:
        """Reads this in place of what matched, as if it had been written."""
        self.text = self.text[: match.start()] + text + self.text[match.end() :]
        self.at = match.start()

    def skip_to(self, end: Pattern) -> None:
        """Leaves out what follows, up to and with what `end` matches (which may be empty)."""
        self._skip_to = end

    def _skip(self, pattern: Pattern, *, final: bool) -> bool:
        end = pattern.search(self.text, self.at, partial=not final)
        if end is None or end.partial:
            self.at = end.start() if end else len(self.text)
            return False
        self.at = end.end()
        self._skip_to = None
        return True
