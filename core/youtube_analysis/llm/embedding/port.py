"""The port that every embedder implements, and what all of them do to texts and vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Protocol

from youtube_analysis.errors import ModelBroke

BATCH = 16
"""Most texts that are embedded in one go."""
# In characters: more than any passage holds, and within what small models take in.
_LONGEST = 2_000
_E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])", re.IGNORECASE)


class Embedder(Protocol):
    """Belongs to one event loop."""

    @property
    def name(self) -> str:
        """The model's: vectors of different models cannot be compared."""

    async def load(self) -> None:
        """Makes ready what a first text would wait for, but fetches nothing. Raises ModelError."""

    async def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        """One vector a text, in order, all of the same length, every number finite. `query` tells
        questions from what may answer them. Raises ModelError."""

    async def close(self) -> None:
        """Ends what it holds open; may be called twice."""


def tells_roles(model: str) -> bool:
    """Whether a model was trained to be told which texts are questions (the E5 family)."""
    return bool(_E5.search(model))


def with_role(texts: Sequence[str], *, query: bool) -> list[str]:
    """Each text behind the word by which E5 models are told its role."""
    role = "query" if query else "passage"
    return [f"{role}: {text}" for text in texts]


def shortened(texts: Sequence[str]) -> list[str]:
    """Cut to 2,000 characters; halves of a character become "?"."""
    return [text[:_LONGEST].encode(errors="replace").decode() for text in texts]


def checked(rows: list[list[float]], count: int) -> list[list[float]]:
    """The same rows. Raises ModelBroke unless they are `count` vectors of one length."""
    if len(rows) != count:
        raise ModelBroke(f"{len(rows)} vectors for {count} texts")
    if not all(rows) or len({len(row) for row in rows}) > 1:
        raise ModelBroke("vectors of different lengths")
    if not all(isfinite(sum(x * x for x in row)) for row in rows):
        raise ModelBroke("vectors that are no numbers")
    return rows
