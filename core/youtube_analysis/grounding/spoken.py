"""Where words are spoken in a video: the proof of a quote, and the second it stands at."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

import regex

from .passages import Reading
from .words import UNSPACED

_TOKEN = regex.compile(rf"[{UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+", regex.VERSION1)
# Left out when a quote is compared: people who quote drop them, and so do models.
_HESITATIONS = frozenset("uh um uhm er erm ah hm hmm mm mhm äh ähm öh euh".split())
_ELISION = regex.compile(r"\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,}")
# Words that an ellipsis within one quote may stand for: about three minutes of speech.
_LONGEST_ELISION = 400
_MOST_PLACES = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: seconds, the passage that they begin in, and their last token."""

    start: float
    end: float
    passage: int
    last: int


class SpokenWords:
    """Every word of a reading, to be searched in microseconds.

    Case, punctuation and hesitations do not matter; the words and their order do. Making it
    takes about a second for ten hours of talk: do it beside the event loop.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._sentences = reading.sentences
        self._owner = array("L")  # token -> sentence
        self._begin, self._stop = array("L"), array("L")  # token -> its characters there
        self._offset = array("L")  # token -> where it stands in the joined text
        self._first = array("L")  # passage -> its first token
        self._joined = self._join()
        self._names = [f" {' '.join(_tokens(name))} " for name in _names(reading)]

    def _join(self) -> str:
        parts = [""]
        length, sentence = 1, 0
        for passage in self.reading.passages:
            self._first.append(len(self._owner))
            for spoken in passage.sentences:
                for match in _TOKEN.finditer(spoken.text):
                    if token := _plain(match[0]):
                        self._owner.append(sentence)
                        self._begin.append(match.start())
                        self._stop.append(match.end())
                        self._offset.append(length)
                        parts.append(token)
                        length += len(token) + 1
                sentence += 1
        return " ".join((*parts, ""))

    def locate(self, words: str, *, near: int | None = None) -> Place | None:
        """Where these words are spoken, the place nearest to a passage if there are several.

        An ellipsis within them may stand for other words. None if nobody says them.
        """
        parts = [tokens for part in _ELISION.split(words) if (tokens := _tokens(part))]
        heads = self._find(parts[0]) if parts else iter(())
        places = [place for head in heads if (place := self._extended(head, parts[1:]))]
        if near is None or len(places) < 2:
            return places[0] if places else None
        return min(places, key=lambda place: abs(place.passage - near))

    def goes_on(self, last: int, words: str) -> int | None:
        """The last token of these words if they follow token `last` at once, else None."""
        tokens = _tokens(words)
        if not tokens:
            return last
        if last + len(tokens) >= len(self._offset):
            return None
        follows = self._joined.startswith(" ".join((*tokens, "")), self._offset[last + 1])
        return last + len(tokens) if follows else None

    def names(self, words: str) -> bool:
        """Whether the words stand in the title, the channel's name or a chapter's."""
        wanted = f" {' '.join(_tokens(words))} "
        return len(wanted) > 2 and any(wanted in name for name in self._names)

    def _find(self, tokens: list[str], after: int = -1) -> Iterator[tuple[int, int]]:
        """First and last token of each place where these stand."""
        wanted = f" {' '.join(tokens)} "
        at = self._offset[after + 1] - 1 if after + 1 < len(self._offset) else len(self._joined)
        for _ in range(_MOST_PLACES if tokens else 0):
            at = self._joined.find(wanted, at)
            if at < 0:
                return
            first = bisect_right(self._offset, at + 1) - 1
            yield first, first + len(tokens) - 1
            at += 1

    def _extended(self, head: tuple[int, int], rest: list[list[str]]) -> Place | None:
        first, last = head
        for tokens in rest:
            found = next(self._find(tokens, last), None)
            if found is None or found[0] - last > _LONGEST_ELISION:
                return None
            last = found[1]
        start = self._sentences[self._owner[first]].time_at(self._begin[first])
        end = self._sentences[self._owner[last]].time_at(self._stop[last])
        return Place(start, end, bisect_right(self._first, first), last)


def _tokens(text: str) -> list[str]:
    return [token for found in _TOKEN.findall(text) if (token := _plain(found))]


def _plain(token: str) -> str:
    """As it is compared; empty for a hesitation."""
    plain = token.casefold() if token.isascii() else normalize("NFC", token.casefold())
    return "" if plain in _HESITATIONS else plain


def _names(reading: Reading) -> Iterator[str]:
    yield reading.video.info.title
    yield reading.video.info.channel or ""
    yield from (chapter.title for chapter in reading.video.chapters)
