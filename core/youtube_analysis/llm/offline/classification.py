"""Which category and which kind of video: YouTube's own category, the title, the words said."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from math import log

import regex

from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag
from youtube_analysis.patterns import Pattern

from .talk import Talk, word_lists

# A word of the title or the keywords counts as one that is said so many times.
_TITLE_MENTIONS = 20
# Below so many terms in the whole talk nothing is claimed.
_FEWEST_TERMS = 25
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
    named = ranking.analyzer.terms(" ".join((info.title, *info.keywords[:20])))
    said = Counter(chain.from_iterable(chain.from_iterable(ranking.terms)))
    said.update(dict.fromkeys(named, _TITLE_MENTIONS))
    weights = {term: log(1 + often) for term, often in said.items() if often > 1}
    worths = dict.fromkeys(ContentCategory, 0.0)
    for name, words in word_lists()["category"].items():
        typical = weights.keys() & ranking.analyzer.terms(words)
        if len(typical) >= _FEWEST_WORDS:
            weighty = sum(weights[term] for term in typical)
            worths[ContentCategory(name)] = weighty / sum(weights.values())
    return worths
