"""Ranking by meaning beside words: for questions in other words, or in another language."""

from __future__ import annotations

from collections.abc import Sequence

from .ranking import Hit, Lexical, standard
from .vectors import Vectors
from .windows import Window

# Beside words (1) and pieces of words (.5): of the window as a whole, and of the best passage in
# it. Fitted on multilingual-e5-small; anything from 1.5 to 3.5 does nearly as well.
_WEIGHT = 2.5


class Semantic:
    """`vectors` has one a passage of the talk that `lexical` indexes, `question_vector` is that
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
            word + _WEIGHT * (mean + most)
            for word, mean, most in zip(words, whole, best, strict=True)
        ]

    def _whole(self, window: Window) -> float:
        """The cosine between the question and what the window's passages mean together."""
        length = self._vectors.length(window.passages)
        total = sum(seconds * self.near[place] for place, seconds in window.passages)
        return total / length if length else 0.0
