"""Markdown seen line by line: where a text may be cut between two lines, and at what cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_LIST_MARK = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_DELIMITER_ROW = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)|\*\*[^*]+\*\*:?[ \t]*$")


class Break(NamedTuple):
    """A place between two lines, or better between two paragraphs. The page before it ends with
    `close`, the next one begins with `reopen`. `within` is where the paragraph began that may go on
    behind it."""

    end: int
    paragraph: bool
    within: int | None = None
    close: str = ""
    reopen: str = ""


@dataclass(slots=True)
class Lines:
    """What was seen up to here. `solid`: code or a table, which know no sentences."""

    breaks: list[Break] = field(default_factory=list)
    block: int = 0
    close: str = ""
    reopen: str = ""
    held: bool = False  # what comes next belongs to what was there last
    heading: bool = False
    fence: str = ""
    header: int = -1  # where the table began
    solid: bool = False

    def read(self, line: str, start: int, window: str) -> None:
        """Takes one line, whose break lies before it."""
        bare = line.lstrip(" \t>")
        if self.fence and not (">" in self.close and ">" not in line[: len(line) - len(bare)]):
            self._code(line, start)
        elif not bare:
            self._end_solid()
            self._break(start, paragraph=True)
            self.block, self.held = start, self.heading
        elif bare[0] in "`~" and (opened := _FENCE.match(bare)):
            self._end_solid()
            self._break(start, paragraph=True)
            self._open(line, line[: len(line) - len(bare)], opened[0], start)
        elif bare[0] in "-*+0123456789" and (item := _LIST_MARK.match(bare)):
            self._item(line, bare, item, start)
        elif "|" in bare:
            self._row(bare, start, window)
        else:
            self._plain(bare, start)

    def _break(self, start: int, *, paragraph: bool = False, within: int | None = None) -> None:
        if start and not self.held:
            self.breaks.append(Break(start, paragraph, within, self.close, self.reopen))

    def _plain(self, bare: str, start: int) -> None:
        heading = bare[0] in "#*" and _HEADING.match(bare) is not None
        begins = heading or self.heading or self.solid
        if self.header >= 0:
            self._end_solid()
        self._break(start, paragraph=heading, within=None if begins else self.block)
        self.heading = self.held = heading
        if begins:
            self.block = start

    def _item(self, line: str, bare: str, item: re.Match[str], start: int) -> None:
        self._end_solid()
        self._break(start)
        self.block, self.heading, self.held = start, False, False
        if opened := _FENCE.match(bare, item.end()):
            indent = line[: len(line) - len(bare)] + " " * item.end()
            self._open(line, indent, opened[0], start)

    def _open(self, line: str, indent: str, mark: str, start: int) -> None:
        # Four spaces would make code of the fence itself.
        prefix = indent if ">" in indent else indent.expandtabs(4)[:3]
        info = line[line.index(mark) + len(mark) :].strip()
        self.fence, self.close = mark, f"\n{prefix}{mark}"
        self.reopen = f"{prefix}{mark}{info}\n"
        self.block, self.solid, self.heading, self.held = start, True, False, True

    def _code(self, line: str, start: int) -> None:
        self._break(start)
        self.held = False
        if self.fence in line and closes(line, self.close):
            self._end_solid()
            self.block = start + len(line) + 1

    def _row(self, bare: str, start: int, window: str) -> None:
        """The first row of a table holds the second, and that the third."""
        second = self.header >= 0 and not self.solid
        begins = second and _DELIMITER_ROW.fullmatch(bare) is not None
        self._break(start, within=None if self.solid else self.block)
        self.held = begins or not self.solid
        if begins:
            self.solid = True
            self.reopen = window[self.header : start] + bare.rstrip() + "\n"
        elif not self.solid:
            if self.heading:
                self.block = start
            self.header = start
        self.heading = False

    def _end_solid(self) -> None:
        self.solid, self.header = False, -1
        self.fence = self.close = self.reopen = ""


def closes(line: str, close: str) -> bool:
    """Whether a line ends the code that `close` would end."""
    mark = close.lstrip("\n \t>")
    bare = line.strip(" \t>" if ">" in close else " \t")
    return len(bare) >= len(mark) and not bare.strip(mark[0])


def read_lines(window: str) -> Lines:
    lines, start = Lines(), 0
    for line in window.removesuffix("\n").split("\n"):
        lines.read(line, start, window)
        start += len(line) + 1
    return lines
