"""How a talk is divided, and what each stretch is called: a fragment of what is said there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from math import sqrt

import regex

from youtube_analysis.models.analysis import AnalysisType, TaskOutput
from youtube_analysis.passages.function_words import FUNCTION_WORDS
from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.words import count_words
from youtube_analysis.patterns import Pattern

from .talk import ASKS, BROKEN, PERSONAL, Talk, polish
from .topics import centre_of, nearness

# Words of a heading; in scripts without spaces, at two characters a word.
_LENGTHS, _UNSPACED_LENGTHS = (3, 8), (4, 13)
# A whole sentence makes the best heading, then a clause, then what stands before a border word.
_WHOLE, _CLAUSE, _LATER, _CUT, _NOUNS = 1.0, 0.75, 0.35, 0.55, 0.6
_ASKED, _OPENS, _USED, _LOOSE, _LEAST = 1.15, 1.3, 0.4, 0.3, 0.15
# How much of a first mention counts not, and how much it tells that a word is said nowhere else.
_ONCE, _RARITY = 0.4, 0.35
# Talks begin with who speaks and when; what they are about is to be told there.
_MAIN = 2.0
_OPENING, _LOOKED_AT = 3, 40
_STOPS = Pattern(
    r"[,;:!?()\"“”„«»–—、。，；：！？「」『』（）…।؟،]+(?=\s|$)|\s[-–—]+\s|--|(?<=[、。，；：！？「」])"
)
_ENDS = " \t.,;:!-–—…、。，；：！।\"'“”„«»"
_NOUN_RUN = Pattern(
    r"[\p{Han}\p{Katakana}ーA-Za-z0-9 ]*[\p{Han}\p{Katakana}ー]"
    r"(?:[のや][\p{Han}\p{Katakana}ーA-Za-z0-9 ]*[\p{Han}\p{Katakana}ー])*"
)
_COMMA = Pattern(r"[,،、，;；]\s*")
_MOMENT = Pattern(
    r"^\s*(?:[-*•]|\d+\.)?\s*\[(?P<number>\d+)\]\s*\*\*(?P<title>[^*]+?):?\s*\*\*", regex.M
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch of a talk: `start` and `end` in seconds, `first` and `last` passage number."""

    title: str
    start: float
    end: float
    first: int
    last: int


def find_outline(reading: Reading) -> tuple[Topic, ...]:
    """In order and without a gap, no title empty: the creator's chapters where there are any."""
    return outline_of(Talk(reading))


def outline_of(talk: Talk) -> tuple[Topic, ...]:
    """As `find_outline`."""
    chapters, used = talk.reading.video.chapters, set[str]()
    titles: dict[int, str] = {}
    for stretch in talk.stretches:
        first = talk.reading.passages[stretch.start]
        begun = [c.title for c in chapters if c.start <= first.start + 1 and c.title.strip()]
        title = begun[-1] if begun and len(chapters) > 1 else _heading(talk, stretch, used)
        titles[first.number] = title
        used.update(talk.ranking.analyzer.terms(title))
    return _topics(talk.reading, titles)


def outline_from(reading: Reading, moments: TaskOutput) -> tuple[Topic, ...]:
    """As a model divided the talk in its key moments; empty where it names fewer than two."""
    found = {
        int(match["number"]): " ".join(match["title"].split())
        for match in _MOMENT.finditer(moments.text)
        if 1 <= int(match["number"]) <= len(reading.passages)
    }
    if len(found) < 2 or moments.type is not AnalysisType.KEY_MOMENTS:
        return ()
    # What comes before the first moment belongs to it.
    return _topics(reading, {1: found.pop(min(found)), **found})


def _topics(reading: Reading, titles: Mapping[int, str]) -> tuple[Topic, ...]:
    """`titles` has one for each passage number that begins a topic."""
    edges = pairwise([*sorted(titles), len(reading.passages) + 1])
    return tuple(
        Topic(
            titles[first],
            reading.passages[first - 1].start,
            reading.passages[after - 2].end,
            first,
            after - 1,
        )
        for first, after in edges
    )


