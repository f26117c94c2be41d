"""Captions are cut by width; people read sentences. Here the sentences are put together again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import regex

from youtube_analysis.models.transcript import Segment
from youtube_analysis.patterns import Pattern

from .clauses import clause_cuts
from .speech import Utterance, utterances
from .words import UNSPACED, count_words, spaced

# Longer than this without a full stop is speech that nobody punctuated (words).
LONGEST_SENTENCE = 48
# A silence (seconds) that ends a sentence where punctuation does not.
PAUSE = 1.2
_SHORTEST_CUT = 3

_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st jr sr vs etc e.g i.e no fig vol inc ltd co corp approx dept est gen gov
    sen rep rev u.s u.k a.m p.m z.b d.h bzw ca nr str usw m.in т.е т.д т.п г""".split()
)
_END = Pattern(r"[.!?…]+[\"'”’»)\]]*(?=\s+\S)|[。！？｡؟۔।॥]+[\"'”’»」』）]*", regex.VERSION1)
_CLOSED = Pattern(r"[.!?…。！？｡؟۔।॥][\"'”’»)\]」』）]*$")
_JAPANESE_END = Pattern(
    r"(?:です|ます|でした|ました|ません|でしょう|ください|ましょう|ですね|ですか"
    r"|ますか|ませんか|だ|だった|である)$"
)
_NO_SPACE_BETWEEN = Pattern(rf"[{UNSPACED}、。，！？：；「」『』（）〜…]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`marks` pairs an offset into `text` with the second at which that part is spoken."""

    text: str
    start: float
    end: float
    speaker: str | None = None
    marks: tuple[tuple[int, float], ...] = ()

    def time_at(self, offset: int) -> float:
        """The second at which the words at this offset of the text are spoken."""
        return _time_at(self.marks, offset, len(self.text), self.end)


def split_sentences(segments: Iterable[Segment]) -> tuple[Sentence, ...]:
    """Every spoken word of the segments, once and in order, as sentences with their times."""
    return tuple(
        sentence
        for block in _blocks(utterances(segments))
        for sentence in _Block.of(block).sentences()
    )


def sentence_ends(text: str) -> list[int]:
    """Offsets behind the full stops that end a sentence, and no abbreviation."""
    return [match.end() for match in _END.finditer(text) if _ends(text, match)]


def _blocks(spoken: Iterable[Utterance]) -> Iterator[list[Utterance]]:
    """Runs of one speaker without a sound or a long silence between."""
    block: list[Utterance] = []
    for utterance in spoken:
        if block and (utterance.fresh or utterance.start - block[-1].end > 3 * PAUSE):
            yield block
            block = []
        block.append(utterance)
    if block:
        yield block


@dataclass(frozen=True, slots=True)
class _Block:
    """Utterances joined to one text; `marks` and `silences` have one entry an utterance."""

    text: str
    marks: tuple[tuple[int, float], ...]
    silences: tuple[float, ...]
    end: float
    speaker: str | None

    @classmethod
    def of(cls, block: list[Utterance]) -> _Block:
        parts: list[str] = []
        marks: list[tuple[int, float]] = []
        length = 0
        for utterance in block:
            if parts and not _touching(parts[-1], utterance.text):
                parts.append(" ")
                length += 1
            marks.append((length, utterance.start))
            parts.append(utterance.text)
            length += len(utterance.text)
        silences = (0.0, *(after.start - before.end for before, after in pairwise(block)))
        return cls("".join(parts), tuple(marks), silences, block[-1].end, block[0].speaker)

    def sentences(self) -> Iterator[Sentence]:
        cuts = self._cuts()
        for begin, stop in zip([0, *cuts], [*cuts, len(self.text)], strict=True):
            words = self.text[begin:stop]
            if words.strip():
                yield self._sentence(begin + len(words) - len(words.lstrip()), words.strip())

    def _cuts(self) -> list[int]:
        stops = [stop for stop in sentence_ends(self.text) if stop < len(self.text)]
        breaths: list[int] = []
        for begin, stop in pairwise([0, *stops, len(self.text)]):
            punctuated = stop < len(self.text) or _CLOSED.search(self.text)
            if not punctuated or count_words(self.text[begin:stop]) > LONGEST_SENTENCE:
                breaths += self._breaths(begin, stop)
        return sorted({*stops, *breaths})

    def _breaths(self, begin: int, stop: int) -> list[int]:
        """Cuts for speech without punctuation: where clauses begin, or after closing verbs."""
        first, last = bisect_right(self.marks, (begin, inf)), bisect_left(self.marks, (stop,))
        silences = {self.marks[n][0]: self.silences[n] for n in range(first, last)}
        if spaced(self.text[begin:stop]):
            return clause_cuts(self.text, begin, stop, silences)
        cuts: list[int] = []
        for offset, silence in silences.items():
            stretch = self.text[cuts[-1] if cuts else begin : offset]
            closed = silence >= PAUSE or _JAPANESE_END.search(stretch.rstrip())
            length = count_words(stretch)
            if length >= LONGEST_SENTENCE or (closed and length >= _SHORTEST_CUT):
                cuts.append(offset)
        return cuts

    def _sentence(self, begin: int, words: str) -> Sentence:
        stop = begin + len(words)
        first = bisect_right(self.marks, (begin, inf))
        inner = self.marks[first : bisect_left(self.marks, (stop,))]
        start = _time_at(self.marks, begin, len(self.text), self.end)
        end = _time_at(self.marks, stop, len(self.text), self.end)
        marks = ((0, start), *((offset - begin, time) for offset, time in inner))
        return Sentence(words, start, max(start, end), self.speaker, marks)


def _time_at(marks: tuple[tuple[int, float], ...], offset: int, length: int, end: float) -> float:
    """Between two marks speech is taken to be even."""
    place = max(0, bisect_right(marks, (offset, inf)) - 1)
    here, time = marks[place]
    after, until = marks[place + 1] if place + 1 < len(marks) else (length, end)
    if after <= here:
        return time
    return time + (until - time) * (min(offset, after) - here) / (after - here)


def _touching(before: str, after: str) -> bool:
    return bool(_NO_SPACE_BETWEEN.match(before[-1]) and _NO_SPACE_BETWEEN.match(after[0]))


def _ends(text: str, match: regex.Match[str]) -> bool:
    """Whether a full stop ends a sentence rather than an abbreviation or an aside."""
    if not match[0].startswith("."):
        return True
    following = text[match.end() : match.end() + 8].lstrip()[:1]
    word = text[max(0, match.start() - 20) : match.start()].split()[-1:]
    last = word[0].casefold().lstrip("(\"'“") if word and match[0] == "." else ""
    if following.islower():
        # People forget the capital after a full word, hardly after an abbreviation or "...".
        return len(last) > 3 and last.isalpha() and last not in _ABBREVIATIONS
    return last not in _ABBREVIATIONS and not (len(last) == 1 and last.isalpha() and last != "i")
