"""How a talk is divided, and what each stretch is called: a fragment of what is said there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.words import count_words, function_words
from youtube_analysis.patterns import Pattern

from .talk import Talk, centre_of, nearness

# Words of a heading; in scripts without spaces, at two characters a word.
_LENGTHS, _UNSPACED_LENGTHS = (3, 8), (4, 13)
# Sentences of a stretch, the most central ones, that are looked through for its heading.
_LOOKED_AT = 40
# Factors: a whole sentence, its first clause, a later one; and for each fault.
_PARTS, _FAULTY = (1.0, 0.75, 0.35), 0.3
_FAULTS = frozenset({"dangling", "lead", "vague", "staging", "personal", "broken"})
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


def find_outline(reading: Reading, talk: Talk | None = None) -> tuple[Topic, ...]:
    """In order and without a gap, no title empty: the creator's chapters where there are any."""
    talk, chapters = talk or Talk(reading), reading.video.chapters
    titles: dict[int, str] = {}
    for stretch in talk.stretches:
        first = reading.passages[stretch.start]
        begun = [c.title for c in chapters if c.start <= first.start + 1 and c.title.strip()]
        named = begun and len(chapters) > 1
        titles[first.number] = begun[-1] if named else _heading(talk, stretch)
    return topics_of(reading, titles)


def topics_of(reading: Reading, titles: Mapping[int, str]) -> tuple[Topic, ...]:
    """`titles` has one for each passage number that begins a topic."""
    passages = reading.passages
    return tuple(
        Topic(titles[first], passages[first - 1].start, passages[after - 2].end, first, after - 1)
        for first, after in pairwise([*sorted(titles), len(passages) + 1])
    )


def _heading(talk: Talk, stretch: range) -> str:
    """The fragment of a central sentence that says most of what the stretch is about; without
    any, the first words of the most central one."""
    centre = centre_of(talk.bags[stretch.start : stretch.stop])
    central: list[tuple[float, str]] = []
    for place in stretch:
        sentences, terms = talk.reading.passages[place].sentences, talk.ranking.terms[place]
        for sentence, of_sentence in zip(sentences, terms, strict=True):
            central.append((nearness(talk.bag(of_sentence), centre), sentence.text))
    central.sort(key=lambda sentence: -sentence[0])
    best, found = 0.0, _first_words(talk, central[0][1])
    for near, text in central[:_LOOKED_AT]:
        for fragment, standing in _fragments(talk, text):
            named = set(talk.ranking.analyzer.terms(fragment))
            worth = sum(centre.get(term, 0.0) for term in named) / sqrt(len(named) + 1.5)
            if worth * standing * sqrt(near) > best:
                best, found = worth * standing * sqrt(near), fragment
    return found


def _first_words(talk: Talk, text: str) -> str:
    """Of the longest clause, as many as a heading may have."""
    clause = max(_INNER.split(talk.polish(text)), key=len).strip(_ENDS) or text
    most = _LENGTHS[1] if talk.spaced else 2 * _UNSPACED_LENGTHS[1]
    parts = clause.split(" ") if talk.spaced else list(clause)
    return clause if len(parts) <= most else f"{(' ' * talk.spaced).join(parts[:most])}…"


def _fragments(talk: Talk, text: str) -> Iterator[tuple[str, float]]:
    """The whole sentence and its clauses, with how well they stand as a heading."""
    if "chatter" in talk.kinds(text):
        return
    whole = talk.polish(text).strip(_ENDS)
    clauses = [(clause or "").strip(_ENDS) for clause in _STOPS.split(whole)]
    least, most = _LENGTHS if talk.spaced else _UNSPACED_LENGTHS
    grammar = function_words(talk.ranking.analyzer.language)
    for place, fragment in enumerate((whole, *clauses)):
        faults = len(talk.kinds(fragment) & _FAULTS) + (place == 0 and talk.torn(text))
        words = len(fragment.split()) if talk.spaced else count_words(fragment)
        hangs = fragment.rpartition(" ")[2] in grammar or _INNER.search(fragment)
        if least <= words <= most and faults < 2 and not hangs:
            yield fragment[:1].upper() + fragment[1:], _PARTS[min(place, 2)] * _FAULTY**faults
