"""A talk weighed: what it is about, where it turns, and which of its sentences can stand alone."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from heapq import nlargest
from importlib import resources
from itertools import chain, pairwise
from math import log, prod, sqrt
from statistics import median
from typing import Any

import regex

from youtube_analysis.models.notices import Notice, NoticeCode
from youtube_analysis.passages.ranking import Lexical
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import base_language, count_words
from youtube_analysis.patterns import Pattern

# Terms with their weights.
Bag = Mapping[str, float]

# Passages on each side of a possible boundary (about two minutes).
_WINDOW = 8
# A topic lasts some five minutes in a talk of an hour, less in a short one, more in a long one.
_MOST = 14
# How far from where parts of one length would begin, in such parts; what a turn of phrase adds.
_ASTRAY, _TURN_BONUS = 0.35, 0.25
_MAIN_TERMS = 8
# A lone term of a sentence is trusted little.
_LONE = 2.0
# Words of a sentence that can be shown: a ramble nobody posts, and what is short counts for less.
_SHORTEST, _SHORT, _LONGEST = 3, 9, 30
# Below these a talk is thin: words of its median sentence, words, share with captions.
_SCRAPS, _FEW_WORDS, _LEAST_COVERED = 4.5, 40, 0.4
# In a talk that advises, so large a share of the lines does.
_MUCH_ADVICE = 0.03
# What a cue makes of the centrality of a sentence: less where it cannot stand alone or is weak,
# more where its speaker makes much of it.
_STANDING = {"vague": 0.75, "personal": 0.75, "stress": 1.15} | dict.fromkeys(
    ("dangling", "staging", "asks", "broken"), 0.3
)
# Those that are looked for at the start of a sentence alone.
_AT_START = frozenset({"lead", "dangling", "imperative", "turn"})
_CLOSED = Pattern(r"[.!?…。！？؟।॥]+[\"'”’»)」』）]*$")
_PLAIN_WORD = Pattern(r"\p{Ll}[\p{L}\p{M}'’-]*(?:[\s,;.]|$)")


# With these nothing can be a heading.
FAULTS = frozenset({"lead", "chatter", "torn", *_STANDING} - {"stress"})


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it may be shown: word for word, at most without its lead-in.

    `place` counts sentences, `topic` stretches of the talk, both from 0; `passage` is the number
    to cite. `score` has no unit and compares lines of one talk. `kinds` are the cues that apply.
    """

    place: int
    passage: int
    topic: int
    text: str
    words: int
    terms: frozenset[str]
    score: float
    kinds: frozenset[str]


