"""What a talk says, to hold against it a claim (terms, numbers, names, negation) or a quote (every
word)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt

import regex

from youtube_analysis.passages.ranking import Lexical
from youtube_analysis.passages.sentences import Sentence
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.passages.words import Analyzer, base_language, count_words
from youtube_analysis.patterns import Pattern

from .claims import Statement, names_in, negations, polarity, tokens
from .numbers import numbers_in

# Shares (0…1, weighted by rarity) of a claim's terms in the cited passages and those beside them.
# Tuned on the first half of tests/claims.
SAID, REWORDED = 0.6, 0.35
_MOST_WEIGHT = 2.0
# A claim in another language is unfound below this likeness in meaning, in deviations.
FOREIGN = 0.5
# A negation speaks against a claim that is turned in more than this of what both say.
_TURNED = 0.35

# Passages around a claim in which its names must be spoken, unless so large a share of all
# passages says them: then they are what the talk is about.
_NAMES, _SUBJECT = 2, 0.08

# A number that is no statement: `according to passage 22`.
_NAMED_PASSAGE = Pattern(r"\bpassages?\s\d+", regex.I)
_LATIN = Pattern(r"^\P{L}*\p{Latin}")
# A piece of a quote that leaves something out is at least so many words: fewer stand anywhere.
_SHORTEST_PIECE = 4
_MOST_PLACES = 64
_ELLIPSIS = Pattern(r"\s*(?:\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,})\s*")
_CITED = Pattern(r"[ \t]*\[\d{1,6}\]")
# Every noun has a capital there.
_CAPITALIZED_NOUNS = frozenset({"de", "lb"})


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
        found = names_in(text)
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


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Tokens from `first` to `last` of the talk, in the passages where these stand."""

    first: int
    last: int
    passage: int
    last_passage: int


class SpokenWords:
    """Every word of a talk in order, to be searched in microseconds. Case and punctuation do not
    matter, all else does. Making it takes about 50 ms an hour of talk."""

    def __init__(self, reading: Transcript) -> None:
        self._negations = negations(reading.language)
        self._tokens: list[str] = []
        # Of each token, the second at which its sentence begins, and its passage.
        self._starts, self._passages = list[float](), list[int]()
        for passage in reading.passages:
            for sentence in passage.sentences:
                found = tokens(sentence.text)
                self._tokens += found
                self._starts += [sentence.start] * len(found)
                self._passages += [passage.number] * len(found)
        self._joined = " ".join(("", *self._tokens, ""))
        info = reading.video.info
        names = (info.title, info.channel or "", *(c.title for c in reading.video.chapters))
        self._names = tuple(f" {' '.join(tokens(name))} " for name in names)

    def find(self, words: str, *, near: int | None = None) -> WordSpan | None:
        """Where somebody says this, of several places the one nearest to a passage."""
        places = self._find(tokens(words))
        return min(places, key=lambda place: abs(place.passage - (near or 0)), default=None)

    def quoted(self, quote: str) -> bool:
        """Whether it is a quote: pieces around an ellipsis have at least four words, follow each
        other in the same or the next passage and leave out no negation."""
        quote = _CITED.sub("", quote)
        # Speakers break off as well: captions then have the ellipsis.
        if self.find(quote) or self.named(quote):
            return True
        pieces = [piece for piece in _ELLIPSIS.split(quote) if tokens(piece)]
        if len(pieces) < 2 or any(count_words(piece) < _SHORTEST_PIECE for piece in pieces):
            return False
        return any(self._follow(place, pieces[1:]) for place in self._find(tokens(pieces[0])))

    def start(self, place: WordSpan) -> float:
        """The second at which the sentence begins in which a place begins."""
        return self._starts[place.first]

    def named(self, words: str) -> bool:
        """Whether the words stand in the title, the channel's name or a chapter's."""
        wanted = f" {' '.join(tokens(words))} "
        return len(wanted) > 2 and any(wanted in name for name in self._names)

    def _follow(self, place: WordSpan, pieces: list[str]) -> bool:
        for piece in pieces:
            later = (found for found in self._find(tokens(piece)) if found.first > place.last)
            following = next(later, None)
            if following is None or following.passage > place.last_passage + 1:
                return False
            if not self._negations.isdisjoint(self._tokens[place.last + 1 : following.first]):
                return False
            place = following
        return True

    def _find(self, wanted: list[str]) -> Iterator[WordSpan]:
        text, at = f" {' '.join(wanted)} ", -1
        for _ in range(_MOST_PLACES if wanted else 0):
            at = self._joined.find(text, at + 1)
            if at < 0:
                return
            first = self._joined.count(" ", 0, at)
            last = first + len(wanted) - 1
            yield WordSpan(first, last, self._passages[first], self._passages[last])


def likeness(vector: Sequence[float], vectors: Vectors) -> list[float]:
    """Of each passage to a vector, in deviations from the mean of the talk."""
    every = [vectors.dot(place, vector) for place in range(len(vectors))]
    mean = sum(every) / len(every)
    deviation = sqrt(sum((one - mean) ** 2 for one in every) / len(every)) or 1.0
    return [(one - mean) / deviation for one in every]


def _denies(states: Mapping[str, set[bool]]) -> bool:
    return any(True in state for state in states.values())


def _values(text: str, language: str) -> frozenset[float]:
    """Numbers spoken or written; rounded, so that 1.2 million is 1,200,000."""
    return frozenset(round(number, 6) for number in numbers_in(text, language))
