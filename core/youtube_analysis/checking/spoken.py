"""Where words are spoken in a video: the proof of a quote, and the second it stands at."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

import regex

from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.words import UNSPACED
from youtube_analysis.patterns import Pattern

_TOKEN = Pattern(rf"[{UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+", regex.VERSION1)
# What changes the meaning of words that stand around it: a quote may leave it out, not add it.
_SYMBOL = Pattern(r"[\p{Sm}\p{Sc}\p{So}%‰]|(?<![\p{L}\p{N}])-(?=\p{N})", regex.VERSION1)
# Left out when a quote is compared: people who quote drop them, and so do models.
_HESITATIONS = frozenset("uh um uhm er erm ah hm hmm mm mhm äh ähm öh euh".split())
_ELISION = Pattern(r"\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,}")
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
        self._names = [(f" {' '.join(_tokens(name))} ", name) for name in _names(reading)]

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

    def locate(self, words: str, *, near: int | None = None, exact: bool = False) -> Place | None:
        """Where these words are spoken, the place nearest to a passage if there are several.

        An ellipsis within them may stand for other words. None if nobody says them, or if an
        exact search finds signs among them that stand for words (`≠`, `%`) and are not there.
        """
        parts = [tokens for part in _ELISION.split(words) if (tokens := _tokens(part))]
        heads = self._find(parts[0]) if parts else iter(())
        signs = _SYMBOL.findall(words) if exact else []
        places = [
            self._place(head[0], last)
            for head in heads
            if (last := self._last(head[1], parts[1:])) is not None
            and self._has(signs, head[0], last)
        ]
        if near is None or len(places) < 2:
            return places[0] if places else None
        return min(places, key=lambda place: abs(place.passage - near))

    def goes_on(self, last: int, words: str) -> int | None:
        """The last token of these words if they follow token `last` at once, else None."""
        tokens = _tokens(words)
        end = last + len(tokens)
        if end >= len(self._offset):
            return None
        if tokens and not self._joined.startswith(" ".join((*tokens, "")), self._offset[last + 1]):
            return None
        return end if self._has(_SYMBOL.findall(words), last + 1, end) else None

    def names(self, words: str) -> bool:
        """Whether the words stand in the title, the channel's name or a chapter's."""
        wanted, signs = (
            f" {' '.join(_tokens(words))} ",
            Counter(_SYMBOL.findall(words)),
        )
        return len(wanted) > 2 and any(
            wanted in tokens and signs <= Counter(name) for tokens, name in self._names
        )

    def _has(self, signs: list[str], first: int, last: int) -> bool:
        """Whether these signs stand among the tokens from first to last, or beside them."""
        return not signs or Counter(signs) <= Counter(self._around(first, last))

    def _around(self, first: int, last: int) -> str:
        """What is written between the tokens before and behind."""
        before, behind = first - 1, min(last + 1, len(self._owner) - 1)
        owner = self._owner[before] if before >= 0 else 0
        texts = [sentence.text for sentence in self._sentences[owner : self._owner[behind] + 1]]
        if behind > last:
            texts[-1] = texts[-1][: self._begin[behind]]
        if before >= 0:
            texts[0] = texts[0][self._stop[before] :]
        return " ".join(texts)

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

    def _last(self, last: int, rest: list[list[str]]) -> int | None:
        """The last token of all parts, the first of which ends at `last`."""
        for tokens in rest:
            found = next(self._find(tokens, last), None)
            if found is None or found[0] - last > _LONGEST_ELISION:
                return None
            last = found[1]
        return last

    def _place(self, first: int, last: int) -> Place:
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
