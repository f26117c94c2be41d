"""How a talk is divided, and what each stretch is called: a fragment of what is said there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import count_words, function_words, spaced
from youtube_analysis.patterns import Pattern

from .talk import FAULTS, Talk

# Words of a heading; in scripts without spaces at two characters a word.
_FEWEST_WORDS, _MOST_WORDS, _MOST_UNSPACED = 4, 8, 13
_STOPS = Pattern(
    r"[,;:!?()\"“”„«»–—、。，；：！？「」『』（）…।؟،]+(?=\s|$)|\s[-–—]+\s|--|(?<=[、。，；：！？「」])"
)
# A list of words, or a quote torn apart, is no heading.
_INNER = Pattern(r"[,،、，;；()\"“”„«»]")
_ENDS = " \t.,;:!-–—…、。，；：！।\"'“”„«»"


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch of a talk: `start` and `end` in seconds, `first` and `last` passage number."""

    title: str
    start: float
    end: float
    first: int
    last: int


def find_outline(talk: Talk) -> tuple[Topic, ...]:
    """In order and without a gap, no title empty: the creator's chapters where there are any."""
    reading, titles = talk.reading, dict[int, str]()
    chapters = reading.video.chapters
    for topic, stretch in enumerate(talk.stretches):
        first = reading.passages[stretch.start]
        begun = [c.title for c in chapters if c.start <= first.start + 1 and c.title.strip()]
        named = begun and len(chapters) > 1
        titles[first.number] = begun[-1] if named else _heading(talk, topic)
    return topics_of(reading, titles)


def topics_of(reading: Transcript, titles: Mapping[int, str]) -> tuple[Topic, ...]:
    """`titles` has one for each passage number that begins a topic."""
    passages = reading.passages
    return tuple(
        Topic(titles[first], passages[first - 1].start, passages[after - 2].end, first, after - 1)
        for first, after in pairwise([*sorted(titles), len(passages) + 1])
    )


def _heading(talk: Talk, topic: int) -> str:
    """The best sentence of a topic that is short enough, or the first clause of the best that
    has one; without any, the best one cut short."""
    lines = [line for line in talk.all if line.topic == topic]
    lines.sort(key=lambda line: (line.words < _FEWEST_WORDS, -line.score))
    better = lines[: len(lines) // 2 + 1]
    wholes = (line.text for line in better if not line.kinds & FAULTS)
    clauses = (_STOPS.split(line.text)[0] for line in better if "chatter" not in line.kinds)
    for text in chain(wholes, clauses):
        heading = text.strip(_ENDS)
        if _fits(talk, heading):
            return heading
    return _cut(lines[0].text)


def _fits(talk: Talk, text: str) -> bool:
    """Whether words can stand as a heading."""
    hangs = text.rpartition(" ")[2] in function_words(talk.ranking.analyzer.language)
    fits = count_words(text) >= _FEWEST_WORDS and not _long(text) and not hangs
    return fits and not _INNER.search(text) and not talk.kinds(text) & FAULTS


def _long(text: str) -> bool:
    return count_words(text) > (_MOST_WORDS if spaced(text) else _MOST_UNSPACED)


def _cut(text: str) -> str:
    """As many of the first words of the longest clause as a heading may have."""
    clause = max(_INNER.split(text), key=len).strip(_ENDS)
    if count_words(clause) < _FEWEST_WORDS:
        clause = text.strip(_ENDS) or text
    cut = clause
    while _long(cut):
        cut = cut[:-1]
    whole = cut.rpartition(" ")[0]
    if cut == clause:
        return clause
    return f"{whole if 2 * len(whole) > len(cut) else cut}…"
