"""Citations: a model writes `[12]`; only code turns that into a time and a link."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.times import clock
from youtube_analysis.passages.words import count_words
from youtube_analysis.patterns import Pattern

from .quotation_marks import CLOSERS, LETTER, SMALL
from .signs import REFUSED
from .spoken import Place, SpokenWords
from .stage import HELD

_LABEL = r"(?:passages?|source|pp?\.?|n[or]\.?|[#§¶^])?[ \t]?"
_NUMBER = rf"{_LABEL}(?P<number>\d{{1,6}})(?:†[^\[\]【】\n]{{0,40}})?"
_SEPARATOR = r"[ \t]?(?:[,;&/–—-]|and|to)[ \t]?"
# How a model cites: `[12]`, `[3, 4]`, `【passage 5†said】`.
NUMBERED = (
    r"[\[【](?=[^\[\]【】\n]{1,150}[\]】])[ \t]?"
    rf"{_NUMBER}(?:{_SEPARATOR}{_NUMBER}){{0,15}}[ \t]?[\]】]"
)

_QUOTED = Pattern(
    "|".join(
        rf"{opener}(?P<words>[^{opener}{closers}\n]{{3,2000}})[{closers}]"
        for opener, closers in CLOSERS.items()
    )
    + rf"|(?<!{LETTER})[{SMALL}](?P<words>[^\n]{{3,{HELD}}}?)[{SMALL}](?!{LETTER})",
    regex.VERSION1,
)
_SHORTEST_CLAIM = 4
_SENTENCE_START = Pattern(r"(?:^|[.!?。！？…]\s+|\n)(?:[#>*\-\d. ]+)?(?=[^.!?。！？…\n]*$)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that was let through, the words that it backs, and the passages it names."""

    citation: Citation
    claim: str
    passages: tuple[int, ...]


class Citations:
    """Finds the second that a citation points at: that of the words before it where they are
    spoken, else the beginning of the passage."""

    def __init__(self, spoken: SpokenWords) -> None:
        self._spoken = spoken
        self._info = spoken.reading.video.info
        self._passages = spoken.reading.passages
        self._line = ""  # since the last citation
        self.made: list[Cited] = []

    def read(self, text: str) -> None:
        """What is shown between citations; they refer to it."""
        _, newline, line = text.rpartition("\n")
        self._line = line if newline else self._line + line

    @property
    def refused(self) -> bool:
        """Whether something was left out of the words that the next citation would back."""
        return REFUSED in self._line

    def cite(self, *numbers: int) -> list[Cited]:
        """Those of the passages that exist, for the words before; empty if none does, or if
        what those words claimed was refused."""
        refused = self.refused
        known = [n for n in numbers if 1 <= n <= len(self._passages) and not refused]
        made = [self._cited(number) for number in known]
        if made or refused:
            self._line = ""
        self.made += made
        return made

    def _cited(self, number: int) -> Cited:
        claim = self._line
        quotes = [match["words"] for match in _QUOTED.finditer(claim)][-1:]
        for words in quotes:
            # A quote stands where it stands, whichever passage the model named.
            if place := self._spoken.locate(words, near=number):
                return self._at(place, words, claim, place.passage)
        for words in _verbatim(claim):
            place = self._spoken.locate(words, near=number)
            if place and number <= place.passage <= number + 1:
                return self._at(place, words, claim, number)
        passage = self._passages[number - 1]
        made = self._citation(passage.start, passage.end, passage.text)
        return Cited(made, claim, (number,))

    def _at(self, place: Place, words: str, claim: str, number: int) -> Cited:
        return Cited(self._citation(place.start, place.end, words), claim, (number,))

    def _citation(self, start: float, end: float, quote: str) -> Citation:
        return Citation(self._info.video_id, start, end, self._info.url_at(start), quote)


def _verbatim(before: str) -> list[str]:
    """What may stand word for word in the passage: the line, its last sentence, and that
    without its heading. Two or three words stand anywhere."""
    plain = before.strip(' *_>-“”"')
    starts = [match.end() for match in _SENTENCE_START.finditer(plain.rstrip(" .!?。！？…"))]
    sentence = plain[starts[-1] if starts else 0 :]
    claims = [plain, sentence, sentence.rpartition("**")[2], sentence.partition(": ")[2]]
    return [claim for claim in claims if count_words(claim) >= _SHORTEST_CLAIM]


def link(citation: Citation) -> str:
    """`[1:16](https://youtu.be/…?t=76)`; for a file whose video nobody knows, `[1:16]`."""
    time = clock(citation.start)
    return f"[{time}]({citation.url})" if citation.url else f"[{time}]"
