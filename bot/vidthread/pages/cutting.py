"""Where a page of markdown ends. It is chosen from what fits and the one character behind it,
nothing else: text that comes later never moves a cut.

What must not be torn inside of a paragraph (links, code, escapes, emphasis) is an atom. One that is
still open where the text ends may go on behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from youtube_analysis.patterns import Pattern

from .lines import Lines, closes, read_lines

_SENTENCE = re.compile(
    r"[.!?…][\"'”’»)*_]*+\s++(?=[^\sa-z\[(])|[。！？．｡؟۔।]+[\"'”’」』）*_]*+\s*+(?=[^\s\[(])"
)
_CLAUSE = re.compile(r"[,;:–—]\s++(?=\S)|[、،，；：]\s*+(?=\S)")
_SPACE = re.compile(r"\s++(?=\S)")
_LOOKS_LIKE_MARKUP = re.compile(r"[-+#>=|]|\*(?:\s|\Z)|\d{1,9}(?:\Z|[.)](?:\s|\Z))")
_PLAIN_PAIR = re.compile(r"[ -~぀-ヿ㐀-鿿가-힣]{2}")
_QUOTE = re.compile(r"[ \t]*>[ \t>]*")
_GRAPHEME = Pattern(r"\X")
_PUNCTUATION = r"!-/:-@\[-`{-~"
_LABEL = r"(?:\\.|[^\[\]\\]++|\[[^\[\]]*+\])*+"
_TARGET = r"(?:\\.|[^()\\\n]++|\([^()\n]*+\))*+"
_FIRST_LETTER = re.compile(r"[\\`&<!\[h*_~|]")
_MARK = re.compile(
    rf"(?P<escape>\\(?:[{_PUNCTUATION}\n]|\Z))"
    r"|(?P<code>`+)"
    r"|(?P<entity>&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};|[#\w]{0,32}\Z))"
    r"|(?P<angle><[^<>\s]*+(?:>|\Z))"
    rf"|(?P<link>!?\[{_LABEL}(?:\Z|\](?:\({_TARGET}(?:\)|\Z)|\[[^\[\]]*+(?:\]|\Z))?))"
    r"|(?P<address>https?://[^\s<>*`]+)"
    # What is longer is cut all the same: its marks stand there as they are.
    r"|(?P<emphasis>(?P<sign>\*{1,3}|~~|\|\|)(?=\S)(?:(?!(?P=sign))[^\n]){1,300}+(?:(?P=sign)|\Z)"
    r"|(?<!\w)(?P<line>_{1,3})(?=\S)(?:(?!(?P=line)(?!\w))[^\n]){1,300}+(?:(?P=line)|\Z))"
)
_LINE_MARK = re.compile(
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})(?:[ \t]++(?:\[[ xX]\][ \t]++)?|\Z))", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Cut:
    """The page is what stands before `end`, and `close`; `reopen` begins the next one."""

    end: int
    close: str = ""
    reopen: str = ""


@lru_cache(maxsize=128)  # a text that grows asks again for every page that is settled
def choose_cut(window: str, own: int, *, fresh: bool) -> Cut | None:
    """The best place to end a page in all but the last character of `window`.

    The first `own` characters only repeat marks of the page before. A page that is not `fresh`
    is better left as it is than ended within a sentence.
    """
    return next(filter(None, _Search(window, own).cuts(fresh=fresh)), None)


@dataclass(slots=True)
class _Atoms:
    """What a cut must not tear, in order and without overlaps; the marks of lines each with the
    letter behind it."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    line_marks: list[tuple[int, int]] = field(default_factory=list)

    def around(self, place: int) -> tuple[int, int] | None:
        """The one that a cut at this place would tear."""
        for things in (self.line_marks, self.spans):
            at = bisect_left(things, (place, 0)) - 1
            if at >= 0 and place < things[at][1]:
                return things[at]
        return None


