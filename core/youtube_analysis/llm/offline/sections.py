"""The analyses as markdown, made of the speaker's own sentences with passages cited `[n]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from youtube_analysis.checking.literal import literal
from youtube_analysis.models.analysis import AnalysisType, Classification
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.passages.words import count_words

from .classification import classify
from .outline import outline_of
from .selection import choose, spread, worthwhile
from .talk import SHORTEST, Line, Talk

_WORDS_A_POINT = 170
_FEWEST_POINTS, _MOST_POINTS, _THIN_POINTS = 3, 8, 3
_GIST_LINES, _GIST_WORDS = 3, 30
# By how many of the main terms a line says: none, one, more.
_MAIN_SAID, _SUBJECT, _COMMAND = (0.4, 1.0, 1.4), 1.3, 0.5
# An announcement has so many terms at least; sentences of so few words may go on it.
_ANNOUNCING, _AFTERTHOUGHT = 3, 3
_FEW_ADVICE, _MOST_ADVICE, _STRESSED = 3, 12, 1.6
# Quotes for each kind of post, and what makes a quote that people pass on.
_QUOTES = {AnalysisType.BLOG_POST: 10, AnalysisType.LINKEDIN_POST: 5, AnalysisType.X_POST: 1}
_LONGEST_QUOTE, _QUOTABLE_WORDS, _QUOTABLE = 240, 18, 1.4


@dataclass(frozen=True, slots=True)
class Composition:
    """Markdown of one type; `lead` and `note` are sentences of ours above and below it. The
    classification comes with the summary alone."""

    text: str
    lead: Notice | None = None
    note: Notice | None = None
    classification: Classification | None = None


class Sections:
    """Composes each type; what several types need is computed once a talk."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.topics = outline_of(talk)
        words = sum(line.words for line in talk.lines)
        most = _THIN_POINTS if talk.thin else _MOST_POINTS
        self._count = max(_FEWEST_POINTS, min(most, words // _WORDS_A_POINT + 2))
        self._good = frozenset(worthwhile(talk.lines))
        self.gist = self._gist()
        self.points = spread(talk.lines, self._count, besides=self.gist)

    def compose(self, task: AnalysisType) -> Composition:
        thin = self._talk.thin
        note = Notice(NoticeCode.THIN, {"reason": thin}) if thin else None
        if task is AnalysisType.SUMMARY:
            classification = classify(self._talk)
            return Composition(self._summary(classification), None, note, classification)
        if task is AnalysisType.KEY_MOMENTS:
            return Composition(self._key_moments(), None, note)
        if task is AnalysisType.ACTION_PLAN:
            return Composition(*self._action_plan(), note)
        quotes = _bullets(self._quotes(_QUOTES[task]), "“{}”")
        return Composition(quotes, Notice(NoticeCode.QUOTES_TO_START_FROM), note)

    def _gist(self) -> list[Line]:
        """What the talk is about: who announces it is believed; then central lines, each of a
        topic of its own."""
        short = (line for line in self._talk.lines if line.words <= _GIST_WORDS)
        fit = (line for line in short if line in self._good or "gist" in line.kinds)
        lines = _scored(fit, self._about)
        about = (line for line in lines if "gist" in line.kinds and line.topic == 0)
        announced = (line for line in about if len(line.terms) >= _ANNOUNCING)
        best = [self._with_afterthought(line) for line in [*announced][:1]]
        for _ in range(len(best), 1 if self._talk.thin else _GIST_LINES):
            told = {line.topic for line in best}
            best += choose((line for line in lines if line.topic not in told), 1, besides=best)
        return sorted(best or self._talk.lines[:1], key=lambda line: line.place)

    def _with_afterthought(self, line: Line) -> Line:
        """With the few words that go on it: `… on one meeting. Just one. The incident review.`"""
        text, passage = line.text, self._talk.reading.passages[line.passage - 1].text
        for sentence in self._talk.reading.sentences[line.place + 1 :]:
            longer = f"{text} {sentence.text}"
            if count_words(sentence.text) > _AFTERTHOUGHT or longer[1:] not in passage:
                break
            text = longer
        return replace(line, text=text)

    def _about(self, line: Line) -> float:
        """Of the main terms two should come, best at the beginning; a command tells no subject."""
        main = self._talk.main_terms
        worth = _MAIN_SAID[min(2, len(main & line.terms))]
        opening = self._talk.ranking.analyzer.terms(line.text)[:2]
        worth *= 1.0 if main.isdisjoint(opening) else _SUBJECT
        return worth * (_COMMAND if "imperative" in line.kinds else 1.0)

    def _summary(self, classification: Classification) -> str:
        head = f"**Category:** {classification.category} · **Type:** {classification.tag}"
        if self._talk.thin:
            lines = sorted((*self.gist, *self.points), key=lambda line: line.place)
            return f"{head}\n\n### Some of its lines\n\n{_bullets(lines)}"
        parts = [head, "### TL;DR", " ".join(map(_cited, self.gist))]
        return "\n\n".join(
            [*parts, "### Key points", _bullets(self.points)] if self.points else parts
        )

    def _key_moments(self) -> str:
        told: list[Line] = []
        rows = []
        for place, topic in enumerate(self.topics):
            title = topic.title.rstrip("…").casefold()
            here = [line for line in self._talk.lines if line.topic == place and line in self._good]
            fresh = [line for line in here if title not in line.text.casefold()]
            line = choose(fresh, 1, besides=told)
            told += line
            quoted = f":** {_cited(line[0])}" if line else "**"
            rows.append(f"- [{topic.first}] **{literal(topic.title)}{quoted}")
        return "\n".join(rows)

    def _action_plan(self) -> tuple[str, Notice | None]:
        advice = _scored(self._talk.advice, lambda line: min(line.words, SHORTEST))
        given = choose(advice, min(_MOST_ADVICE, self._count + 4))
        if len(given) >= _FEW_ADVICE:
            return "\n".join(f"{n}. {_cited(line)}" for n, line in enumerate(given, 1)), None
        stressed = _scored(
            self._talk.lines, lambda line: _STRESSED if "stress" in line.kinds else 1.0
        )
        rest = spread(stressed, self._count - len(given), besides=given)
        lines = sorted([*given, *rest], key=lambda line: line.place)
        return _bullets(lines), Notice(NoticeCode.LITTLE_ADVICE)

    def _quotes(self, count: int) -> list[Line]:
        """Lines that people pass on: short, and complete in themselves."""
        short = [line for line in self._talk.lines if len(line.text) <= _LONGEST_QUOTE]
        lines = _scored(short or self._talk.lines, _quotable)
        return choose(lines, 1) if count == 1 else spread(lines, min(count, 2 * self._count))


def _quotable(line: Line) -> float:
    strong = line.words <= _QUOTABLE_WORDS, not line.kinds <= {"gist"}
    return float(_QUOTABLE ** sum(strong))


def _scored(lines: Iterable[Line], factor: Callable[[Line], float]) -> list[Line]:
    return [replace(line, score=line.score * factor(line)) for line in lines]


def _cited(line: Line, form: str = "{}") -> str:
    return f"{form.format(literal(line.text))} [{line.passage}]"


def _bullets(lines: Iterable[Line], form: str = "{}") -> str:
    return "\n".join(f"- {_cited(line, form)}" for line in lines)
