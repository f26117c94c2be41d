"""The analyses as markdown, made of the speaker's own sentences with passages cited `[n]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from heapq import nlargest
from itertools import chain
from math import log

import regex

from youtube_analysis.checking.filter import cited_numbers
from youtube_analysis.checking.literal import literal
from youtube_analysis.llm.port import Completion
from youtube_analysis.models.analysis import (
    AnalysisType,
    Citation,
    Classification,
    ContentCategory,
    ContextTag,
)
from youtube_analysis.models.notices import Notice, NoticeCode
from youtube_analysis.models.style import Length
from youtube_analysis.passages.words import count_words
from youtube_analysis.patterns import Pattern

from .outline import find_outline
from .talk import Line, Talk, word_lists

NAME = "offline"

_WORDS_A_POINT, _FEWEST_POINTS, _MOST_POINTS = 170, 3, 8
# An announcement has so many terms at least; sentences of so few words may go on it.
_GIST_LINES, _ANNOUNCING, _AFTERTHOUGHT = 3, 3, 3
_FEW_ADVICE, _MOST_ADVICE = 3, 12
# What the length that somebody wants makes of a number of lines.
_TIMES = {Length.SHORT: 0.5, Length.NORMAL: 1.0, Length.LONG: 2.0}
_QUOTES = {AnalysisType.BLOG_POST: 10, AnalysisType.LINKEDIN_POST: 5, AnalysisType.X_POST: 1}
# A line so far behind the best is passed over.
_FAR_BEHIND = 0.3
# Two lines that share this much of the shorter one's terms say the same.
_ALIKE = 0.5
# A factor on a line whose topic is told already.
_AGAIN = 0.3
# A word of the title or the keywords counts as one that is said so many times.
_TITLE_MENTIONS = 20
# Below so many terms in the whole talk nothing is claimed.
_FEWEST_TERMS = 25
# Typical words that must be said, how much they must weigh of all, and how far ahead of the next
# category they must be.
_FEWEST_WORDS, _ENOUGH, _AHEAD = 3, 0.018, 1.3


def quoted(
    text: str = "",
    citations: tuple[Citation, ...] = (),
    *,
    answered: bool = True,
    lead: Notice | None = None,
) -> Completion:
    """Markdown that quotes passages and cites each as `[n]`."""
    return Completion(
        NAME, answered=answered, lead=lead, checked=True, text=text, citations=citations
    )


class Sections:
    """Composes each type; what several types need is computed once a talk."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.topics = find_outline(talk)
        words = sum(line.words for line in talk.lines)
        wanted = max(_FEWEST_POINTS, min(_MOST_POINTS, words // _WORDS_A_POINT + 2))
        self._count = _FEWEST_POINTS if talk.thin else wanted
        self._told = dict[Length, tuple[list[Line], list[Line]]]()
        bar = _FAR_BEHIND * max((line.score for line in talk.lines), default=0.0)
        self._good = [line for line in talk.lines if line.score >= bar]
        self.gist, self.points = self.told()

    def told(self, length: Length = Length.NORMAL) -> tuple[list[Line], list[Line]]:
        """What the talk is about, and its points besides."""
        if length not in self._told:
            gist = self._gist(scaled(1 if self.talk.thin else _GIST_LINES, length))
            points = choose(self._good, scaled(self._count, length), besides=gist)
            self._told[length] = gist, points
        return self._told[length]

    def compose(self, task: AnalysisType, length: Length = Length.NORMAL) -> Completion:
        lead = classification = None
        if task is AnalysisType.SUMMARY:
            classification = classify(self.talk)
            text = self._summary(classification, length)
        elif task is AnalysisType.KEY_MOMENTS:
            text = self._key_moments(length)
        elif task is AnalysisType.ACTION_PLAN:
            text, lead = self._action_plan(length)
        else:
            most = _QUOTES[task]
            count = most if task is AnalysisType.X_POST else scaled(most, length)
            text = _bullets(choose(self._good, count), "“{}”")
            lead = Notice(NoticeCode.QUOTES_TO_START_FROM)
        cited = tuple(map(self.talk.reading.cite, cited_numbers(text)))
        shown = quoted(text, cited, lead=lead)
        return replace(shown, note=self.talk.thin, classification=classification)

    def _gist(self, count: int) -> list[Line]:
        """What the talk is about: the speaker's own announcement if there is one, then central
        lines, each from another topic."""
        about = (line for line in self.talk.lines if "gist" in line.kinds and line.topic == 0)
        announced = [line for line in about if len(line.terms) >= _ANNOUNCING]
        best = [self._with_afterthought(line) for line in announced[:1]]
        whole = [line for line in self._good if not line.kinds & {"dangling", "imperative"}]
        central = [line for line in whole if len(line.terms & self.talk.main_terms) > 1]
        rising = sorted(central or self._good, key=lambda line: line.score)
        of_topics = {line.topic: line for line in rising}
        if best:
            of_topics.pop(0, None)
        best += choose(of_topics.values(), count - len(best), besides=best)
        return sorted(best, key=lambda line: line.place)

    def _with_afterthought(self, line: Line) -> Line:
        """With the few words that go on it: `… on one meeting. Just one. The incident review.`"""
        text, passage = line.text, self.talk.reading.passages[line.passage - 1].text
        for sentence in self.talk.reading.sentences[line.place + 1 :]:
            longer = f"{text} {sentence.text}"
            if count_words(sentence.text) > _AFTERTHOUGHT or longer[1:] not in passage:
                break
            text = longer
        return replace(line, text=text)

    def _summary(self, classification: Classification, length: Length) -> str:
        gist, points = self.told(length)
        head = f"**Category:** {classification.category} · **Type:** {classification.tag}"
        if self.talk.thin:
            lines = sorted((*gist, *points), key=lambda line: line.place)
            return f"{head}\n\n### Some of its lines\n\n{_bullets(lines)}"
        text = f"{head}\n\n### TL;DR\n\n{' '.join(map(_cited, gist))}"
        return f"{text}\n\n### Key points\n\n{_bullets(points)}" if points else text

    def _key_moments(self, length: Length) -> str:
        """Of a long one more is quoted for each topic, of a short one the best topics stay."""
        best = dict.fromkeys(range(len(self.topics)), 0.0)
        for line in self._good:
            best[line.topic] = max(best[line.topic], line.score)
        told: list[Line] = []
        rows = []
        for place in sorted(nlargest(scaled(len(best), length), best, key=best.__getitem__)):
            topic = self.topics[place]
            title = topic.title.rstrip("…").casefold()
            here = (line for line in self._good if line.topic == place)
            others = (line for line in here if title not in line.text.casefold())
            lines = choose(others, scaled(1, length), besides=told)
            told += lines
            quoted = f":** {' '.join(map(_cited, lines))}" if lines else "**"
            rows.append(f"- [{topic.first}] **{literal(topic.title)}{quoted}")
        return "\n".join(rows)

    def _action_plan(self, length: Length) -> tuple[str, Notice | None]:
        count, most = scaled(self._count, length), min(_MOST_ADVICE, self._count + 4)
        given = choose(self.talk.advice, scaled(most, length))
        if len(given) >= _FEW_ADVICE:
            return "\n".join(f"{n}. {_cited(line)}" for n, line in enumerate(given, 1)), None
        stressed = [line for line in self._good if "stress" in line.kinds] or self._good
        given += choose(stressed, count - len(given), besides=given)
        given.sort(key=lambda line: line.place)
        return _bullets(given), Notice(NoticeCode.LITTLE_ADVICE)


def scaled(count: int, length: Length) -> int:
    """How many lines to show where a text of normal length has so many."""
    return max(1, round(count * _TIMES[length]))


def _cited(line: Line, form: str = "{}") -> str:
    return f"{form.format(literal(line.text))} [{line.passage}]"


def _bullets(lines: Iterable[Line], form: str = "{}") -> str:
    return "\n".join(f"- {_cited(line, form)}" for line in lines)


def choose(lines: Iterable[Line], count: int, *, besides: Sequence[Line] = ()) -> list[Line]:
    """Up to `count` lines, the best of those that say something else than the others, in the
    order of the talk; a line counts for less where its topic is told already."""
    left, chosen = list(lines), list[Line]()
    while left and len(chosen) < count:
        told = (*besides, *chosen)
        topics = {line.topic for line in told}
        best = max(left, key=lambda line: line.score * (_AGAIN if line.topic in topics else 1.0))
        left.remove(best)
        if not any(_alike(best, other) for other in told):
            chosen.append(best)
    return sorted(chosen, key=lambda line: line.place)


def _alike(line: Line, other: Line) -> bool:
    fewest = max(1, min(len(line.terms), len(other.terms)))
    return line.place == other.place or len(line.terms & other.terms) >= _ALIKE * fewest


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