class _Search:
    def __init__(self, window: str, own: int) -> None:
        self._window = window
        self._longest = len(window) - 1
        text = window[own:]
        self._first = own + len(text) - len(text.lstrip()) + 1
        # A page is not ended in its first half just because a paragraph ends there.
        self._half = max(self._first, self._longest // 2)
        self._lines: Lines = read_lines(window)
        self._known: dict[int, _Atoms] = {}

    def cuts(self, *, fresh: bool) -> Iterator[Cut | None]:
        yield self._between(self._half)
        yield self._between(self._half, paragraphs=False)
        yield self._within(_SENTENCE, self._half)
        if fresh:
            yield self._within(_CLAUSE, self._longest * 3 // 4)
            yield self._within(_SPACE, self._half)
        yield self._between(self._first)
        yield self._between(self._first, paragraphs=False)
        yield self._within(_SENTENCE, self._first)
        if fresh:
            yield self._within(_SPACE, self._first, heading=True)
            yield self._anywhere()

    def _between(self, first: int, *, paragraphs: bool = True) -> Cut | None:
        for place in reversed(self._lines.breaks):
            if place.end < first:
                return None
            if place.paragraph != paragraphs or place.end > self._longest:
                continue
            if place.within is None or not self._atoms(place.within).around(place.end):
                return Cut(place.end, place.close, place.reopen)
        return None

    def _within(self, kind: re.Pattern[str], first: int, *, heading: bool = False) -> Cut | None:
        """In the paragraph that does not fit; in a `heading` only where that is allowed."""
        if self._lines.solid or (self._lines.heading and not heading):
            return None
        atoms = self._atoms(self._lines.block)
        found = kind.finditer(self._window, max(first - 1, self._lines.block))
        for place in reversed([match.end() for match in found]):
            if not first <= place <= self._longest or atoms.around(place):
                continue
            # Marks that end here may open what comes next.
            if self._window[place - 1] in "*_" or _LOOKS_LIKE_MARKUP.match(self._window, place):
                continue
            return _torn(self._window, place)
        return None

    def _anywhere(self) -> Cut | None:
        if self._longest < self._first:
            return None
        place = max(self._first, self._grapheme(self._longest))
        if self._lines.solid:
            # Half a row makes no table.
            reopen = self._lines.reopen if self._lines.fence else ""
            return Cut(place, self._lines.close, reopen)
        if atom := self._atoms(self._lines.block).around(place):
            if atom[0] >= self._first:
                return _torn(self._window, atom[0])
            spaces = [m.end() for m in _SPACE.finditer(self._window, self._half, self._longest)]
            return Cut(spaces[-1] if spaces else place)
        return _torn(self._window, place)

    def _grapheme(self, place: int) -> int:
        """The last boundary up to here. Between two plain letters there always is one."""
        start = self._first - 1
        for before in range(place - 2, max(start, place - 500), -1):
            if _PLAIN_PAIR.match(self._window, before):
                start = before + 1
                break
        ends = [start, *(match.end() for match in _GRAPHEME.finditer(self._window, start))]
        return max((end for end in ends if self._first <= end <= place), default=place)

    def _atoms(self, start: int) -> _Atoms:
        if start not in self._known:
            self._known[start] = _find_atoms(self._window, start)
        return self._known[start]


def _torn(window: str, place: int) -> Cut:
    """Within a paragraph: what is quoted goes on as a quotation."""
    quote = _QUOTE.match(window, window.rfind("\n", 0, place) + 1)
    return Cut(place, reopen=quote[0] if quote else "")


def _find_atoms(text: str, start: int) -> _Atoms:
    """Looks from the beginning of a paragraph to the end of what may be looked at."""
    atoms, at = _Atoms(), start
    atoms.line_marks = [(mark.start(), mark.end() + 1) for mark in _LINE_MARK.finditer(text, start)]
    while first := _FIRST_LETTER.search(text, at):
        at = first.start()
        found = _MARK.match(text, at)
        if found is None:
            at += 1
            continue
        # Code without an end is code until one comes.
        is_code = found.lastgroup == "code"
        end = (_code_end(text, found) or len(text)) if is_code else found.end()
        if end - at > 1:
            # What reaches the end of what is seen may go on behind it.
            atoms.spans.append((at, end + (end == len(text))))
        at = end
    return atoms


def _code_end(text: str, opening: re.Match[str]) -> int | None:
    closing = re.compile(rf"(?<!`){opening[0]}(?!`)").search(text, opening.end())
    return closing.end() if closing else None


def after(text: str, cut: Cut) -> tuple[str, int]:
    """What remains for the next pages, and how much of its beginning only repeats marks."""
    left, new_line = text[cut.end :], text[cut.end - 1] == "\n"
    if "\n" in cut.close:
        left = left.lstrip("\n") if new_line else left
        line, _, behind = left.partition("\n")
        if closes(line, cut.close):
            return _trimmed(behind), 0
    else:
        left = _trimmed(left) if new_line and not cut.reopen else left.lstrip()
    return (cut.reopen + left, len(cut.reopen)) if left.strip() else ("", 0)


def _trimmed(text: str) -> str:
    """Without white space at the beginning, but for that by which a list is indented a little."""
    bare = text.lstrip()
    lead = text[: len(text) - len(bare)]
    indent = lead[lead.rfind("\n") + 1 :]
    return indent + bare if len(indent) < 4 else bare
