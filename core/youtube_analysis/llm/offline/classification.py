"""Which category and which kind of video: YouTube's own category, the title, the words said."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, pairwise
from math import log

from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag

from .cues import prototypes, titles
from .talk import Talk

# What YouTube calls a video, where that already says what we ask; it has one name for both
# technology and science.
_YOUTUBE_CATEGORIES = {
    "science & technology": ContentCategory.TECHNOLOGY,
    "education": ContentCategory.EDUCATION,
    **dict.fromkeys(
        ("entertainment", "film & animation", "comedy", "music", "gaming", "sports"),
        ContentCategory.ENTERTAINMENT,
    ),
}
# A word of the title or the keywords counts as one that is said so many times.
_TITLE_MENTIONS = 20
# Below so many terms in the whole talk nothing is claimed; of a longer one than a short one, a
# word must come twice.
_FEWEST_TERMS, _SHORT_TALK = 25, 600
# Typical words that must be said, how much they must weigh of all, and how far ahead of the next
# category they must be.
_FEWEST_WORDS, _ENOUGH, _AHEAD = 3, 0.018, 1.3
# Of all sentences of an interview.
_TURNS, _QUESTIONS = 0.1, 0.08


def classify(talk: Talk) -> Classification:
    """Uncategorized where there are too few words to go by, Other where no category is sure."""
    return Classification(_category(talk), _tag(talk))


def _category(talk: Talk) -> ContentCategory:
    worths = _worths(talk)
    told = _YOUTUBE_CATEGORIES.get((talk.reading.video.info.category or "").casefold())
    if told is ContentCategory.TECHNOLOGY:
        pair = (ContentCategory.TECHNOLOGY, ContentCategory.SCIENCE)
        return max(pair, key=lambda category: worths[category])
    if told:
        return told
    if talk.ranking.total < _FEWEST_TERMS:
        return ContentCategory.UNCATEGORIZED
    best, second = sorted(worths, key=lambda category: -worths[category])[:2]
    sure = worths[best] >= max(_ENOUGH, _AHEAD * worths[second])
    return best if sure else ContentCategory.OTHER


def _worths(talk: Talk) -> dict[ContentCategory, float]:
    """How much of what the talk's terms weigh is typical of each category, 0…1."""
    info, analyzer = talk.reading.video.info, talk.ranking.analyzer
    named = set(analyzer.terms(" ".join((info.title, *info.keywords[:20]))))

    def weigh(terms: Iterable[str]) -> dict[str, float]:
        counts = {t: talk.ranking.frequency(t) + _TITLE_MENTIONS * (t in named) for t in terms}
        least = 1 if talk.ranking.total < _SHORT_TALK else 2
        return {term: log(1 + count) for term, count in counts.items() if count >= least}

    everything = sum(weigh({*chain(*chain(*talk.ranking.terms))}).values()) or 1.0
    said = {c: weigh({*analyzer.terms(words)}) for c, words in prototypes().items()}
    return {
        category: sum(weights.values()) / everything if len(weights) >= _FEWEST_WORDS else 0.0
        for category, weights in said.items()
    }


def _tag(talk: Talk) -> ContextTag:
    """As the title says; else an interview is two or three people in turns, one of them asking."""
    title = talk.reading.video.info.title
    if named := next((tag for tag, words in titles().items() if words.search(title)), None):
        return named
    sentences = talk.reading.sentences
    speakers = [sentence.speaker for sentence in sentences if sentence.speaker]
    turns = sum(before != after for before, after in pairwise(speakers))
    questions = sum("?" in sentence.text or "？" in sentence.text for sentence in sentences)
    few = 2 <= len(set(speakers)) <= 3
    asked = min(turns / _TURNS, questions / _QUESTIONS) > len(sentences)
    return ContextTag.INTERVIEW if few and asked else ContextTag.GENERAL