def _heading(talk: Talk, stretch: range, used: set[str]) -> str:
    """The fragment that says most of what is said here and seldom elsewhere; of a stretch without
    any, the first words of its most central sentence."""
    passages = talk.reading.passages[stretch.start : stretch.stop]
    said = [sentence.text for passage in passages for sentence in passage.sentences]
    terms = [*chain.from_iterable(talk.ranking.terms[stretch.start : stretch.stop])]
    weights = _weights(
        talk, Counter(chain.from_iterable(terms)), used, _MAIN if not stretch.start else 1
    )
    centre = centre_of(talk.bags[stretch.start : stretch.stop])
    central = [nearness(talk.bag(of_sentence), centre) for of_sentence in terms]
    ranked = sorted(range(len(said)), key=lambda place: (-central[place], place))
    best, found = 0.0, ""
    for place in (*range(min(_OPENING, len(said))), *ranked[:_LOOKED_AT]):
        share = sqrt(central[place]) * (_OPENS if place < _OPENING else 1.0)
        for fragment, standing in _fragments(talk, said[place]):
            named = set(talk.ranking.analyzer.terms(fragment))
            worth = sum(weights.get(term, 0.0) for term in named) / sqrt(len(named) + 1.5)
            if worth * standing * share > best:
                best, found = worth * standing * share, fragment
    return found or _first_words(talk, said[ranked[0]])


def _weights(talk: Talk, counts: Counter[str], used: set[str], main: float) -> dict[str, float]:
    """What each term tells of a stretch; `main` is a factor on the talk's main terms."""
    return {
        term: (count - _ONCE)
        / talk.ranking.frequency(term) ** _RARITY
        * (main if term in talk.main_terms else 1.0)
        * (_USED if term in used else 1.0)
        for term, count in counts.items()
        if talk.weight(term) and not term[0].isdigit()
    }


def _first_words(talk: Talk, text: str) -> str:
    """As many as a heading may have, of two clauses at the most."""
    words = polish(text, talk.cues).strip(_ENDS) or text
    for third in [*_COMMA.finditer(words)][1:2]:
        words = words[: third.start()]
    most = _LENGTHS[1] if talk.spaced else 2 * _UNSPACED_LENGTHS[1]
    parts = words.split(" ") if talk.spaced else list(words)
    return words if len(parts) <= most else f"{(' ' * talk.spaced).join(parts[:most])}…"


def _fragments(talk: Talk, text: str) -> Iterator[tuple[str, float]]:
    """What could be a heading in a sentence, with how well it stands as one."""
    cues = talk.cues
    for fragment, worth in () if cues["chatter"].search(text) else _cuts(talk, text):
        faults = (
            cues["dangling"].match(fragment) or cues["lead"].match(fragment),
            cues["vague"].search(fragment),
            cues["staging"].search(fragment),
            PERSONAL.search(fragment) or BROKEN.search(fragment),
            worth < _WHOLE and cues["border"].match(fragment),
        )
        standing = worth * _LOOSE ** sum(map(bool, faults))
        if standing >= _LEAST and _fits(talk, fragment):
            yield fragment[:1].upper() + fragment[1:], standing


def _fits(talk: Talk, fragment: str) -> bool:
    """Neither too short nor too long, no list of words, no quote torn apart."""
    parts = _COMMA.split(fragment)
    counts = [len(p.split()) if talk.spaced else count_words(p) for p in parts]
    pairs = (("«", "»"), ("“", "”"), ("(", ")"))
    torn = any(fragment.count(one) != fragment.count(other) for one, other in pairs)
    if torn or fragment.count('"') % 2 or len(counts) > 2 or min(counts) < 2:
        return False
    least, most = _LENGTHS if talk.spaced else _UNSPACED_LENGTHS
    return least <= sum(counts) <= most


def _cuts(talk: Talk, text: str) -> Iterator[tuple[str, float]]:
    """The whole sentence, its clauses, and the beginnings of these up to a border word."""
    whole = polish(text, talk.cues).strip(_ENDS)
    grammar = FUNCTION_WORDS.get(talk.ranking.analyzer.language, frozenset())
    torn = talk.torn(text) or BROKEN.search(text) or whole.rpartition(" ")[2] in grammar
    yield whole, _ASKED if ASKS.search(text) else _LOOSE if torn else _WHOLE
    for place, clause in enumerate(_STOPS.split(whole)):
        standing = _LATER if place else _CLAUSE
        words = (clause or "").strip(_ENDS).split()
        if not words or words[-1] not in grammar:
            yield " ".join(words), standing
        if not talk.spaced:
            yield from ((match[0].strip(), _NOUNS) for match in _NOUN_RUN.finditer(clause or ""))
        for stop in range(_LENGTHS[0], min(_LENGTHS[1], len(words) - 1) + 1):
            before, last, after = (word.casefold() for word in words[stop - 2 : stop + 1])
            hangs = last in grammar or before == "to" or talk.cues["border"].match(before)
            if talk.cues["border"].match(after) and not hangs:
                yield " ".join(words[:stop]).strip(_ENDS), standing * _CUT
