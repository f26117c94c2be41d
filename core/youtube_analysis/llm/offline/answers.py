"""Answers to questions, quoted from the talk: an answer, or the nearest places, or neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import regex

from youtube_analysis.checking.literal import literal
from youtube_analysis.checking.numbers import numbers_in
from youtube_analysis.llm.port import Completion
from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.notices import Notice, NoticeCode
from youtube_analysis.models.style import Length
from youtube_analysis.models.video import clock
from youtube_analysis.passages.ranking import SECONDS, Hit, Ranking, Semantic
from youtube_analysis.passages.words import base_language, count_words, guess_language
from youtube_analysis.patterns import Pattern

from .router import TIMED, Intent, Routed, route
from .sections import Sections, choose, quoted, scaled
from .talk import Talk, word_lists

_PLACES, _LINES = 3, 5
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
# An answer often follows the sentence that says the question's words; seconds that are cited
# before a quote, to be understood.
_FOLLOWS, _LEAD = 0.5, 10.0
# Seconds of a beginning or an ending; from so many on it is told by its best lines.
_STRETCH, _LONG = 60.0, 90.0
_ASKS_FIGURE = Pattern(word_lists()["question"]["figure"], regex.I)
# A capital inside a sentence or a word.
_NAME = Pattern(r"(?<=[\w,;] )\p{Lu}\w+|\b\p{Ll}+\p{Lu}\w*")
_SAID = {
    Intent.GREETING: NoticeCode.GREETING,
    Intent.THANKS: NoticeCode.THANKS,
    Intent.LENGTH: NoticeCode.LENGTH,
}


def find_answer(
    sections: Sections,
    text: str,
    meaning: Semantic | None = None,
    length: Length = Length.NORMAL,
) -> Completion:
    """`meaning` knows how near each passage is to this very question. Where nothing is an answer,
    three places are shown whatever the length."""
    if routed := route(text):
        return _about_the_whole(sections, routed, length)
    talk = sections.talk
    ranking: Ranking = meaning or talk.ranking
    places = scaled(_PLACES, length)
    hits = ranking.rank(text, limit=max(_PLACES, places))
    if not hits:  # What can be asked: the topics of the talk.
        told = _listed(talk, ((topic.title, topic.first) for topic in sections.topics[:_PLACES]))
        return replace(told, answered=False, lead=Notice(NoticeCode.NOTHING_FOUND))
    question = _Question(talk, text, meaning)
    first = question.quote(hits[0], _FIRST_QUOTE)
    if question.sure(first):
        near = [hit for hit in hits[1:] if hit.score >= _NEARLY * hits[0].score]
        further = (question.quote(hit, _FURTHER_QUOTE) for hit in near[: places - 1])
        return _quoting(first, *further)
    nearest = _quoting(*(question.quote(hit, _NEAREST_QUOTE) for hit in hits[:_PLACES]))
    return replace(nearest, answered=False, lead=Notice(NoticeCode.NEAREST))


class _Question:
    """`near`, where there is a sense for meaning, is how near each passage is to it."""

    def __init__(self, talk: Talk, text: str, meaning: Semantic | None) -> None:
        self._talk, self._ranking = talk, talk.ranking
        self._near = meaning.near if meaning else []
        language = guess_language([text])
        self._foreign = bool(language) and language != base_language(talk.reading.language)
        self._asks_figure = _ASKS_FIGURE.search(text) is not None
        terms = self._ranking.query_terms(text)
        self._weights = {term: self._ranking.rarity(term) for term in terms}
        self._total = sum(self._weights.values()) or 1.0
        # In German every noun has a capital.
        telling = not self._foreign and self._ranking.analyzer.language != "de"
        self._names = " ".join(_NAME.findall(text)) if telling else ""

    def sure(self, quote: Citation) -> bool:
        """Whether a quote is likely to answer; nearly half of what the talk does not say looks
        so. What asks for a figure is answered by one, and about a name that nobody says nothing."""
        known = self._ranking.known
        figure = not self._asks_figure or numbers_in(quote.quote, self._talk.reading.language)
        if not figure or not all(map(known, self._ranking.query_terms(self._names))):
            return False
        sure = sum(weight for term, weight in self._weights.items() if known(term)) / self._total
        if self._near and self._foreign:
            sure = max(sure, _FOREIGN)
        sure -= _FIGURE if self._asks_figure else 0.0
        if not self._near:
            return sure >= _SURE
        nearest = sorted(self._near, reverse=True)[:_NEAREST]
        return sure + _STANDS_OUT * (nearest[0] - nearest[-1]) >= _SURE_BY_MEANING

    def quote(self, hit: Hit, words: int) -> Citation:
        """The run of whole sentences in a place that says most of what is asked and what comes
        of it. 45 s of the place are cited, from shortly before it on."""
        worths = {place: self._worth(place) for place in range(hit.first, hit.last + 1)}
        follow = {n: worth + _FOLLOWS * worths.get(n - 1, 0.0) for n, worth in worths.items()}
        runs = [_run(self._talk, first, words, hit.last + 1) for first in worths]
        best = max(runs, key=lambda run: (sum(follow[n] for n in run), -len(run), run.start))
        start = max(hit.start, self._ranking.sentences[best.start].start - _LEAD)
        return _cite(
            self._talk, best, start, min(start + SECONDS, self._talk.reading.video.duration)
        )

    def _worth(self, place: int) -> float:
        """0…about 2: the share of the question that a sentence says, and how near it is."""
        said = set(self._ranking.analyzer.terms(self._ranking.sentences[place].text))
        worth = sum(w for term, w in self._weights.items() if term in said) / self._total
        if self._near:
            lowest, highest = min(self._near), max(self._near)
            near = self._near[self._ranking.owners[place]] - lowest
            worth += (near / (highest - lowest or 1.0)) ** 2
        return worth


def _about_the_whole(sections: Sections, routed: Routed, wanted: Length) -> Completion:
    intent, talk = routed.intent, sections.talk
    length = talk.reading.video.duration
    if intent in _SAID:
        return quoted(lead=Notice(_SAID[intent], {"length": clock(length)}))
    if not talk.reading.passages:
        return quoted(answered=False, lead=Notice(NoticeCode.NOTHING_FOUND))
    if intent is Intent.WHO:
        return _speakers(talk)
    if intent in TIMED:
        return _part(talk, routed, scaled(_LINES, wanted))
    if intent is Intent.TOPICS:
        return _listed(talk, ((topic.title, topic.first) for topic in sections.topics))
    gist, points = sections.told(wanted)
    told = gist if intent is Intent.SUMMARY else points or gist
    return _listed(talk, ((line.text, line.passage) for line in told))


def _speakers(talk: Talk) -> Completion:
    """Names with their first sentences; without a name, the opening."""
    firsts: dict[str, int] = {}
    for place, sentence in enumerate(talk.ranking.sentences):
        if sentence.speaker:
            firsts.setdefault(sentence.speaker, place)
    runs = [range(place, place + 1) for place in firsts.values()][:_LINES] or [_run(talk, 0)]
    code = NoticeCode.SPEAKERS if firsts else NoticeCode.SPEAKER_UNKNOWN
    lead = Notice(code, {"names": ", ".join(map(literal, firsts))})
    return replace(_quoting(*(_cite(talk, run) for run in runs)), lead=lead)


def _part(talk: Talk, routed: Routed, most: int) -> Completion:
    """What is said first, last or at a time (in a silence, what is said next); of a long part
    its best lines."""
    length, sentences = talk.reading.video.duration, talk.ranking.sentences
    ending, named = routed.intent is Intent.ENDING, routed.seconds or _STRETCH
    start, end = (length - named, length) if ending else (0.0, named)
    if routed.intent is Intent.AT_TIME:
        start, end = named, named
    if start > length:
        lead = Notice(NoticeCode.AFTER_END, {"length": clock(length)})
        return quoted(answered=False, lead=lead)
    if end - start >= _LONG:
        lines = [line for line in talk.lines if start <= sentences[line.place].start < end]
        if best := choose(lines, most):
            return _listed(talk, ((line.text, line.passage) for line in best))
    inside = [n for n, sentence in enumerate(sentences) if sentence.end > start]
    runs = [_run(talk, first) for first in inside or [len(sentences) - 1]]
    # Of an ending, the longest run that reaches it.
    reaching = (run for run in runs if run.stop == len(sentences))
    return _quoting(_cite(talk, next(reaching) if ending else runs[0]))


def _run(talk: Talk, first: int, words: int = _FIRST_QUOTE, stop: int | None = None) -> range:
    """Whole sentences from a place on, at most so many words but at least one sentence."""
    end, spoken = first, 0
    for sentence in talk.ranking.sentences[first:stop]:
        spoken += count_words(sentence.text)
        if spoken > words and end > first:
            break
        end += 1
    return range(first, end)


def _cite(talk: Talk, run: range, start: float | None = None, end: float | None = None) -> Citation:
    """Sentences as they were said; unless told otherwise, they alone are cited."""
    sentences = talk.ranking.sentences[run.start : run.stop]
    return talk.reading.cite(
        talk.ranking.owners[run.start] + 1,
        start=sentences[0].start if start is None else start,
        end=max(sentence.end for sentence in sentences) if end is None else end,
        quote=" ".join(sentence.text for sentence in sentences),
    )


def _quoting(*quotes: Citation) -> Completion:
    text = "\n\n".join(f"“{literal(quote.quote)}” [{quote.number}]" for quote in quotes)
    return quoted(text, quotes)


def _listed(talk: Talk, told: Iterable[tuple[str, int]]) -> Completion:
    """Lines, each with the number of the passage that it cites."""
    cited = tuple(talk.reading.cite(number, quote=line) for line, number in told)
    text = "\n".join(f"- {literal(citation.quote)} [{citation.number}]" for citation in cited)
    return quoted(text, cited)
