"""Which places of a talk speak of what is asked: by words and pieces of words of any script, and
by meaning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import accumulate, chain, pairwise
from math import log, sqrt
from typing import Protocol

from .sentences import Sentence
from .transcript import Transcript
from .vectors import Vectors
from .words import WORD, Analyzer, without_accents

# An answer needs its surroundings to be found: 45 seconds, and again from their middle on.
HOP = 22.5
SECONDS = 2 * HOP
# Windows are of nearly equal length: it needs little correction.
K1, B = 0.8, 0.4
# Beside whole words (weight 1): pieces find inflected, compound and misspelt ones.
_PIECES = 0.5
# Of the window as a whole, and of the best passage in it. Fitted on multilingual-e5-small;
# anything from 1.5 to 3.5 does nearly as well.
_MEANING = 2.5
# A misspelt word is read as the nearest word of the talk from this likeness on (difflib ratio).
_LIKENESS = 0.84
_SHORTEST_MISSPELT = 5
# Of a question; each is compared with every word of the talk that is like it in length.
_MOST_MENDED = 16


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences `first` to `last` (places in the talk, both inside) between two seconds.

    `passages` pairs each passage that it touches (place from 0) with the seconds of it that lie
    inside.
    """

    first: int
    last: int
    start: float
    end: float
    passages: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place to cite: from `start` to `end` at most 45 s, and most often over 30.

    Sentences `first` to `last` (places in the talk, both inside) begin there; `number` is the
    passage that the first stands in. `score` has no unit and compares the places found for one
    question.
    """

    number: int
    first: int
    last: int
    start: float
    end: float
    score: float


class Ranking(Protocol):
    """By words (`Lexical`), or by meaning as well (`Semantic`)."""

    def rank(self, question: str, limit: int = 10) -> list[Hit]:
        """Best places first, none overlapping; empty if nothing matches."""


class Lexical:
    """An index over one talk: of its passages at once, of its windows when first asked to rank,
    which costs more. Not thread-safe: the analyzer remembers stems."""

    def __init__(self, reading: Transcript) -> None:
        self.analyzer = Analyzer(reading.language)
        self.sentences, self.owners = reading.sentences, reading.owners
        # Terms of every sentence, by passage: read once, wanted by many.
        self.terms = tuple(
            tuple(tuple(self.analyzer.terms(sentence.text)) for sentence in passage.sentences)
            for passage in reading.passages
        )
        self._reading = reading
        self._alone = _Index(map(self.passage_terms, range(len(self.terms))))

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        return windows(self._reading)

    @cached_property
    def _indexes(self) -> tuple[_Index, _Index]:
        """Of the windows: by words, and by pieces of words."""
        said = [f"{sentence.speaker or ''} {sentence.text}" for sentence in self.sentences]
        words = [[*self.analyzer.terms(text), *self.analyzer.grammar(text)] for text in said]
        parts = list(map(pieces, said))
        return _Index(self._in_windows(words)), _Index(self._in_windows(parts))

    def _in_windows(self, by_sentence: Sequence[Iterable[str]]) -> Iterator[Iterable[str]]:
        for window in self.windows:
            yield chain.from_iterable(by_sentence[window.first : window.last + 1])

    def rank(self, question: str, limit: int = 10) -> list[Hit]:
        """Best places first, none overlapping; empty if nothing matches."""
        _, by_piece = self._indexes
        if by_piece.postings.keys().isdisjoint(pieces(question)):
            return []
        return self.hits(self.scores(question), limit)

    def scores(self, question: str) -> list[float]:
        """One number a window, 0 on average."""
        asked = dict.fromkeys([*self.query_terms(question), *self.analyzer.grammar(question)])
        by_word, by_piece = self._indexes
        words = standard(by_word.scores(asked))
        parts = standard(by_piece.scores(dict.fromkeys(pieces(question))))
        return [word + _PIECES * part for word, part in zip(words, parts, strict=True)]

    def hits(self, scores: Sequence[float], limit: int) -> list[Hit]:
        """The places of the best windows, best first, each cut to what may be cited."""
        kept: list[Hit] = []
        for place in sorted(range(len(scores)), key=lambda place: (-scores[place], place)):
            hit = self._hit(self.windows[place], scores[place])
            if all(hit.end <= other.start or hit.start >= other.end for other in kept):
                kept.append(hit)
                if len(kept) == limit:
                    break
        return kept

    def passages(self, text: str, limit: int) -> list[tuple[int, float]]:
        """Numbers of the passages that share most with a text, best first, with their scores;
        those that share nothing are left out."""
        scores = self._alone.scores(dict.fromkeys(self.analyzer.terms(text)))
        best = sorted((-score, number) for number, score in enumerate(scores, start=1) if score)
        return [(number, -score) for score, number in best[:limit]]

    def passage_terms(self, place: int) -> Iterator[str]:
        """`place` counts passages from 0."""
        return chain.from_iterable(self.terms[place])

    def rarity(self, term: str) -> float:
        """How much a term tells (idf); a term that is never said tells most."""
        return self._alone.rarity(term)

    @property
    def total(self) -> int:
        """Terms in the whole talk."""
        return sum(map(len, chain.from_iterable(self.terms)))

    def known(self, term: str) -> bool:
        return term in self._alone.postings

    def query_terms(self, question: str) -> list[str]:
        """Distinct terms of a question, misspelt ones replaced by what the talk says."""
        terms = dict.fromkeys(self.analyzer.terms(question))
        unknown = [term for term in terms if not self.known(term)]
        mended = {term: self._mend(term) for term in unknown[:_MOST_MENDED]}
        return list(dict.fromkeys(mended.get(term, term) for term in terms))

    def _hit(self, window: Window, score: float) -> Hit:
        """Of an endless last sentence only the beginning is cited."""
        first, last, end = window.first, window.last, min(window.end, window.start + SECONDS)
        while last > first and self.sentences[last].start >= end:
            last -= 1
        return Hit(self.owners[first] + 1, first, last, window.start, end, score)

    def _mend(self, term: str) -> str:
        if len(term) < _SHORTEST_MISSPELT or not term.isalpha():
            return term
        # First letters are seldom mistyped; this keeps the comparison short.
        candidates = [
            word
            for word in self._alone.postings
            if word[0] == term[0] and abs(len(word) - len(term)) <= 2
        ]
        return next(iter(get_close_matches(term, candidates, n=1, cutoff=_LIKENESS)), term)


class Semantic:
    """By meaning beside words: for questions in other words, or in another language.

    `vectors` has one a passage of the talk that `lexical` indexes, `question_vector` is that
    of the question asked of `rank`, by the same embedding model."""

    def __init__(
        self, lexical: Lexical, vectors: Vectors, question_vector: Sequence[float]
    ) -> None:
        self._lexical = lexical
        self._vectors = vectors
        self.near = [vectors.dot(place, question_vector) for place in range(len(vectors))]
        """The cosine of each passage with the question."""

    def rank(self, question: str, limit: int = 10) -> list[Hit]:
        return self._lexical.hits(self.scores(question), limit)

    def scores(self, question: str) -> list[float]:
        """One number a window, 0 on average."""
        over = self._lexical.windows
        whole = standard([self._whole(window) for window in over])
        best = standard([max(self.near[place] for place, _ in window.passages) for window in over])
        words = self._lexical.scores(question)
        return [
            word + _MEANING * (mean + most)
            for word, mean, most in zip(words, whole, best, strict=True)
        ]

    def _whole(self, window: Window) -> float:
        """The cosine between the question and what the window's passages mean together."""
        length = self._vectors.length(window.passages)
        total = sum(seconds * self.near[place] for place, seconds in window.passages)
        return total / length if length else 0.0


