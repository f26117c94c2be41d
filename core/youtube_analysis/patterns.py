"""Patterns of the `regex` module that do not give the interpreter away while they match."""

from __future__ import annotations

from functools import partial

import regex


class Pattern:
    """By itself the module lets other threads run during each match, and has to win the
    interpreter back after it. Beside a busy event loop a thread that divides a talk took
    fourteen times as long so, with six times the work, and the loop waits as well for each match
    of its own. `flags` are the module's.
    """

    def __init__(self, written: str, flags: int = 0) -> None:
        compiled = regex.compile(written, flags)
        self.pattern: str = compiled.pattern
        self.match = partial(compiled.match, concurrent=False)
        self.fullmatch = partial(compiled.fullmatch, concurrent=False)
        self.search = partial(compiled.search, concurrent=False)
        self.finditer = partial(compiled.finditer, concurrent=False)
        self.findall = partial(compiled.findall, concurrent=False)
        self.split = partial(compiled.split, concurrent=False)
        self.sub = partial(compiled.sub, concurrent=False)
