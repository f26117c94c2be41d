"""What a question asks for: its terms, a time, and the kind of words that would answer it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from youtube_analysis.passages.ranking import Ranking
from youtube_analysis.passages.words import spaced
from youtube_analysis.patterns import Pattern

from .cues import Cues

_CLOCK = Pattern(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?![\d:])")


_UNSAID, _UNSAID_PAIR = 1.2, 0.35


@dataclass(frozen=True, slots=True)
class Question:
    """`weights` holds the terms asked for and how much each tells; empty asks for the whole.

    `at` is a second of the video that the question names, `unsaid` the words nobody says.
    """

    text: str
    weights: dict[str, float]
    unsaid: tuple[str, ...]
    at: float | None
    defines: bool
    who: bool
    how_much: bool


def understand(text: str, ranking: Ranking, languages: Sequence[Cues]) -> Question:
    """`languages` are the cues of those that the question may be asked in."""
    subject = text
    for cues in languages:
        subject = cues.frame.sub(" ", subject)
    asking = {
        term for cues in languages for word in cues.asking for term in ranking.analyzer.terms(word)
    }
    terms = ranking.query_terms(subject)
    # Words that only ask count where nothing else is left to go by.
    named = [term for term in terms if term not in asking] or terms
    return Question(
        text=text,
        weights={term: _weight(term, ranking) for term in named},
        unsaid=tuple(_unsaid(subject, named, ranking)),
        at=_asked_time(text),
        defines=any(cues.define.search(text) for cues in languages),
        who=any(cues.who.search(text) for cues in languages),
        how_much=any(cues.how_much.search(text) for cues in languages),
    )


def _weight(term: str, ranking: Ranking) -> float:
    """Rarity. A word that nobody says weighs more: the question is about it, the video is not.
    A pair of characters that never comes may be no word at all, and tells less."""
    if ranking.known(term):
        return ranking.rarity(term)
    return ranking.rarity(term) * (_UNSAID if spaced(term) else _UNSAID_PAIR)


def _unsaid(text: str, terms: Iterable[str], ranking: Ranking) -> list[str]:
    wanted = set(terms)
    words = [
        surface
        for term, surface in ranking.analyzer.terms_with_surface(text)
        if term in wanted and not ranking.known(term) and spaced(surface)
    ]
    return list(dict.fromkeys(words))


def _asked_time(text: str) -> float | None:
    if match := _CLOCK.search(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return hours * 3600.0 + minutes * 60 + seconds
    return None
