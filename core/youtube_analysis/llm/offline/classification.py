"""Which category and which kind of video: YouTube's own category, the title, the words said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag
from youtube_analysis.passages.words import count_words, spaced

from .talk import Talk

# What YouTube calls a video, where that already says what we ask.
_YOUTUBE_CATEGORIES = {
    "science & technology": ContentCategory.TECHNOLOGY,
    "education": ContentCategory.EDUCATION,
    "entertainment": ContentCategory.ENTERTAINMENT,
    "film & animation": ContentCategory.ENTERTAINMENT,
    "comedy": ContentCategory.ENTERTAINMENT,
    "music": ContentCategory.ENTERTAINMENT,
    "gaming": ContentCategory.ENTERTAINMENT,
    "sports": ContentCategory.ENTERTAINMENT,
}
# Scores are subject words in a thousand terms. YouTube's word, the title and the keywords count
# as so many; below the last number nothing is claimed.
_YOUTUBE_WORTH = 12.0
_TITLE_WORTH = 8.0
_ENOUGH = 10.0
_FEWEST_TERMS = 60
_MOST_OFTEN = 8
_TERMS_A_MENTION = 400
_SAMPLED = 500
_INTERVIEW_TURNS = 0.1
_INTERVIEW_QUESTIONS = 0.08
# Signs of a kind in a thousand words from which it counts as typical of that kind.
_TYPICAL = {
    ContextTag.NEWS: 2.2,
    ContextTag.HOW_TO: 6.0,
    ContextTag.TUTORIAL: 9.0,
    ContextTag.CASE_STUDY: 6.0,
    ContextTag.OPINION: 7.0,
}


def classify(talk: Talk) -> Classification:
    """Uncategorized where there are no words to go by, Other where they fit no category."""
    return Classification(_category(talk), _tag(talk))


def _category(talk: Talk) -> ContentCategory:
    info = talk.reading.video.info
    title = " ".join((info.title, *info.keywords[:20]))
    title_terms = Counter(talk.ranking.analyzer.terms(title))
    in_title = _subject_words(talk, title.casefold(), title_terms.__getitem__)
    in_talk = _subject_words(talk, _sample(talk).casefold(), talk.ranking.frequency)
    total = max(_FEWEST_TERMS, talk.ranking.total)
    scores = {
        category: 1000 * in_talk[category] / total + _TITLE_WORTH * min(2, in_title[category])
        for category in in_talk | in_title
    }
    if told := _YOUTUBE_CATEGORIES.get((info.category or "").casefold()):
        scores[told] = scores.get(told, 0.0) + _YOUTUBE_WORTH
    best = max(scores, key=lambda category: scores[category], default=None)
    if best is None or not scores[best]:
        return ContentCategory.UNCATEGORIZED
    return best if scores[best] >= _ENOUGH else ContentCategory.OTHER


def _subject_words(
    talk: Talk, text: str, frequency: Callable[[str], int]
) -> Counter[ContentCategory]:
    """How often words of each category come; a word counts by its share, at most _MOST_OFTEN
    times in a short talk."""
    most = max(_MOST_OFTEN, talk.ranking.total // _TERMS_A_MENTION)
    counts: Counter[ContentCategory] = Counter()
    for cues in talk.both_cues:
        for category, words in cues.subjects.items():
            for word in words:
                terms = talk.ranking.analyzer.terms(word) if spaced(word) else []
                times = sum(map(frequency, terms)) if spaced(word) else text.count(word)
                counts[category] += min(most, times)
    return counts


def _sample(talk: Talk) -> str:
    """What is said, of a very long talk every n-th passage: enough to tell its kind."""
    passages = talk.reading.passages
    return " ".join(passage.text for passage in passages[:: 1 + len(passages) // _SAMPLED])


def _tag(talk: Talk) -> ContextTag:
    title = talk.reading.video.info.title
    for cues in talk.both_cues:
        for tag, pattern in cues.title_tags.items():
            if pattern.search(title):
                return tag
    if _interview(talk):
        return ContextTag.INTERVIEW
    spoken = _sample(talk)
    thousands = max(1.0, count_words(spoken) / 1000)
    strengths = {
        tag: len(pattern.findall(spoken)) / thousands / _TYPICAL[tag]
        for tag, pattern in talk.cues.spoken_tags.items()
    }
    best = max(strengths, key=lambda tag: strengths[tag], default=ContextTag.GENERAL)
    return best if strengths.get(best, 0.0) >= 1 else ContextTag.GENERAL


def _interview(talk: Talk) -> bool:
    """Two or three people in turns, one of them asking."""
    sentences = talk.reading.sentences
    speakers = [sentence.speaker for sentence in sentences if sentence.speaker]
    turns = sum(before != after for before, after in pairwise(speakers))
    questions = sum("?" in sentence.text or "？" in sentence.text for sentence in sentences)
    return (
        2 <= len(set(speakers)) <= 3
        and turns > _INTERVIEW_TURNS * len(sentences)
        and questions > _INTERVIEW_QUESTIONS * len(sentences)
    )
