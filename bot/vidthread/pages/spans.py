"""What inside of a paragraph must not be torn: links, code, escapes; and emphasis, which may be
closed and opened again. What is still open where the text ends may yet become such a thing."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

_PUNCTUATION = r"!-/:-@\[-`{-~"
_LABEL = r"(?:\\.|[^\[\]\\]++|\[[^\[\]]*+\])*+"
_TARGET = r"(?:\\.|[^()\\\n]++|\([^()\n]*+\))*+"
_DEEPEST = 8  # emphasis within emphasis; nobody writes that
_FIRST_LETTER = re.compile(r"[\\`&<!\[h*_~|]")
_MARK = re.compile(
    rf"(?P<escape>\\(?:[{_PUNCTUATION}\n]|\Z))"
    r"|(?P<code>`+)"
    r"|(?P<entity>&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};|[#\w]{0,32}\Z))"
    r"|(?P<angle><[^<>\s]*+(?:>|\Z))"
    rf"|(?P<link>!?\[{_LABEL}(?:\Z|\](?:\({_TARGET}(?:\)|\Z)|\[[^\[\]]*+(?:\]|\Z))?))"
    r"|(?P<address>https?://[^\s<>*`]+)"
    r"|(?P<emphasis>\*+|_+|~~|\|\|)"
)
_LINE_MARK = re.compile(
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})(?:[ \t]++(?:\[[ xX]\][ \t]++)?|\Z))", re.MULTILINE
)


@dataclass(slots=True)
class Spans:
    """Atoms are in order and do not overlap, nor do the marks of lines, each with the letter
    behind it. `runs` are the marks of emphasis."""

    atoms: list[tuple[int, int]] = field(default_factory=list)
    line_marks: list[tuple[int, int]] = field(default_factory=list)
    runs: list[re.Match[str]] = field(default_factory=list)

    def atom_around(self, place: int) -> tuple[int, int] | None:
        """The thing that a cut at this place would tear."""
        for things in (self.line_marks, self.atoms):
            at = bisect_left(things, (place, 0)) - 1
            if at >= 0 and place < things[at][1]:
                return things[at]
        return None

    def is_whole(self, place: int) -> bool:
        """Whether nothing goes on behind this place."""
        return not (self.atom_around(place) or self.opened_before(place))

    def opened_before(self, place: int) -> list[str]:
        """The marks of the emphasis that is open there, the outermost first."""
        opened: list[str] = []
        for run in self.runs:
            if run.end() > place:
                break
            _weigh(run, opened)
        return opened


def find_spans(text: str, start: int) -> Spans:
    """Looks from the beginning of a paragraph to the end of what may be looked at."""
    spans, at = Spans(), start
    spans.line_marks = [(mark.start(), mark.end() + 1) for mark in _LINE_MARK.finditer(text, start)]
    while first := _FIRST_LETTER.search(text, at):
        at = first.start()
        found = _MARK.match(text, at)
        if found is None:
            at += 1
            continue
        # Code without an end is code until one comes.
        is_code = found.lastgroup == "code"
        end = (_code_end(text, found) or len(text)) if is_code else found.end()
        if found.lastgroup == "emphasis":
            spans.runs.append(found)
        if end - at > 1:
            # What reaches the end of what is seen may go on behind it.
            spans.atoms.append((at, end + (end == len(text))))
        at = end
    return spans


def _code_end(text: str, opening: re.Match[str]) -> int | None:
    closing = re.compile(rf"(?<!`){opening[0]}(?!`)").search(text, opening.end())
    return closing.end() if closing else None


def _weigh(run: re.Match[str], opened: list[str]) -> None:
    """A run of stars closes what it can, and opens what it then may."""
    text, left = run.string, run[0]
    before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
    within_word = left[0] == "_"
    may_close = before.strip() and not (within_word and after.isalnum())
    may_open = after.strip() and not (within_word and before.isalnum())
    while may_close and opened and left.startswith(opened[-1]):
        left = left.removeprefix(opened.pop())
    if left and may_open and len(opened) < _DEEPEST:
        opened.append(left)
