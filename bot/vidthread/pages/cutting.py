"""Where a page of markdown ends. It is chosen from what fits and the one character behind it,
nothing else: text that comes later never moves a cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from youtube_analysis.patterns import Pattern

from .lines import Lines, Tier, closes, read_lines
from .spans import Spans, find_spans

_SENTENCE = re.compile(
    r"[.!?…][\"'”’»)*_]*+\s++(?=[^\sa-z\[(])|[。！？．｡؟۔।]+[\"'”’」』）*_]*+\s*+(?=[^\s\[(])"
)
_CLAUSE = re.compile(r"[,;:–—]\s++(?=\S)|[、،，；：]\s*+(?=\S)")
_SPACE = re.compile(r"\s++(?=\S)")
_LOOKS_LIKE_MARKUP = re.compile(r"[-+#>=|]|\*(?:\s|\Z)|\d{1,9}(?:\Z|[.)](?:\s|\Z))")
_PLAIN_PAIR = re.compile(r"[ -~぀-ヿ㐀-鿿가-힣]{2}")
_QUOTE = re.compile(r"[ \t]*>[ \t>]*")
_GRAPHEME = Pattern(r"\X")


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


class _Search:
    def __init__(self, window: str, own: int) -> None:
        self._window = window
        self._longest = len(window) - 1
        text = window[own:]
        self._first = own + len(text) - len(text.lstrip()) + 1
        # A page is not ended in its first half just because a paragraph ends there.
        self._half = max(self._first, self._longest // 2)
        self._lines: Lines = read_lines(window)
        self._known: dict[int, Spans] = {}

    def cuts(self, *, fresh: bool) -> Iterator[Cut | None]:
        yield self._between(Tier.PARAGRAPH, self._half)
        yield self._between(Tier.LINE, self._half)
        yield self._within(_SENTENCE, self._half)
        if fresh:
            yield self._within(_CLAUSE, self._longest * 3 // 4)
            yield self._within(_SPACE, self._half)
        yield self._between(Tier.PARAGRAPH, self._first)
        yield self._between(Tier.LINE, self._first)
        yield self._within(_SENTENCE, self._first)
        if fresh:
            yield self._within(_SPACE, self._first, heading=True)
            yield self._anywhere()

    def _between(self, tier: Tier, first: int) -> Cut | None:
        for place in reversed(self._lines.breaks):
            if place.end < first:
                return None
            if place.tier != tier or place.end > self._longest:
                continue
            if place.within is None or self._spans(place.within).is_whole(place.end):
                return Cut(place.end, place.close, place.reopen)
        return None

    def _within(self, kind: re.Pattern[str], first: int, *, heading: bool = False) -> Cut | None:
        """In the paragraph that does not fit; in a `heading` only where that is allowed."""
        if self._lines.solid or (self._lines.heading and not heading):
            return None
        spans = self._spans(self._lines.block)
        found = kind.finditer(self._window, max(first - 1, self._lines.block))
        for place in reversed([match.end() for match in found]):
            if not first <= place <= self._longest or spans.atom_around(place):
                continue
            # Marks that end here may open what comes next.
            if self._window[place - 1] in "*_" or _LOOKS_LIKE_MARKUP.match(self._window, place):
                continue
            return _tear(self._window, spans, place)
        return None

    def _anywhere(self) -> Cut | None:
        if self._longest < self._first:
            return None
        place = max(self._first, self._grapheme(self._longest))
        if self._lines.solid:
            # Half a row makes no table.
            reopen = self._lines.reopen if self._lines.fence else ""
            return Cut(place, self._lines.close, reopen)
        spans = self._spans(self._lines.block)
        if atom := spans.atom_around(place):
            if atom[0] >= self._first:
                return _tear(self._window, spans, atom[0])
            spaces = [m.end() for m in _SPACE.finditer(self._window, self._half, self._longest)]
            return Cut(spaces[-1] if spaces else place)
        return _tear(self._window, spans, place)

    def _grapheme(self, place: int) -> int:
        """The last boundary up to here. Between two plain letters there always is one."""
        start = self._first - 1
        for before in range(place - 2, max(start, place - 500), -1):
            if _PLAIN_PAIR.match(self._window, before):
                start = before + 1
                break
        ends = [start, *(match.end() for match in _GRAPHEME.finditer(self._window, start))]
        return max((end for end in ends if self._first <= end <= place), default=place)

    def _spans(self, start: int) -> Spans:
        if start not in self._known:
            self._known[start] = find_spans(self._window, start)
        return self._known[start]


def _tear(window: str, spans: Spans, place: int) -> Cut:
    """Closes the emphasis that is open here; the next page takes it up, in the same quotation."""
    opened = spans.opened_before(place)
    quote = _QUOTE.match(window, window.rfind("\n", 0, place) + 1)
    reopen = (quote[0] if quote else "") + "".join(opened)
    return Cut(place, "".join(reversed(opened)), reopen)


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