class Talk:
    """What the offline model knows of one reading. Costs about 0.1 s of CPU an hour of talk."""

    def __init__(self, reading: Transcript) -> None:
        self.reading = reading
        self.ranking = Lexical(reading)
        self.cues = _cues_for(reading.language)
        said = [sentence.text for sentence in reading.sentences]
        # Whether most of its sentences have a beginning, and an end.
        self._capitalized = 2 * sum(not text[0].islower() for text in said) > len(said)
        self._punctuated = 2 * sum(bool(_CLOSED.search(text)) for text in said) > len(said)
        self._weights = self._weigh()
        # One a passage.
        self.bags = [self.bag(chain.from_iterable(terms)) for terms in self.ranking.terms]
        self._centre = centre_of(self.bags)
        # The handful of terms that weigh most in the whole.
        self.main_terms = frozenset(
            nlargest(_MAIN_TERMS, self._centre, key=self._centre.__getitem__)
        )
        # The topics as places of passages, in order and without a gap.
        self.stretches = [range(*edges) for edges in pairwise(sorted(self._edges()))]

    def _weigh(self) -> Bag:
        """What a term says about the subject: said often, yet not everywhere."""
        said = Counter(chain.from_iterable(chain.from_iterable(self.ranking.terms)))
        rarity = self.ranking.rarity
        return {term: log(1 + often) * rarity(term) for term, often in said.items() if often > 1}

    def bag(self, terms: Iterable[str]) -> Bag:
        """Terms with their weights, more for one that is said twice; those that tell nothing of
        the subject are left out."""
        said = Counter(term for term in terms if term in self._weights)
        return {term: self._weights[term] * (1 + log(often)) for term, often in said.items()}

    def _edges(self) -> set[int]:
        """At the creator's chapters where there are several; else parts of about one length begin
        where the words change most."""
        passages, chapters = self.reading.passages, self.reading.video.chapters
        edges = {0, len(passages)}
        if len(chapters) > 1:
            starts = [passage.start for passage in passages]
            return edges | {bisect_left(starts, chapter.start - 1) for chapter in chapters}
        minutes = self.reading.video.duration / 60
        wanted = max(1, min(_MOST, len(passages) // 2, round(1 + 1.5 * sqrt(minutes))))
        part = len(passages) / wanted
        for place in range(1, wanted):
            near = range(round((place - _ASTRAY) * part), round((place + _ASTRAY) * part) + 1)
            edges.add(max(near, key=self._turns))
        return edges

    def _turns(self, place: int) -> float:
        """How little is alike before and after a passage, more where the speaker announces the
        next point."""
        before = centre_of(self.bags[max(0, place - _WINDOW) : place])
        after = centre_of(self.bags[place : place + _WINDOW])
        begins = self.reading.passages[place].sentences[0].text
        return _TURN_BONUS * ("turn" in self.kinds(begins)) - _product(before, after)

    @cached_property
    def thin(self) -> Notice | None:
        """Why there is little to choose from, None where there is enough."""
        words = [count_words(sentence.text) for sentence in self.reading.sentences]
        coverage = self.reading.video.coverage
        if sum(words) < _FEW_WORDS:
            return Notice(NoticeCode.FEW_WORDS, {"words": str(sum(words))})
        if median(words) < _SCRAPS:
            return Notice(NoticeCode.NO_SENTENCES)
        silent = coverage.read < _LEAST_COVERED * coverage.total
        return Notice(NoticeCode.MOSTLY_SILENT) if silent else None

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Every sentence that could be shown, in order. Of a clip of some words, all."""
        whole = [line for line in self.all if not line.kinds & {"torn", "chatter"}]
        return [line for line in whole if _SHORTEST <= line.words <= _LONGEST] or self.all

    @cached_property
    def advice(self) -> Sequence[Line]:
        """Lines that tell the listener what to do, short ones among them. A command counts as
        advice only in a talk that gives much of it; in others it is part of a story or a demo."""
        if self.thin:  # People of a dialogue tell each other what to do.
            return []
        free = [line for line in self.lines if not line.kinds & {"asks", "dangling"}]
        given = [line for line in free if line.kinds & {"advice", "imperative"}]
        much = len(given) >= _MUCH_ADVICE * len(self.lines)
        return [line for line in given if much or "advice" in line.kinds]

    @cached_property
    def all(self) -> Sequence[Line]:
        """A sentence is central if it resembles both its topic and the whole talk."""
        spoken = zip(self.reading.sentences, chain.from_iterable(self.ranking.terms), strict=True)
        topics = [topic for topic, stretch in enumerate(self.stretches) for _ in stretch]
        centres = [centre_of(self.bags[part.start : part.stop]) for part in self.stretches]
        lines: list[Line] = []
        for place, (sentence, terms) in enumerate(spoken):
            passage, text, bag = (
                self.ranking.owners[place],
                self.polish(sentence.text),
                self.bag(terms),
            )
            kinds, words = self.kinds(text), count_words(text)
            if self._torn(sentence.text):
                kinds |= {"torn"}
            score = nearness(bag, centres[topics[passage]]) + nearness(bag, self._centre)
            score += 0.01 * bool(terms)
            score *= min(1.0, words / _SHORT) * prod(_STANDING.get(kind, 1.0) for kind in kinds)
            found = place, passage + 1, topics[passage]
            lines.append(Line(*found, text, words, frozenset(terms), score, kinds))
        return lines

    def kinds(self, text: str) -> frozenset[str]:
        return frozenset(key for key, cue in self.cues.items() if cue.search(text))

    def _torn(self, said: str) -> bool:
        """Whether a sentence lacks its beginning or its end, in a talk where others have them."""
        headless = self._capitalized and said[0].islower()
        return self._punctuated and (headless or not _CLOSED.search(said))

    def polish(self, text: str) -> str:
        """Leaves off the lead-in (`So, …`), starts with a capital; else word for word."""
        lead = self.cues["lead"].match(text) if "lead" in self.cues else None
        bare = (text[lead.end() :] if lead else text).lstrip("-–—…,.、，;: ")
        if count_words(bare) < _SHORTEST:
            bare = text
        return bare[:1].upper() + bare[1:] if _PLAIN_WORD.match(bare) else bare


def centre_of(bags: Iterable[Bag]) -> Bag:
    """The direction of many bags together: their sum with length 1."""
    total: dict[str, float] = {}
    for bag in bags:
        for term, weight in bag.items():
            total[term] = total.get(term, 0.0) + weight
    size = sqrt(_product(total, total)) or 1.0
    return {term: weight / size for term, weight in total.items()}


def nearness(bag: Bag, centre: Bag) -> float:
    """How near a sentence is to a centre, 0…1."""
    return _product(bag, centre) / (sqrt(_product(bag, bag)) + _LONE)


def _product(one: Bag, other: Bag) -> float:
    return sum(weight * other[term] for term, weight in one.items() if term in other)


@cache
def _cues_for(language: str) -> Mapping[str, Pattern]:
    """What a sentence does rather than what it is about, as `words.toml` says: greets, advises,
    points at the screen… Of a language without words there little is known."""
    base = base_language(language)
    before, after, gap = r"(?<![\w'])", r"(?![\w'])", r"(?:,|\s--|\s–|:|،)?\s+"
    if base in {"ja", "zh"}:
        before, after, gap = "", "", r"\s*"
    cues = {key: Pattern(words, regex.I) for key, words in word_lists()["cues"]["any"].items()}
    for key, words in word_lists()["cues"].get(base, {}).items():
        written = f"{before}(?:{words}){after}"
        if key == "lead":
            written = f"(?:{written}{gap})+"
        cues[key] = Pattern(f"^(?:{written})" if key in _AT_START else written, regex.I)
    return cues


@cache
def word_lists() -> dict[str, Any]:
    file = resources.files(__package__).joinpath("words.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