class _Index:
    """BM25 over stretches of a talk."""

    def __init__(self, stretches: Iterable[Iterable[str]]) -> None:
        counted = [Counter(terms) for terms in stretches]
        self.postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        """By term: the stretches that have it, and how often."""
        for place, counts in enumerate(counted):
            for term, count in counts.items():
                self.postings[term].append((place, count))
        longs = [counts.total() for counts in counted]
        average = sum(longs) / max(1, len(longs)) or 1.0
        self._norms = [K1 * (1 - B + B * long / average) for long in longs]

    def rarity(self, term: str) -> float:
        """How much a term tells (idf)."""
        found = len(self.postings.get(term, ()))
        return log(1 + (len(self._norms) - found + 0.5) / (found + 0.5))

    def scores(self, terms: Iterable[str]) -> list[float]:
        """One a stretch."""
        scores = [0.0] * len(self._norms)
        for term in terms:
            rarity = self.rarity(term)
            for place, count in self.postings.get(term, ()):
                scores[place] += rarity * count * (K1 + 1) / (count + self._norms[place])
        return scores


def standard(scores: Sequence[float]) -> list[float]:
    """As deviations from their average (z); all 0 where they are equal."""
    count = max(1, len(scores))
    average = sum(scores) / count
    spread = sqrt(sum((score - average) ** 2 for score in scores) / count)
    return [(score - average) / spread if spread > 1e-9 else 0.0 for score in scores]


def pieces(text: str) -> list[str]:
    """Runs of 3 and 4 characters of every word, its ends marked; of scripts without spaces,
    characters and pairs of them."""
    found: list[str] = []
    for match in WORD.finditer(without_accents(text.casefold())):
        if run := match["run"]:
            found += [*run, *map("".join, pairwise(run))]
        else:
            marked = f" {match['word']} "
            found += [marked[at : at + 3] for at in range(len(marked) - 2)]
            found += [marked[at : at + 4] for at in range(len(marked) - 3)]
    return found


def windows(reading: Transcript) -> tuple[Window, ...]:
    """Two neighbouring blocks each, in order; a block without a neighbour is one alone."""
    owned = list(zip(reading.sentences, reading.owners, strict=True))
    blocks = _blocks(reading.sentences)
    found: list[Window] = []
    for number, places in blocks.items():
        if following := blocks.get(number + 1):
            found.append(_window(owned, range(places.start, following.stop)))
        elif number - 1 not in blocks:
            found.append(_window(owned, places))
    return tuple(found)


def _blocks(sentences: Sequence[Sentence]) -> dict[int, range]:
    """Whole sentences of 22.5 s each, by the block's number from the first sentence on: a
    sentence belongs where its middle lies. Blocks without a sentence are left out."""
    first = sentences[0].start if sentences else 0.0
    middles = ((sentence.start + sentence.end) / 2 for sentence in sentences)
    blocks: dict[int, range] = {}
    for place, number in enumerate(accumulate((int((m - first) / HOP) for m in middles), max)):
        blocks[number] = range(blocks[number].start if number in blocks else place, place + 1)
    return blocks


def _window(owned: Sequence[tuple[Sentence, int]], places: range) -> Window:
    seconds: defaultdict[int, float] = defaultdict(float)
    inside = owned[places.start : places.stop]
    for sentence, owner in inside:
        seconds[owner] += sentence.end - sentence.start
    start, end = inside[0][0].start, max(sentence.end for sentence, _ in inside)
    return Window(places[0], places[-1], start, end, tuple(seconds.items()))
