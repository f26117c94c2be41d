"""The analyses as markdown, made of the speaker's own sentences with passages cited `[n]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from youtube_analysis.checking.literal import literal
from youtube_analysis.models.analysis import AnalysisType, Classification
from youtube_analysis.passages.words import count_words
from youtube_analysis.patterns import Pattern

from .classification import classify
from .selection import choose, spread, worthwhile
from .talk import Line, Talk, polish
from .topics import Topic, find_topics

_WORDS_A_POINT = 170
_SITE = Pattern(
    r"\b(?:https?://)?(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|edu|gov|ai|app)(?:/[\w./-]*\w)?",
    regex.I,
)
_TAG_WORD = Pattern(r"\w+")
_X_LIMIT = 200
_LINKEDIN_POINTS = 4
_GIST, _DEFINITION, _SUBJECT, _GIST_LENGTH = 1.6, 2.2, 1.2, 200
_FEW_ADVICE = 3


class Sections:
    """Composes each type once per talk; what several types need is computed once."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._info = talk.reading.video.info
        self._length = talk.reading.video.duration
        self.topics = find_topics(talk)
        words = sum(count_words(line.text) for line in talk.lines)
        # Three points for a clip of a minute, eight for a lecture.
        self._points = max(3, min(8, words // _WORDS_A_POINT + 2))
        self._good = worthwhile(talk.lines)
        self.gist = spread(self._gist_lines(), min(3, self._points), self._length)
        self.points = spread(talk.lines, self._points, self._length, besides=self.gist)

    def _gist_lines(self) -> list[Line]:
        """Short lines; those that sum up, or say what the subject is, weigh more. A clip may have
        nothing but long ones."""
        short = [line for line in self._good if len(line.text) <= _GIST_LENGTH]
        return [
            replace(line, score=line.score * self._gist_worth(line)) for line in short or self._good
        ]

    def _gist_worth(self, line: Line) -> float:
        opening = self._talk.ranking.analyzer.terms(line.text)[:2]
        about_subject = not self._talk.main_terms.isdisjoint(opening)
        worth = _GIST if line.gist else 1.0
        if about_subject:
            worth *= _DEFINITION if line.defines else _SUBJECT
        return worth

    def compose(self, task: AnalysisType) -> tuple[str, Classification | None]:
        """Markdown of one type; the classification comes with the summary alone."""
        if task is AnalysisType.SUMMARY:
            classification = classify(self._talk)
            return self._summary(classification), classification
        makers = {
            AnalysisType.ACTION_PLAN: self._action_plan,
            AnalysisType.KEY_MOMENTS: self._key_moments,
            AnalysisType.BLOG_POST: self._blog_post,
            AnalysisType.LINKEDIN_POST: self._linkedin_post,
            AnalysisType.X_POST: self._x_post,
        }
        return makers[task](), None

    def _summary(self, classification: Classification) -> str:
        head = f"**Category:** {classification.category} · **Type:** {classification.tag}"
        parts = [head, "### TL;DR", _prose(self.gist)]
        details = self._details()
        if details:
            parts += ["### Details", details]
        if self.points:
            parts += ["### Key points", _bullets(self.points)]
        return "\n\n".join(parts)

    def _details(self) -> str:
        """A paragraph for each stretch of the talk that has something of its own to say."""
        told = [*self.gist, *self.points]
        paragraphs = []
        for topic in self._main_topics(self._points):
            lines = choose(self._within(topic, self._good), 2, besides=told)
            told += lines
            if lines:
                name = f"**{literal(topic.title)}.** " if topic.title else ""
                paragraphs.append(name + _prose(lines))
        return "\n\n".join(paragraphs)

    def _action_plan(self) -> str:
        warnings = choose([line for line in self._talk.lines if line.warning], self._points - 2)
        advice = choose(
            [line for line in self._talk.lines if line.advice and not line.warning],
            self._points,
            besides=warnings,
        )
        parts: list[str] = []
        if advice:
            parts += ["### What the video advises", _numbered(advice)]
        if warnings:
            parts += ["### What it warns of", _bullets(warnings)]
        if len(advice) + len(warnings) < _FEW_ADVICE:
            said = choose(self._good, self._points - 2, besides=[*advice, *warnings])
            parts += [
                "### Worth acting on",
                "The speaker gives little explicit advice; this is what the video makes most of.",
                _bullets(said),
            ]
        if sites := self._sites():
            parts += ["### Places named", sites]
        return "\n\n".join(parts)

    def _sites(self) -> str:
        found: dict[str, int] = {}
        for passage in self._talk.reading.passages:
            for match in _SITE.finditer(passage.text):
                found.setdefault(match[0].casefold().removesuffix("."), passage.number)
        return "\n".join(f"- `{site}` [{number}]" for site, number in list(found.items())[:8])

    def _key_moments(self) -> str:
        rows = []
        told: list[Line] = []
        for topic in self.topics:
            good = self._within(topic, self._good) or self._within(topic)
            line = next(iter(choose(good, 1, besides=told)), None)
            told += [line] if line else []
            first = topic.passages[0].number
            title = f" **{literal(topic.title)}**" if topic.title else ""
            opening = f" {literal(polish(topic.passages[0].sentences[0].text, self._talk.cues))}"
            quoted = f" {_cited(line)}" if line else "" if title else opening
            rows.append(f"- [{first}]{title}{':' if title and quoted else ''}{quoted}")
        return "\n".join(rows)

    def _blog_post(self) -> str:
        by = f" by {literal(self._info.channel)}" if self._info.channel else ""
        parts = [
            f"# {literal(self._info.title)}",
            f"*Notes from a video{by}, in the speaker's own words.*",
            _prose(self.gist),
        ]
        told = list(self.gist)
        for topic in self._main_topics(6):
            lines = choose(self._within(topic), 3, besides=told)
            told += lines
            if lines:
                title = literal(topic.title) or f"[{topic.passages[0].number}]"
                parts += [f"## {title}", _prose(lines)]
        closing = choose(self._talk.lines, 3, besides=told)
        if closing:
            parts += ["## What else to take along", _bullets(closing)]
        return "\n\n".join(parts)

    def _linkedin_post(self) -> str:
        points = spread(self._short_lines(), _LINKEDIN_POINTS, self._length)
        opening = (
            f"“{literal(self._info.title)}”: {len(points)} things it says, with the minute of each."
        )
        body = "\n\n".join(f"→ {_cited(line)}" for line in points)
        return "\n\n".join(part for part in (opening, body, self._hashtags(4)) if part)

    def _x_post(self) -> str:
        lines = [line for line in self._talk.lines if len(line.text) <= _X_LIMIT]
        best = choose(lines, 1)
        if not best:
            return f"{literal(self._info.title[:_X_LIMIT])} [1]"
        return f"“{literal(best[0].text)}” [{best[0].passage}] {self._hashtags(1)}".strip()

    def _hashtags(self, count: int) -> str:
        names = [name for topic in self._main_topics(12) for name in topic.title.split(", ")]
        tags = dict.fromkeys(
            "#" + "".join(word[:1].upper() + word[1:] for word in _TAG_WORD.findall(name))
            for name in names
            if name
        )
        return " ".join(list(tags)[:count])

    def _short_lines(self) -> list[Line]:
        return [line for line in self._talk.lines if len(line.text) <= _X_LIMIT + 40]

    def _main_topics(self, count: int) -> list[Topic]:
        """The longest topics, in order: a talk of fourteen is told by its main ones."""
        longest = sorted(self.topics, key=lambda topic: topic.start - topic.end)[:count]
        return sorted(longest, key=lambda topic: topic.start)

    def _within(self, topic: Topic, lines: Sequence[Line] | None = None) -> list[Line]:
        first, last = topic.passages[0].number, topic.passages[-1].number
        among = self._talk.lines if lines is None else lines
        return [line for line in among if first <= line.passage <= last]


def _cited(line: Line) -> str:
    return f"{literal(line.text)} [{line.passage}]"


def _prose(lines: Sequence[Line]) -> str:
    return " ".join(map(_cited, lines))


def _bullets(lines: Sequence[Line]) -> str:
    return "\n".join(f"- {_cited(line)}" for line in lines)


def _numbered(lines: Sequence[Line]) -> str:
    return "\n".join(f"{place}. {_cited(line)}" for place, line in enumerate(lines, start=1))
