"""Which category and which kind of video: YouTube's own category, the title, the words said."""

from __future__ import annotations

from collections import Counter

import regex

from youtube_analysis.grounding.words import spaced
from youtube_analysis.models.analysis import Classification, ContentCategory, ContextTag

from .subjects import SUBJECT_WORDS
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
_INTERVIEW_TURNS = 0.1
_INTERVIEW_QUESTIONS = 0.08
_TITLE_TAGS = (
    (ContextTag.TUTORIAL, r"\btutorial|\bcourse\b|\blesson\b|\bintro(?:duction)?\b|for beginners|入門|教程|туториал|урок"),
    (ContextTag.HOW_TO, r"\bhow to\b|\bguide\b|wie man|cómo|comment faire|как \w+ть\b|方法|やり方|如何"),
    (ContextTag.REVIEW, r"\bproduct review\b|\breview(?:ed)?:|\breview$|unboxing|hands[- ]on|\bvs\.?\b|обзор|レビュー|评测"),
    (ContextTag.INTERVIEW, r"\binterview\b|\bin conversation\b|podcast|интервью|インタビュー|访谈"),
    (ContextTag.CASE_STUDY, r"case study|post-?mortem|^how we\b|lessons learned"),
    (ContextTag.NEWS, r"\bnews\b|announce|keynote|launch|новости|ニュース|新闻"),
    (ContextTag.OPINION, r"^why\b|\bopinion\b|\brant\b|considered harmful|good parts"),
)  # fmt: skip
# What is said, with the matches in a thousand words from which it counts as typical.
_SPOKEN_TAGS = (
    (ContextTag.NEWS, 2.2, r"\b(?:announc\w+|launch\w*|unveil\w*|releas(?:ed|ing)|for the first time|available today|later this year|preview|introduc(?:ed|ing)|breaking)\b|представ\w+|впервые|в этом году|発表|发布"),
    (ContextTag.HOW_TO, 6.0, r"\b(?:you should|you need to|make sure|always|never|don't|the best way|instead of|try to|start (?:with|by)|avoid)\b|нужно|следует|してください|应该"),
    (ContextTag.TUTORIAL, 9.0, r"\b(?:for example|let's|let us|first,|we (?:just )?(?:call|write|create|add|use|need to)|you (?:can|could|just|simply|need to|would|will) (?:use|create|call|write|add|get|put|make|set)|looks like|example of|step \w+)\b|например|たとえば|例えば|見てみましょう|例如|比如|我们来看|让我们看"),
    (ContextTag.CASE_STUDY, 6.0, r"\b(?:we (?:built|learned|decided|tried|shipped|moved|found|had)|our (?:team|company|customers|users))\b"),
    (ContextTag.OPINION, 7.0, r"\b(?:i (?:think|believe|feel|like|hate|love)|in my (?:opinion|view)|(?:bad|terrible|wrong|awful|beautiful|brilliant) (?:idea|thing|part)s?|the (?:worst|best)|mistakes?|horrible|terrible|awful|good parts?|bad parts?)\b|я (?:думаю|считаю)|と思います|我认为"),
)  # fmt: skip


def classify(talk: Talk) -> Classification:
    """Uncategorized where there are no words to go by, Other where they fit no category."""
    return Classification(_category(talk), _tag(talk))


def _category(talk: Talk) -> ContentCategory:
    info = talk.reading.video.info
    spoken = " ".join(passage.text for passage in talk.reading.passages)
    in_title = _subject_words(talk, " ".join((info.title, *info.keywords[:20])))
    in_talk = _subject_words(talk, spoken)
    total = max(_FEWEST_TERMS, len(talk.ranking.analyzer.terms(spoken)))
    scores = {
        category: 1000 * in_talk[category] / total + _TITLE_WORTH * min(2, in_title[category])
        for category in SUBJECT_WORDS
    }
    if told := _YOUTUBE_CATEGORIES.get((info.category or "").casefold()):
        scores[told] += _YOUTUBE_WORTH
    best = max(scores, key=lambda category: scores[category])
    if not scores[best]:
        return ContentCategory.UNCATEGORIZED
    return best if scores[best] >= _ENOUGH else ContentCategory.OTHER


def _subject_words(talk: Talk, text: str) -> Counter[ContentCategory]:
    """How many words of each category the text holds; a word counts at most eight times."""
    terms = Counter(talk.ranking.analyzer.terms(text))
    low = text.casefold()
    counts: Counter[ContentCategory] = Counter()
    for category, words in SUBJECT_WORDS.items():
        seen: set[str] = set()
        for word in words:
            if not spaced(word):
                counts[category] += min(8, low.count(word))
                continue
            for term in talk.ranking.analyzer.terms(word):
                if term not in seen:
                    counts[category] += min(8, terms[term])
                seen.add(term)
    return counts


def _tag(talk: Talk) -> ContextTag:
    title = talk.reading.video.info.title
    for tag, pattern in _TITLE_TAGS:
        if regex.search(pattern, title, regex.I):
            return tag
    if _interview(talk):
        return ContextTag.INTERVIEW
    spoken = " ".join(passage.text for passage in talk.reading.passages)
    thousands = max(1.0, len(spoken.split()) / 1000 if spaced(spoken) else len(spoken) / 2000)
    strengths = {
        tag: len(regex.findall(pattern, spoken, regex.I)) / thousands / typical
        for tag, typical, pattern in _SPOKEN_TAGS
    }
    best = max(strengths, key=lambda tag: strengths[tag])
    return best if strengths[best] >= 1 else ContextTag.GENERAL


def _interview(talk: Talk) -> bool:
    """Two or three people in turns, one of them asking."""
    sentences = talk.reading.sentences
    speakers = [sentence.speaker for sentence in sentences if sentence.speaker]
    turns = sum(a != b for a, b in zip(speakers, speakers[1:], strict=False))
    questions = sum("?" in sentence.text or "？" in sentence.text for sentence in sentences)
    few_people = 2 <= len(set(speakers)) <= 3
    return (
        few_people
        and turns > _INTERVIEW_TURNS * len(sentences)
        and questions > _INTERVIEW_QUESTIONS * len(sentences)
    )
