"""Which passages speak of what is asked: BM25 over terms of any script."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from math import log

from .reading import Reading
from .words import Analyzer

# Passages are short and of nearly equal length: a word said twice tells little more than once,
# and length needs little correction.
K1 = 0.8
B = 0.4
# Question and answer are often spoken in neighbouring passages.
NEIGHBOUR = 0.2
# A misspelt word is read as the nearest word of the talk from this likeness on (difflib ratio).
_LIKENESS = 0.84
_SHORTEST_MISSPELT = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """`number` is the passage's; `covered` is the share (0…1) of what was asked, weighted by
    rarity, that stands in it or beside it."""

    number: int
    score: float
    covered: float


class Ranking:
    """An index over the passages of one talk. Not thread-safe: the analyzer remembers stems."""

    def __init__(self, reading: Reading) -> None:
        self.analyzer = Analyzer(reading.language)
        # Terms of every sentence, by passage: read once, wanted by many.
        self.terms = tuple(
            tuple(tuple(self.analyzer.terms(sentence.text)) for sentence in passage.sentences)
            for passage in reading.passages
        )
        self._lengths: list[int] = []
        self._postings: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for place, passage in enumerate(reading.passages):
            said_by = {sentence.speaker for sentence in passage.sentences if sentence.speaker}
            terms = [*self.passage_terms(place), *self.analyzer.terms(" ".join(sorted(said_by)))]
            self._lengths.append(len(terms))
            for term, count in Counter(terms).items():
                self._postings[term][place] = count
        self._average = sum(self._lengths) / max(1, len(self._lengths)) or 1.0

    def passage_terms(self, place: int) -> Iterator[str]:
        """`place` counts passages from 0."""
        return chain.from_iterable(self.terms[place])

    def rarity(self, term: str) -> float:
        """How much a term tells (idf); a term that is never said tells most."""
        known = len(self._postings.get(term, ()))
        return log(1 + (len(self._lengths) - known + 0.5) / (known + 0.5))

    def frequency(self, term: str) -> int:
        return sum(self._postings.get(term, {}).values())

    @property
    def total(self) -> int:
        """Terms in the whole talk."""
        return sum(self._lengths)

    def most_frequent(self, count: int) -> list[str]:
        return sorted(self._postings, key=lambda term: (-self.frequency(term), term))[:count]

    def known(self, term: str) -> bool:
        return term in self._postings

    def query_terms(self, question: str) -> list[str]:
        """Distinct terms of a question, misspelt ones replaced by what the talk says."""
        return list(dict.fromkeys(map(self._mend, self.analyzer.terms(question))))

    def rank(self, weights: Mapping[str, float], limit: int = 10) -> list[Hit]:
        """Best passages first; passages without any of the terms are left out.

        `weights` says how much each term counts, usually its rarity.
        """
        total = sum(weights.values())
        alone = self._alone(weights)
        hits = [
            Hit(
                place + 1,
                self._with_neighbours(alone, place),
                self._covered(weights, place) / total,
            )
            for place in alone
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:limit]

    def _alone(self, weights: Mapping[str, float]) -> dict[int, float]:
        scores: defaultdict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            for place, count in self._postings.get(term, {}).items():
                norm = K1 * (1 - B + B * self._lengths[place] / self._average)
                scores[place] += weight * count * (K1 + 1) / (count + norm)
        return scores

    def _with_neighbours(self, alone: Mapping[int, float], place: int) -> float:
        beside = max(alone.get(place - 1, 0.0), alone.get(place + 1, 0.0))
        return alone[place] + NEIGHBOUR * beside

    def _covered(self, weights: Mapping[str, float], place: int) -> float:
        near = range(place - 1, place + 2)
        return sum(
            weight
            for term, weight in weights.items()
            if any(beside in self._postings.get(term, ()) for beside in near)
        )

    def _mend(self, term: str) -> str:
        if self.known(term) or len(term) < _SHORTEST_MISSPELT or not term.isalpha():
            return term
        candidates = self._of_like_length(term)
        return next(iter(get_close_matches(term, candidates, n=1, cutoff=_LIKENESS)), term)

    def _of_like_length(self, term: str) -> Iterable[str]:
        """First letters are seldom mistyped; this keeps the comparison short."""
        return [
            word
            for word in self._postings
            if word[0] == term[0] and abs(len(word) - len(term)) <= 2
        ]
