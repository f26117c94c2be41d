"""Which places of a talk speak of what is asked: by words and pieces of words, of any script."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, pairwise
from math import log, sqrt
from typing import Protocol
from unicodedata import combining, normalize

from .reading import Reading
from .windows import SECONDS, Window, divide, windows
from .words import Analyzer

# Windows are of nearly equal length: it needs little correction.
K1, B = 0.8, 0.4
# Beside whole words (weight 1): pieces find inflected, compound and misspelt ones.
_PIECES = 0.5
_PIECE_LENGTHS = (3, 4)
# A misspelt word is read as the nearest word of the talk from this likeness on (difflib ratio).
_LIKENESS = 0.84
_SHORTEST_MISSPELT = 5
# Of a question; each is compared with every word of the talk that is like it in length.
_MOST_MENDED = 16
# Seconds that two citations may have in common.
_COMMON = 5.0
# Question and answer are often spoken in neighbouring passages.
_NEIGHBOUR = 0.2

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


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
    def rank(self, question: str, limit: int = 10) -> list[Hit]:
        """Best places first, apart from each other; none where nothing speaks for any."""


class Lexical:
    """An index over one talk. Not thread-safe: the analyzer remembers stems."""

    def __init__(self, reading: Reading) -> None:
        self.analyzer = Analyzer(reading.language)
        self.sentences = reading.sentences
        # The passage (place from 0) of every sentence.
        self.owners = [p.number - 1 for p in reading.passages for _ in p.sentences]
        # Terms of every sentence, by passage: read once, wanted by many.
        self.terms = tuple(
            tuple(tuple(self.analyzer.terms(sentence.text)) for sentence in passage.sentences)
            for passage in reading.passages
        )
        self._lengths: list[int] = []
        self._postings: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for place in range(len(self.terms)):
            terms = list(self.passage_terms(place))
            self._lengths.append(len(terms))
            for term, count in Counter(terms).items():
                self._postings[term][place] = count
        self._average = sum(self._lengths) / max(1, len(self._lengths)) or 1.0
        self.windows = windows(reading)
        blocks = divide(self.sentences)
        spoken = list(chain.from_iterable(self.terms))
        self._words = _Index([self._block_words(spoken, block) for block in blocks], self.windows)
        texts = [" ".join(self._labelled(place) for place in block) for block in blocks]
        self._pieces = _Index([Counter(pieces(text)) for text in texts], self.windows)

    def rank(self, question: str, limit: int = 10) -> list[Hit]:
        words, parts = self._found(question)
        if not any(words) and not any(parts):
            return []
        return self.hits(_fused(words, parts), limit)

    def scores(self, question: str) -> list[float]:
        """One number a window, 0 on average."""
        return _fused(*self._found(question))

    def hits(self, scores: Sequence[float], limit: int) -> list[Hit]:
        """The places of the best windows, best first, each cut to what may be cited."""
        kept: list[Hit] = []
        for place in sorted(range(len(scores)), key=lambda place: (-scores[place], place)):
            hit = self._hit(self.windows[place], scores[place])
            if all(min(hit.end, o.end) - max(hit.start, o.start) <= _COMMON for o in kept):
                kept.append(hit)
                if len(kept) == limit:
                    break
        return kept

    def passages(self, text: str, limit: int) -> list[tuple[int, float]]:
        """Numbers of the passages that share most with a text, best first, with their scores;
        those that share nothing are left out."""
        alone: defaultdict[int, float] = defaultdict(float)
        for term in self.query_terms(text):
            weight = self.rarity(term)
            for place, count in self._postings.get(term, {}).items():
                norm = K1 * (1 - B + B * self._lengths[place] / self._average)
                alone[place] += weight * count * (K1 + 1) / (count + norm)
        best = sorted(
            (-score - _NEIGHBOUR * max(alone.get(n - 1, 0.0), alone.get(n + 1, 0.0)), n + 1)
            for n, score in alone.items()
        )
        return [(number, -score) for score, number in best[:limit]]

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
        terms = dict.fromkeys(self.analyzer.terms(question))
        unknown = [term for term in terms if not self.known(term)]
        mended = {term: self._mend(term) for term in unknown[:_MOST_MENDED]}
        return list(dict.fromkeys(mended.get(term, term) for term in terms))

    def _found(self, question: str) -> tuple[list[float], list[float]]:
        """How much every window has of the question's words, and of their pieces."""
        words = dict.fromkeys([*self.query_terms(question), *self._grammar(question)])
        return self._words.scores(words), self._pieces.scores(dict.fromkeys(pieces(question)))

    def _block_words(self, spoken: Sequence[Sequence[str]], block: range) -> Counter[str]:
        counts: Counter[str] = Counter()
        for place in block:
            counts.update(spoken[place])
            counts.update(self._grammar(self.sentences[place].text))
            counts.update(self.analyzer.terms(self.sentences[place].speaker or ""))
        return counts

    def _labelled(self, place: int) -> str:
        sentence = self.sentences[place]
        return f"{sentence.speaker} {sentence.text}" if sentence.speaker else sentence.text

    def _grammar(self, text: str) -> list[str]:
        """Function words tell little each, but “how many” and “without” do tell something."""
        words = _WORD.findall(text.casefold())
        return [word for word in words if self.analyzer.term(word) is None]

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
            for word in self._postings
            if word[0] == term[0] and abs(len(word) - len(term)) <= 2
        ]
        return next(iter(get_close_matches(term, candidates, n=1, cutoff=_LIKENESS)), term)


class _Index:
    """BM25 over windows, counted once a block."""

    def __init__(self, blocks: Sequence[Counter[str]], over: Sequence[Window]) -> None:
        self._postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for block, counts in enumerate(blocks):
            for term, count in counts.items():
                self._postings[term].append((block, count))
        self._windows_of: list[list[int]] = [[] for _ in blocks]
        for place, window in enumerate(over):
            for block in window.blocks:
                self._windows_of[block].append(place)
        lengths = [counts.total() for counts in blocks]
        longs = [sum(lengths[block] for block in window.blocks) for window in over]
        average = sum(longs) / max(1, len(longs)) or 1.0
        self._norms = [K1 * (1 - B + B * long / average) for long in longs]

    def scores(self, terms: Iterable[str]) -> list[float]:
        """One a window."""
        scores = [0.0] * len(self._norms)
        for term in terms:
            found = self._counted(term)
            rarity = log(1 + (len(scores) - len(found) + 0.5) / (len(found) + 0.5))
            for place, count in found.items():
                scores[place] += rarity * count * (K1 + 1) / (count + self._norms[place])
        return scores

    def _counted(self, term: str) -> dict[int, int]:
        """Windows that hold a term, and how often."""
        found: defaultdict[int, int] = defaultdict(int)
        for block, count in self._postings.get(term, ()):
            for place in self._windows_of[block]:
                found[place] += count
        return found


def _fused(words: Sequence[float], parts: Sequence[float]) -> list[float]:
    both = zip(standard(words), standard(parts), strict=True)
    return [word + _PIECES * part for word, part in both]


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
    for word in _WORD.findall(_plain(text)):
        cut: Callable[[str], list[str]] = _characters if _UNSPACED.search(word) else _runs
        found += cut(word)
    return found


def _plain(text: str) -> str:
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    return "".join(c for c in normalize("NFKD", lowered) if not combining(c))


def _runs(word: str) -> list[str]:
    marked = f" {word} "
    return [marked[at : at + n] for n in _PIECE_LENGTHS for at in range(len(marked) - n + 1)]


def _characters(word: str) -> list[str]:
    return [*word, *map("".join, pairwise(word))]
