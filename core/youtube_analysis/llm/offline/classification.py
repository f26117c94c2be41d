"""Which category and which kind of video: YouTube's own category, the title, the words said."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import log

import regex

from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag
from youtube_analysis.patterns import Pattern

from .talk import Talk, word_lists

# A word of the title or the keywords counts as one that is said so many times.
_TITLE_MENTIONS = 20
# Below so many terms in the whole talk nothing is claimed; of a longer one than a short one, a
# word must come twice.
_FEWEST_TERMS, _SHORT_TALK = 25, 600
# Typical words that must be said, how much they must weigh of all, and how far ahead of the next
# category they must be.
_FEWEST_WORDS, _ENOUGH, _AHEAD = 3, 0.018, 1.3


def classify(talk: Talk) -> Classification:
    """Uncategorized where there are too few words to go by, Other where no category is sure;
    what kind of video it is the title tells."""
    tags = {
        ContextTag(tag): Pattern(rf"(?<![\p{{Latin}}\p{{Cyrillic}}])(?:{words})", regex.I)
        for tag, words in word_lists()["title"].items()
    }
    title = talk.reading.video.info.title
    found = (tag for tag, words in tags.items() if words.search(title))
    return Classification(_category(talk), next(found, ContextTag.GENERAL))


def _category(talk: Talk) -> ContentCategory:
    worths = _worths(talk)
    told = word_lists()["youtube"].get((talk.reading.video.info.category or "").casefold())
    if told:
        return max(map(ContentCategory, told), key=worths.__getitem__)
    if talk.ranking.total < _FEWEST_TERMS:
        return ContentCategory.UNCATEGORIZED
    second, best = sorted(worths, key=worths.__getitem__)[-2:]
    sure = worths[best] >= max(_ENOUGH, _AHEAD * worths[second])
    return best if sure else ContentCategory.OTHER


def _worths(talk: Talk) -> dict[ContentCategory, float]:
    """How much of what the talk's terms weigh is typical of each category, 0…1."""
    info, ranking = talk.reading.video.info, talk.ranking
    named = set(ranking.analyzer.terms(" ".join((info.title, *info.keywords[:20]))))
    least = 1 if ranking.total < _SHORT_TALK else 2

    def weights(terms: Iterable[str]) -> list[float]:
        counts = (ranking.frequency(t) + _TITLE_MENTIONS * (t in named) for t in terms)
        return [log(1 + count) for count in counts if count >= least]

    everything = sum(weights(set(chain(*chain(*ranking.terms))))) or 1.0
    worths = {}
    for name, words in word_lists()["category"].items():
        said = weights(set(ranking.analyzer.terms(words)))
        enough = len(said) >= _FEWEST_WORDS
        worths[ContentCategory(name)] = sum(said) / everything if enough else 0.0
    return worths
