"""What a talk says, held against one claim: terms, numbers, names, negation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt

import regex

from youtube_analysis.passages.ranking import Lexical
from youtube_analysis.passages.sentences import Sentence
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.passages.words import UNSPACED, Analyzer, base_language
from youtube_analysis.patterns import Pattern

from .numbers import numbers_in
from .quotes import SpokenWords, negations, tokens

# Shares (0…1, weighted by rarity) of a claim's terms in the cited passages and those beside them.
# Tuned on the first half of tests/claims.
SAID, REWORDED = 0.6, 0.35
_MOST_WEIGHT = 2.0
# A claim in another language is unfound below this likeness in meaning, in deviations.
FOREIGN = 0.5
# A negation speaks against a claim that is turned in more than this of what both say. It reaches
# to the end of its clause.
_TURNED = 0.35
_CLAUSE = Pattern(r"[.!?…;:,，、。！？؟؛،–—]+|--|\b(?:but|aber|sondern|mais|pero|но)\b")
# A comparison, not a negation.
_COMPARED = Pattern(
    r"\b(?:no|not)\b(?= (?:more|less|fewer|later|earlier|longer) than\b| only\b)", regex.I
)

# Passages around a claim in which its names must be spoken, unless so large a share of all
# passages says them: then they are what the talk is about.
_NAMES, _SUBJECT = 2, 0.08

_CAPITAL = Pattern(
    rf"(?<![[\p{{L}}\p{{N}}'’.-]--[{UNSPACED}]])\p{{Lu}}[[\p{{L}}\p{{M}}\p{{N}}’'-]--[{UNSPACED}]]*",
    regex.VERSION1,
)
# A number that is no statement: `according to passage 22`.
_NAMED_PASSAGE = Pattern(r"\bpassages?\s\d+", regex.I)
_LATIN = Pattern(r"^\P{L}*\p{Latin}")
_AFTER_STOP = Pattern(r"(?:^|[.!?:…。“\"«„(–—]\s*)$")
# Every noun has a capital there.
_CAPITALIZED_NOUNS = frozenset({"de", "lb"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it is compared. `foreign` is one in another language than the talk's."""

    text: str
    terms: frozenset[str]
    numbers: frozenset[float]
    names: tuple[str, ...]
    polarity: Mapping[str, set[bool]]
    foreign: bool


