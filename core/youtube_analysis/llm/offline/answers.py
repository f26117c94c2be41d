"""Answers to questions, quoted from the talk: an answer, or the nearest places, or neither."""

from __future__ import annotations

from youtube_analysis.checking.literal import literal
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.passages.semantic import Semantic

from .quoting import FoundAnswer, Question, Quoted, quoting
from .router import route
from .sections import Sections
from .talk import Talk
from .whole import about_the_whole

_PLACES = 3
# A further place is quoted beside an answer if it fits this well (share of the best one's score).
_NEARLY = 0.4
# Words of the first quote, of those after it, and of each where none is an answer.
_FIRST_QUOTE, _FURTHER_QUOTE, _NEAREST_QUOTE = 55, 30, 25
# How sure an answer must be: the share of the question's words, weighted by rarity, that the talk
# knows at all. A figure is given for one thing only, so that nearly all of them must be known.
_SURE, _FIGURE = 0.35, 0.3
# With a sense for meaning: how far the nearest passage stands out from the fifth nearest counts
# as well, and of a question in another language half the words count as known.
_SURE_BY_MEANING, _STANDS_OUT, _NEAREST, _FOREIGN = 0.5, 8.0, 5, 0.5


def find_answer(
    talk: Talk, sections: Sections, text: str, meaning: Semantic | None = None
) -> FoundAnswer:
    """`meaning` knows how near each passage is to this very question."""
    if routed := route(text):
        return about_the_whole(talk, sections, routed)
    ranking = meaning or talk.ranking
    hits = ranking.rank(text, limit=_PLACES)
    if not hits:
        return _nothing(talk, sections)
    question = Question(talk, text, meaning)
    first = question.quote(hits[0], _FIRST_QUOTE)
    if _sure(talk, question, first):
        near = [hit for hit in hits[1:] if hit.score >= _NEARLY * hits[0].score]
        further = [question.quote(hit, _FURTHER_QUOTE) for hit in near]
        return quoting([first, *further])
    nearest = [question.quote(hit, _NEAREST_QUOTE) for hit in hits]
    return quoting(nearest, answered=False, lead=Notice(NoticeCode.NEAREST))


def _sure(talk: Talk, question: Question, quote: Quoted) -> bool:
    """Whether a quote is likely to answer; nearly half of what the talk does not say looks so."""
    if question.names_unknown or (question.asks_figure and not question.figure_in(quote.text)):
        return False
    weights = question.weights
    known = sum(weight for term, weight in weights.items() if talk.ranking.known(term))
    sure = known / (sum(weights.values()) or 1.0)
    if question.near and question.foreign:
        sure = max(sure, _FOREIGN)
    sure -= _FIGURE if question.asks_figure else 0.0
    if not question.near:
        return sure >= _SURE
    nearest = sorted(question.near, reverse=True)[:_NEAREST]
    return sure + _STANDS_OUT * (nearest[0] - nearest[-1]) >= _SURE_BY_MEANING


def _nothing(talk: Talk, sections: Sections) -> FoundAnswer:
    """What can be asked: the topics of the talk."""
    topics = sections.topics[:_PLACES] if talk.reading.passages else ()
    text = "\n".join(f"- {literal(topic.title)} [{topic.first}]" for topic in topics)
    cited = tuple(talk.reading.cite(topic.first) for topic in topics)
    return FoundAnswer(text, cited, answered=False, lead=Notice(NoticeCode.NOTHING_FOUND))
