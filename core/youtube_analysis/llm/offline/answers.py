"""Answers to questions: the best passages, quoted; or that the video does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import regex

from youtube_analysis.checking.literal import literal
from youtube_analysis.passages.ranking import Hit
from youtube_analysis.passages.reading import Passage
from youtube_analysis.passages.sentences import Sentence
from youtube_analysis.passages.words import count_words
from youtube_analysis.patterns import Pattern

from .questions import Question, understand
from .sections import Sections
from .talk import Talk, polish

# Share of the question, weighted by rarity, that must be spoken of in one place.
_ENOUGH = 0.5
# A further passage is quoted when it fits nearly as well as the best.
_NEARLY = 0.6
_QUOTES = 3
_QUOTE_WORDS = 55
_SHORT_WORDS = 12
_CANDIDATES = 80
_FITTING_KIND = 1.2
_DEFINING = 1.8
# Things are explained where they first come up.
_FIRST_MENTION = 1.25
_NAME = Pattern(r"(?<=[\p{Ll},] )\p{Lu}[\p{L}'’-]+|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+")
_NUMBER = Pattern(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred"
    r"|thousand|million|billion|percent|half|twice|years?|months?|weeks?|days?|hours?|minutes?"
    r"|today|tomorrow|later this)\b",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """Markdown with passages cited `[n]`; `answered` is False where nothing fits."""

    text: str
    answered: bool


def find_answer(talk: Talk, sections: Sections, text: str) -> FoundAnswer:
    question = understand(text, talk.ranking, talk.both_cues)
    if question.at is not None:
        return _at_time(talk, question.at)
    if not question.weights:
        return _overall(sections)
    hits = [hit for hit in _ranked(talk, question) if hit.covered >= _ENOUGH]
    if not hits:
        return _not_said(question)
    best = [hit for hit in hits if hit.score >= _NEARLY * hits[0].score]
    quotes = [_quote(talk, hit, question) for hit in _apart(best)[:_QUOTES]]
    return FoundAnswer("\n\n".join(dict.fromkeys(quotes)), answered=True)


def _ranked(talk: Talk, question: Question) -> list[Hit]:
    """Passages by their words; those first that say the kind of thing that was asked, and say
    it in the words that stand together in the question."""
    hits = talk.ranking.rank(question.weights, limit=_CANDIDATES)
    passages = talk.reading.passages
    fullest = max((hit.covered for hit in hits), default=0.0)
    first = min((hit.number for hit in hits if hit.covered == fullest), default=0)
    fitted = [
        Hit(
            hit.number,
            hit.score
            * _fit(talk, passages[hit.number - 1], question)
            * (_FIRST_MENTION if question.defines and abs(hit.number - first) <= 1 else 1.0),
            hit.covered,
        )
        for hit in hits
    ]
    return sorted(fitted, key=lambda hit: (-hit.score, hit.number))


def _fit(talk: Talk, passage: Passage, question: Question) -> float:
    factor = 1.0
    said = pairwise(talk.ranking.analyzer.terms(passage.text))
    if not set(pairwise(question.weights)).isdisjoint(said):
        factor *= _FITTING_KIND
    if question.who and _NAME.search(passage.text):
        factor *= _FITTING_KIND
    if question.how_much and _NUMBER.search(passage.text):
        factor *= _FITTING_KIND
    if question.defines and _definition_of(tuple(question.weights)).search(passage.text):
        factor *= _DEFINING
    return factor


@lru_cache(maxsize=64)
def _definition_of(terms: tuple[str, ...]) -> Pattern:
    """A term (its stem, and whatever ending) soon followed by a verb that defines."""
    stems = "|".join(regex.escape(term) for term in terms)
    verb = (
        r"(?:(?:is|are|was|were)\W+(?:\w+ly\W+|just\W+)?(?:an?|the|our|one|called|what|how)"
        r"|means|stands for|called|это)"
    )
    named = r"(?:called|named|known as|это|that's our|that's)"
    return Pattern(
        rf"\b(?:{stems})\w*(?:\W+\w+){{0,2}}?\W+{verb}\b"
        rf"|\b{named}\W+(?:\w+\W+){{0,2}}(?:{stems})"
        rf"|(?:{stems})(?:とは|は|是|就是)",
        regex.IGNORECASE,
    )


def _at_time(talk: Talk, seconds: float) -> FoundAnswer:
    passages = talk.reading.passages
    if seconds > talk.reading.video.duration or not passages:
        return FoundAnswer("The video does not say: it ends before that.", answered=False)
    place = max((p.number for p in passages if p.start <= seconds), default=1) - 1
    around = passages[place : place + 2]
    return FoundAnswer(
        "\n\n".join(f"“{literal(p.text)}” [{p.number}]" for p in around), answered=True
    )


def _overall(sections: Sections) -> FoundAnswer:
    """A question that names nothing asks for the whole: what is it about?"""
    lines = sections.gist
    text = "\n\n".join(f"“{literal(line.text)}” [{line.passage}]" for line in lines)
    return FoundAnswer(text or "The video does not say.", answered=bool(lines))


def _not_said(question: Question) -> FoundAnswer:
    named = ", ".join(f"“{literal(word)}”" for word in question.unsaid)
    why = f" Nobody in it says {named}." if named else ""
    return FoundAnswer(f"The video does not say.{why}", answered=False)


def _apart(hits: Sequence[Hit]) -> list[Hit]:
    """Best first, neighbours of a better one left out: its quote reaches over them."""
    kept: list[Hit] = []
    for hit in hits:
        if all(abs(hit.number - other.number) > 1 for other in kept):
            kept.append(hit)
    return kept


def _quote(talk: Talk, hit: Hit, question: Question) -> str:
    """The sentences in and beside a passage that speak most of what was asked."""
    passages = talk.reading.passages
    near = passages[max(0, hit.number - 2) : hit.number + 1]
    spoken = [(passage, sentence) for passage in near for sentence in passage.sentences]
    worths = [_worth(talk, sentence, question) for _, sentence in spoken]
    first, last = _window(spoken, worths)
    text = " ".join(sentence.text for _, sentence in spoken[first : last + 1])
    return f"“{literal(polish(text, talk.cues))}” [{spoken[first][0].number}]"


def _worth(talk: Talk, sentence: Sentence, question: Question) -> float:
    said = set(talk.ranking.analyzer.terms(sentence.text))
    worth = sum(weight for term, weight in question.weights.items() if term in said)
    defined = question.defines and _definition_of(tuple(question.weights)).search(sentence.text)
    return worth * (_FITTING_KIND if defined else 1.0)


def _window(spoken: Sequence[tuple[Passage, Sentence]], worths: Sequence[float]) -> tuple[int, int]:
    """First and last of the run of sentences that says most for its length."""
    best, found = (-1.0, 0), (0, 0)
    for first in range(len(spoken)):
        words, worth = 0, 0.0
        for last in range(first, len(spoken)):
            words += count_words(spoken[last][1].text)
            worth += worths[last]
            if last > first and words > _QUOTE_WORDS:
                break
            short = min(1.0, (words + 4) / (_SHORT_WORDS + 4))
            rank = (worth * short / (1 + words / 120), -first)
            if rank > best:
                best, found = rank, (first, last)
    return found
