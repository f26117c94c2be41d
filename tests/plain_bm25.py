"""The reference that retrieval is compared with: BM25 as in any textbook."""

from __future__ import annotations

from collections import Counter
from math import log
from statistics import mean

from question_set import Span
from youtube_analysis.passages.ranking import windows
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import Analyzer


class PlainBM25:
    """Nothing of ours but the windows and what a word is."""

    def __init__(self, reading: Transcript) -> None:
        self._analyzer = Analyzer("")  # words as they are, characters in pairs
        sentences = reading.sentences
        over = windows(reading)
        self._spans = [(w.start, w.end) for w in over]
        self._counts = [
            Counter(t for s in sentences[w.first : w.last + 1] for t in self._terms(s.text))
            for w in over
        ]
        self._average = mean(counts.total() for counts in self._counts)

    def rank(self, question: str, limit: int) -> list[Span]:
        """Windows as spans in seconds, best first, none over a better one."""
        scores = [0.0] * len(self._spans)
        for term in self._terms(question):
            known = sum(term in counts for counts in self._counts)
            rarity = log(1 + (len(scores) - known + 0.5) / (known + 0.5))
            for place, counts in enumerate(self._counts):
                norm = 1.2 * (0.25 + 0.75 * counts.total() / self._average)
                scores[place] += rarity * counts[term] * 2.2 / (counts[term] + norm)
        kept: list[Span] = []
        for place in sorted(range(len(scores)), key=lambda place: -scores[place]):
            start, end = self._spans[place]
            if all(min(end, b) - max(start, a) <= 5.0 for a, b in kept):
                kept.append((start, end))
        return kept[:limit]

    def _terms(self, text: str) -> list[str]:
        return self._analyzer.terms(text)
