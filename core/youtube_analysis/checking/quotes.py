"""Words between quotation marks: they stand in the video exactly so, or are no quote."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from unicodedata import normalize

import regex

from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import UNSPACED, base_language, count_words
from youtube_analysis.patterns import Pattern

# A piece of a quote that leaves something out is at least so many words: fewer stand anywhere.
_SHORTEST_PIECE = 4
# A quote of fewer words is as often a term as somebody's words.
LONGEST_TERM = 3
_MOST_PLACES = 64

# Words, and signs that stand for words.
_TOKEN = Pattern(
    rf"[{UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+(?:['’][\p{{L}}\p{{M}}]+)*"
    r"|[%‰$€£]|(?<![\p{L}\p{N}])-(?=\p{N})",
    regex.VERSION1,
)
_ELLIPSIS = Pattern(r"\s*(?:\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,})\s*")
_CITED = Pattern(r"[ \t]*\[\d{1,6}\]")
QUOTE = Pattern(
    r"“(?P<words>[^“”\n]{1,2000})”|„(?P<words>[^„“”\"\n]{1,2000})[“”\"]"
    r"|«(?P<words>[^«»\n]{1,2000})»|»(?P<words>[^«»\n]{1,2000})«"
    r"|「(?P<words>[^「」\n]{1,2000})」|『(?P<words>[^『』\n]{1,2000})』"
    r"|(?<![\p{L}\p{N}])\"(?P<words>[^\"\n]{1,2000})\"(?![\p{L}\p{N}])"
)


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Tokens from `first` to `last` of the talk, in the passages where these stand."""

    first: int
    last: int
    passage: int
    last_passage: int


class SpokenWords:
    """Every word of a talk in order, to be searched in microseconds. Case and punctuation do not
    matter, all else does. Making it takes about 50 ms an hour of talk."""

    def __init__(self, reading: Transcript) -> None:
        self._negations = negations(reading.language)
        self._tokens: list[str] = []
        # Of each token, the second at which its sentence begins, and its passage.
        self._starts, self._passages = list[float](), list[int]()
        for passage in reading.passages:
            for sentence in passage.sentences:
                found = tokens(sentence.text)
                self._tokens += found
                self._starts += [sentence.start] * len(found)
                self._passages += [passage.number] * len(found)
        self._joined = " ".join(("", *self._tokens, ""))
        info = reading.video.info
        names = (info.title, info.channel or "", *(c.title for c in reading.video.chapters))
        self._names = tuple(f" {' '.join(tokens(name))} " for name in names)

    def find(self, words: str, *, near: int | None = None) -> WordSpan | None:
        """Where somebody says this, of several places the one nearest to a passage."""
        places = self._find(tokens(words))
        return min(places, key=lambda place: abs(place.passage - (near or 0)), default=None)

    def quoted(self, quote: str) -> bool:
        """Whether it is a quote: pieces around an ellipsis have at least four words, follow each
        other in the same or the next passage and leave out no negation."""
        quote = _CITED.sub("", quote)
        # Speakers break off as well: captions then have the ellipsis.
        if self.find(quote) or self.named(quote):
            return True
        pieces = [piece for piece in _ELLIPSIS.split(quote) if tokens(piece)]
        if len(pieces) < 2 or any(count_words(piece) < _SHORTEST_PIECE for piece in pieces):
            return False
        return any(self._follow(place, pieces[1:]) for place in self._find(tokens(pieces[0])))

    def start(self, place: WordSpan) -> float:
        """The second at which the sentence begins in which a place begins."""
        return self._starts[place.first]

    def named(self, words: str) -> bool:
        """Whether the words stand in the title, the channel's name or a chapter's."""
        wanted = f" {' '.join(tokens(words))} "
        return len(wanted) > 2 and any(wanted in name for name in self._names)

    def _follow(self, place: WordSpan, pieces: list[str]) -> bool:
        for piece in pieces:
            later = (found for found in self._find(tokens(piece)) if found.first > place.last)
            following = next(later, None)
            if following is None or following.passage > place.last_passage + 1:
                return False
            if not self._negations.isdisjoint(self._tokens[place.last + 1 : following.first]):
                return False
            place = following
        return True

    def _find(self, wanted: list[str]) -> Iterator[WordSpan]:
        text, at = f" {' '.join(wanted)} ", -1
        for _ in range(_MOST_PLACES if wanted else 0):
            at = self._joined.find(text, at + 1)
            if at < 0:
                return
            first = self._joined.count(" ", 0, at)
            last = first + len(wanted) - 1
            yield WordSpan(first, last, self._passages[first], self._passages[last])


def tokens(text: str) -> list[str]:
    """Words as they are compared, and signs that stand for words."""
    return list(_TOKEN.findall(normalize("NFC", text.casefold().replace("’", "'"))))


@cache
def negations(language: str) -> frozenset[str]:
    """Words that turn a statement into its opposite; none for a language that we do not know."""
    file = resources.files(__package__).joinpath("negations.toml")
    known = tomllib.loads(file.read_text(encoding="utf-8"))
    return frozenset(known.get(base_language(language), "").split())
