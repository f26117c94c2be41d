"""The analyses as markdown, made of the speaker's own sentences with passages cited `[n]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from youtube_analysis.checking.literal import literal
from youtube_analysis.models.analysis import AnalysisType, Classification
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.passages.words import count_words

from .classification import classify
from .outline import find_outline
from .talk import SHORTEST, Line, Talk

_WORDS_A_POINT = 170
_FEWEST_POINTS, _MOST_POINTS, _THIN_POINTS = 3, 8, 3
_GIST_LINES, _GIST_WORDS = 3, 30
# By how many of the main terms a line of the gist says: none, one, more.
_MAIN_SAID, _COMMAND = (0.4, 1.0, 1.4), 0.5
# An announcement has so many terms at least; sentences of so few words may go on it.
_ANNOUNCING, _AFTERTHOUGHT = 3, 3
_FEW_ADVICE, _MOST_ADVICE, _STRESSED = 3, 12, 1.6
# Quotes for each kind of post, and what makes a quote that people pass on.
_QUOTES = {AnalysisType.BLOG_POST: 10, AnalysisType.LINKEDIN_POST: 5, AnalysisType.X_POST: 1}
_QUOTABLE_WORDS, _QUOTABLE = 18, 1.4
# A line far behind the best is passed over; of more than a few lines, so is the weaker half.
_FAR_BEHIND, _FEW = 0.3, 24
# Two lines that share this much of the shorter one's terms say the same; what likeness to what is
# already chosen costs, and a topic that is already told.
_ALIKE, _NOVELTY, _AGAIN = 0.5, 0.7, 0.3


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
        self.topics = find_outline(talk.reading, talk)
        words = sum(line.words for line in talk.lines)
        most = _THIN_POINTS if talk.thin else _MOST_POINTS
        self._count = max(_FEWEST_POINTS, min(most, words // _WORDS_A_POINT + 2))
        scores = sorted(line.score for line in talk.lines)
        middle = scores[len(scores) // 2] if len(scores) > _FEW else 0.0
        bar = max(middle, _FAR_BEHIND * max(scores, default=0.0))
        self._good = [line for line in talk.lines if line.score >= bar]
        self.gist = self._gist()
        self.points = choose(self._good, self._count, besides=self.gist, again=_AGAIN)

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
        count = min(_QUOTES[task], 2 * self._count)
        quotes = choose(_scored(self._good, _quotable), count, again=_AGAIN)
        return Composition(_bullets(quotes, "“{}”"), Notice(NoticeCode.QUOTES_TO_START_FROM), note)

    def _gist(self) -> list[Line]:
        """What the talk is about: the speaker's own announcement if there is one, then central
        lines, each from another topic."""
        fit = [line for line in self._talk.lines if line.words <= _GIST_WORDS]
        lines = _scored(fit, self._about)
        about = (line for line in lines if "gist" in line.kinds and line.topic == 0)
        announced = (line for line in about if len(line.terms) >= _ANNOUNCING)
        best = [self._with_afterthought(line) for line in [*announced][:1]]
        count = 1 if self._talk.thin else _GIST_LINES
        best += choose(lines, count - len(best), besides=best, again=0.0)
        return sorted(best or self._talk.lines[:1], key=lambda line: line.place)

    def _about(self, line: Line) -> float:
        """A factor, highest for a line that names two of the main terms and is no command."""
        said = _MAIN_SAID[min(2, len(self._talk.main_terms & line.terms))]
        return said * (_COMMAND if "imperative" in line.kinds else 1.0)

    def _with_afterthought(self, line: Line) -> Line:
        """With the few words that go on it: `… on one meeting. Just one. The incident review.`"""
        text, passage = line.text, self._talk.reading.passages[line.passage - 1].text
        for sentence in self._talk.reading.sentences[line.place + 1 :]:
            longer = f"{text} {sentence.text}"
            if count_words(sentence.text) > _AFTERTHOUGHT or longer[1:] not in passage:
                break
            text = longer
        return replace(line, text=text)

    def _summary(self, classification: Classification) -> str:
        head = f"**Category:** {classification.category} · **Type:** {classification.tag}"
        if self._talk.thin:
            lines = sorted((*self.gist, *self.points), key=lambda line: line.place)
            return f"{head}\n\n### Some of its lines\n\n{_bullets(lines)}"
        text = f"{head}\n\n### TL;DR\n\n{' '.join(map(_cited, self.gist))}"
        return f"{text}\n\n### Key points\n\n{_bullets(self.points)}" if self.points else text

    def _key_moments(self) -> str:
        told: list[Line] = []
        rows = []
        for place, topic in enumerate(self.topics):
            title = topic.title.rstrip("…").casefold()
            here = (line for line in self._good if line.topic == place)
            line = choose((x for x in here if title not in x.text.casefold()), 1, besides=told)
            told += line
            quoted = f":** {_cited(line[0])}" if line else "**"
            rows.append(f"- [{topic.first}] **{literal(topic.title)}{quoted}")
        return "\n".join(rows)

    def _action_plan(self) -> tuple[str, Notice | None]:
        advice = _scored(self._talk.advice, lambda line: min(line.words, SHORTEST))
        given = choose(advice, min(_MOST_ADVICE, self._count + 4))
        if len(given) >= _FEW_ADVICE:
            return "\n".join(f"{n}. {_cited(line)}" for n, line in enumerate(given, 1)), None
        lines = _scored(self._good, lambda line: _STRESSED if "stress" in line.kinds else 1.0)
        given += choose(lines, self._count - len(given), besides=given, again=_AGAIN)
        given.sort(key=lambda line: line.place)
        return _bullets(given), Notice(NoticeCode.LITTLE_ADVICE)


def _quotable(line: Line) -> float:
    """Lines that people pass on are short, and complete in themselves."""
    telling = bool(line.kinds & {"stress", "advice", "imperative"})
    return float(_QUOTABLE ** (telling + (line.words <= _QUOTABLE_WORDS)))


def _scored(lines: Iterable[Line], factor: Callable[[Line], float]) -> list[Line]:
    return [replace(line, score=line.score * factor(line)) for line in lines]


def _cited(line: Line, form: str = "{}") -> str:
    return f"{form.format(literal(line.text))} [{line.passage}]"


def _bullets(lines: Iterable[Line], form: str = "{}") -> str:
    return "\n".join(f"- {_cited(line, form)}" for line in lines)


def choose(
    lines: Iterable[Line], count: int, *, besides: Sequence[Line] = (), again: float = 1.0
) -> list[Line]:
    """Up to `count` lines by maximal marginal relevance, in the order of the talk; `again` is a
    factor on a line whose topic is told already."""
    pool = sorted(lines, key=lambda line: (-line.score, line.place))[: 60 + 8 * count]
    chosen: list[Line] = []

    def worth(line: Line) -> float:
        told = (*besides, *chosen)
        retold = any(line.topic == other.topic for other in told)
        return line.score * (1 - _NOVELTY * _likeness(line, told)) * (again if retold else 1.0)

    while pool and len(chosen) < count:
        best = max(pool, key=worth)
        if not worth(best):
            break
        pool.remove(best)
        if _likeness(best, (*besides, *chosen)) < _ALIKE:
            chosen.append(best)
    return sorted(chosen, key=lambda line: line.place)


def _likeness(line: Line, told: Iterable[Line]) -> float:
    """The largest share of terms, of the shorter line's, in common with a chosen line: 0…1."""
    alike = 0.0
    for other in told:
        fewest = max(1, min(len(line.terms), len(other.terms)))
        same = line.place == other.place
        alike = max(alike, 1.0 if same else len(line.terms & other.terms) / fewest)
    return alike