class Evidence:
    """The passages of a talk, read for judging. Takes about 0.2 s an hour of talk: make it once,
    off the event loop. Not thread-safe."""

    def __init__(self, reading: Transcript) -> None:
        self.reading = reading
        self.language = base_language(reading.language)
        self.lexical = Lexical(reading)
        self.spoken = SpokenWords(reading)
        self._terms = [
            frozenset(self.lexical.passage_terms(place)) for place in range(len(reading.passages))
        ]
        self._numbers = [_values(passage.text, self.language) for passage in reading.passages]
        self._negations = negations(self.language)
        self._polarities: dict[float, Mapping[str, set[bool]]] = {}

    @cached_property
    def _about(self) -> frozenset[str]:
        """Names that need not be spoken: title, channel, chapters, speakers."""
        info = self.reading.video.info
        speakers = {s.speaker for s in self.reading.sentences if s.speaker}
        chapters = (chapter.title for chapter in self.reading.video.chapters)
        texts = (info.title, info.channel or "", info.description, *speakers, *chapters)
        return frozenset(token for text in texts for token in tokens(text))

    @cached_property
    def _latin(self) -> bool:
        """Whether names are written here as in other languages of the Latin script."""
        return _LATIN.search(self.reading.passages[0].text) is not None

    @cached_property
    def _words(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(tokens(passage.text)) for passage in self.reading.passages)

    def statement(self, text: str, language: str) -> Statement:
        """`language` is the one that the claim is in, empty if nobody knows."""
        foreign = bool(language) and language != self.language
        spoken_in = language or self.language
        analyzer = Analyzer(language) if foreign else self.lexical.analyzer
        return Statement(
            text,
            frozenset(term for term in analyzer.terms(text) if not term.isdigit()),
            _values(_NAMED_PASSAGE.sub("", text), spoken_in),
            self._names(text, spoken_in, foreign=foreign),
            {} if foreign else polarity(text, analyzer, self._negations),
            foreign,
        )

    def _names(self, text: str, language: str, *, foreign: bool) -> tuple[str, ...]:
        """Those of a claim in another language only where both are written in Latin letters."""
        if language in _CAPITALIZED_NOUNS or (foreign and not self._latin):
            return ()
        found = _names(text)
        return tuple(filter(_LATIN.match, found)) if foreign else found

    def near(self, numbers: Iterable[int]) -> range | list[int]:
        """Places (from 0) of these passages and of those beside them."""
        last = len(self._terms)
        return sorted({p for n in numbers for p in (n - 2, n - 1, n) if 0 <= p < last})

    def share(self, statement: Statement, places: Iterable[int]) -> float:
        """How much of the claim's terms is said there, 0…1, weighted by rarity."""
        said: set[str] = set().union(*(self._terms[place] for place in places))
        total = self._weight(statement.terms, _MOST_WEIGHT)
        return self._weight(statement.terms & said, _MOST_WEIGHT) / total if total else 1.0

    def lacks_number(self, statement: Statement, places: Sequence[int]) -> bool:
        """Whether a number of the claim is not spoken there."""
        spoken: set[float] = set().union(*(self._numbers[place] for place in places))
        # `40 KB` may be spoken as `forty K`.
        return not statement.numbers <= spoken | {number / 1000 for number in spoken}

    def negates(self, statement: Statement, places: Sequence[int]) -> bool:
        """Whether the sentences there that share most with the claim say the opposite: much of
        what both say is negated on one side only."""
        most, opposed = 0.0, False
        for place in places:
            for said in map(self._polarity, self.reading.passages[place].sentences):
                both = statement.polarity.keys() & said
                shared = self._weight(both)
                if not both or shared < most:
                    continue
                turned = [t for t in both if statement.polarity[t].isdisjoint(said[t])]
                # Where both deny something it is most often the same.
                opposes = self._weight(turned) > _TURNED * shared and not (
                    _denies(statement.polarity) and _denies(said)
                )
                # Where several share as much, one that agrees is enough.
                opposed = opposes and (opposed or shared > most)
                most = shared
        return opposed

    def disputes(self, statement: Statement, places: Sequence[int]) -> bool:
        """Whether anything that the claim says is negated on one side only."""
        return any(
            statement.polarity[term].isdisjoint(said[term])
            for place in places
            for said in map(self._polarity, self.reading.passages[place].sentences)
            for term in statement.polarity.keys() & said
        )

    def best_sentence(self, statement: Statement, number: int) -> float:
        """The second at which the sentence of a passage begins that says most of a claim."""
        sentences = self.reading.passages[number - 1].sentences
        analyzer = self.lexical.analyzer

        def shared(text: str) -> int:
            return len(statement.terms.intersection(analyzer.terms(text)))

        return max(sentences, key=lambda sentence: (shared(sentence.text), -sentence.start)).start

    def lacks_name(self, statement: Statement, places: Sequence[int]) -> bool:
        """Whether a name of the claim is missing there and around."""
        last = len(self._words)
        around = range(max(0, places[0] - _NAMES), min(last, places[-1] + _NAMES + 1))
        # A language of its own has names of its own: there one that the talk knows suffices.
        where = range(last) if statement.foreign else around
        known = [self._knows_name(name, where) for name in statement.names]
        return not (any(known) if statement.foreign and known else all(known))

    def _knows_name(self, name: str, around: Iterable[int]) -> bool:
        """Whether a name is spoken around these places, told with the video, or all over it."""
        word = name.casefold().removesuffix("'s").removesuffix("’s")
        term = self.lexical.analyzer.term(word)
        if word in self._about or any(word in self._words[place] for place in around):
            return True
        everywhere = sum(term in terms for terms in self._terms)
        return everywhere > _SUBJECT * len(self._terms) or any(
            term in self._terms[place] for place in around
        )

    def _polarity(self, sentence: Sentence) -> Mapping[str, set[bool]]:
        known = self._polarities.get(sentence.start)
        if known is None:
            known = polarity(sentence.text, self.lexical.analyzer, self._negations)
            self._polarities[sentence.start] = known
        return known

    def _weight(self, terms: Iterable[str], most: float = inf) -> float:
        """Rare terms count more, each up to `most`."""
        return sum(min(most, self.lexical.rarity(term)) for term in terms)


def likeness(vector: Sequence[float], vectors: Vectors) -> list[float]:
    """Of each passage to a vector, in deviations from the mean of the talk."""
    every = [vectors.dot(place, vector) for place in range(len(vectors))]
    mean = sum(every) / len(every)
    deviation = sqrt(sum((one - mean) ** 2 for one in every) / len(every)) or 1.0
    return [(one - mean) / deviation for one in every]


def _denies(states: Mapping[str, set[bool]]) -> bool:
    return any(True in state for state in states.values())


def polarity(text: str, analyzer: Analyzer, negations: frozenset[str]) -> dict[str, set[bool]]:
    """By term, whether it is said under a negation (True), under none, or both."""
    states: dict[str, set[bool]] = {}
    for clause in _CLAUSE.split(_COMPARED.sub("", text)):
        negated = False
        before: list[str] = []
        for word in tokens(clause):
            if word in negations or word.endswith("n't"):
                negated = True
                # What stands before it may be what is negated: `managers are not invited`.
                for earlier in before:
                    states[earlier].add(True)
            elif term := analyzer.term(word):
                states.setdefault(term, set()).add(negated)
                before.append(term)
    return states


def _values(text: str, language: str) -> frozenset[float]:
    """Numbers spoken or written; rounded, so that 1.2 million is 1,200,000."""
    return frozenset(round(number, 6) for number in numbers_in(text, language))


def _names(text: str) -> tuple[str, ...]:
    """Words with a capital where no sentence begins."""
    return tuple(
        match[0]
        for match in _CAPITAL.finditer(text)
        if not _AFTER_STOP.search(text[max(0, match.start() - 4) : match.start()])
    )
