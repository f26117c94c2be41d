"""True and false sentences about three talks, to measure how claims are judged.

The written ones are in `claims/`, one file per talk; `mechanical` makes more from a talk's own
sentences. Each names the second of the talk that it cites: `passage_number` and `cited` turn that
into the number of a passage, which depends on how captions are divided.
"""

from __future__ import annotations

import json
import random
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_ROOT = Path(__file__).parent.parent
_FOLDER = Path(__file__).parent / "claims"
_RECORDED = _ROOT.parent / "shared" / "recordings" / "captions"

# Each talk and the file of its captions. Those of the recordings may be missing.
TALKS: Final = {
    "sample": _ROOT / "bot" / "vidthread" / "sample" / "talk.en.vtt",
    "io2009-keynote": _RECORDED / "io2009-keynote.en.sbv-timing.srt",
    "javascript-the-good-parts": _RECORDED / "javascript-the-good-parts.en.srt",
}

# Kinds whose sentences the talk supports at the second that they cite, if they cite one.
# "far number" is neither true nor false: the talk says it, but not where it is cited.
TRUE_KINDS: Final = frozenset({"reworded", "translated", "verbatim", "verbatim uncited"})
FALSE_KINDS: Final = frozenset(
    {
        "changed number",
        "changed name",
        "swapped name",
        "plain lie",
        "uncited lie",
        "cut quote",
        "negation",
    }
)

# How many sentences `mechanical` makes of each kind.
VERBATIM, UNCITED, FAR = 40, 20, 20
SHORTEST, LONGEST = 8, 35
# Seconds between a sentence and the place where a far number cites it.
FAR_SECONDS = 600.0

_WORD = re.compile(r"\w+")
# Notes of the captioner and lines of songs, which no model would quote.
_UNSPOKEN = re.compile(r"[\[\]♪♫]")


@dataclass(frozen=True)
class Case:
    """A sentence as a model might write it, without its citation.

    `at` is the second of the talk that it cites, None where it cites nothing.
    """

    kind: str
    text: str
    at: float | None
    language: str
    talk: str


class Sentence(Protocol):
    """A sentence of a talk, with the seconds at which it begins and ends."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


def load(talk: str) -> list[Case]:
    """The written sentences about a talk of `TALKS`, in the order of the file.

    Raises FileNotFoundError for any other talk.
    """
    lines = (_FOLDER / f"{talk}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Case(talk=talk, **json.loads(line)) for line in lines]


def mechanical(
    sentences: Sequence[Sentence], seed: int, *, talk: str = "", language: str = "en"
) -> list[Case]:
    """Sentences of the talk word for word: "verbatim" cited at their own start, "verbatim uncited",
    and "far number" cited at least `FAR_SECONDS` away, or as far as the talk allows.

    The same seed gives the same cases. Raises ValueError if fewer than `VERBATIM` sentences fit.
    """
    chance = random.Random(seed)
    pool = _quotable(sentences)
    starts = [sentence.start for sentence in sentences]

    def case(kind: str, sentence: Sentence, at: float | None) -> Case:
        return Case(kind, " ".join(sentence.text.split()), at, language, talk)

    return [
        *(case("verbatim", one, one.start) for one in chance.sample(pool, VERBATIM)),
        *(case("verbatim uncited", one, None) for one in chance.sample(pool, UNCITED)),
        *(
            case("far number", one, _far_from(one.start, starts, chance))
            for one in chance.sample(pool, FAR)
        ),
    ]


def passage_number(starts: Sequence[float], at: float) -> int:
    """The number, from 1, of the passage that is spoken at a second.

    `starts` are the seconds at which the passages begin, in order; before the first one and after
    the last one, the nearest passage counts.
    """
    return max(1, bisect_right(starts, at))


def cited(case: Case, starts: Sequence[float]) -> str:
    """The sentence with its citation `[n]` behind it, if it has one; `starts` as above."""
    if case.at is None:
        return case.text
    return f"{case.text} [{passage_number(starts, case.at)}]"


def words(text: str) -> list[str]:
    """The words of a text, without case and punctuation; an apostrophe divides: `don`, `t`."""
    return [word.casefold() for word in _WORD.findall(text)]


def _quotable(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences of a length that models quote, spoken only once: elsewhere they are not true."""
    times = Counter(tuple(words(sentence.text)) for sentence in sentences)
    return [
        sentence
        for sentence in sentences
        if SHORTEST <= len(sentence.text.split()) <= LONGEST
        and times[tuple(words(sentence.text))] == 1
        and not _UNSPOKEN.search(sentence.text)
    ]


def _far_from(second: float, starts: Sequence[float], chance: random.Random) -> float:
    """The start of some sentence far from a second, or of the farthest one in a short talk."""
    far = [start for start in starts if abs(start - second) >= FAR_SECONDS]
    return chance.choice(far) if far else max(starts, key=lambda start: abs(start - second))
