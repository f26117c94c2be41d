"""A talk weighed: what it is about, and which of its sentences can stand alone for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from math import log
from statistics import median

import regex

from youtube_analysis.passages.ranking import Lexical
from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.vectors import Vectors, unit
from youtube_analysis.passages.words import count_words, spaced
from youtube_analysis.patterns import Pattern

from .cues import Cues, cues_for
from .topics import centre_of, divide, nearness

# Words of a sentence that can be shown: a torso or a ramble nobody posts. In dialogue and radio
# traffic, which hardly have a whole sentence, and as advice short ones must do.
SHORTEST, SHORTEST_OF_ALL, LONGEST = 6, 3, 38
_RATHER_SHORT, _RATHER_LONG = 9, 28
# Below these a talk is thin: words of its median sentence, lines, words, share with captions.
_SCRAPS, _FEW_LINES, _FEW_WORDS, _LEAST_COVERED = 4.5, 4, 40, 0.4
# Advice comes early in its sentence (characters) and may point away once in so many words; in a
# talk that advises, so large a share of the lines does.
_EARLY, _WORDS_A_POINTER, _MUCH_ADVICE = 60, 8, 0.03
# Sentences of a talk that are examined; an hour has about a thousand.
_CLOSE_LOOKS = 2000
# From this share of closed sentences on, one without a full stop is a torso, and so with capitals.
_PUNCTUATED = 0.5
_TITLE_WORTH, _MAIN_TERMS = 1.6, 8
# Factors on the centrality of a sentence: for each reason why it cannot stand alone, for each
# weakness, for each strength.
_NEEDY, _WEAK, _STRONG = 0.3, 0.75, 1.15
_CLOSED = Pattern(r"[.!?…。！？؟।॥]+[\"'”’»)」』）]*$")
ASKS = Pattern(r"[?？؟][\"'”’»)」』）]*$")
BROKEN = Pattern(
    r"--|—|(?<!\w)(?:um+|uh+|erm|ähm?|euh|эм+)(?!\w)|あのー|えーと|\.\.\.|…"
    r"|(?<!\w)(\w+) \1(?!\w)|^[\"“„«'](?!.*[\"”“»'])|^[^\"“]*[\"”]$",
    regex.I,
)
PERSONAL = Pattern(
    r"(?<!\w)(?:i|i'm|i've|i'd|i'll|me|my|ich|mir|mich|mein\w*|je|j'\w+|moi|yo|eu|io|я|мне|меня|мой"
    r"|jag)(?!\w)|私|我(?!们)",
    regex.I,
)
_PLAIN_WORD = Pattern(r"\p{Ll}[\p{L}\p{M}'’-]*(?:[\s,;.]|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it may be shown: word for word, at most without its lead-in.

    `place` counts sentences, `topic` stretches of the talk, both from 0; `passage` is the number
    to cite. `score` has no unit and compares lines of one talk. `kinds` are those of the cues
    gist, stress, advice and imperative that apply.
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
    """What the offline model knows of one reading. Costs about 0.1 s of CPU an hour of talk.

    With `vectors` (one a passage) their centrality counts beside that of the words.
    """

    def __init__(self, reading: Reading, vectors: Vectors | None = None) -> None:
        self.reading = reading
        self.ranking = Lexical(reading)
        self.cues = cues_for(reading.language)
        self._vectors = vectors
        info = reading.video.info
        told = " ".join((info.title, info.description[:500], *info.keywords[:20]))
        self._named = frozenset(self.ranking.analyzer.terms(told))
        self._weights: dict[str, float] = {}
        sentences = [sentence.text for sentence in reading.sentences]
        bar = _PUNCTUATED * len(sentences)
        self._punctuated = sum(_CLOSED.search(text) is not None for text in sentences) > bar
        self._capitalized = sum(not text[0].islower() for text in sentences) > bar
        # Whether its script puts spaces between words.
        self.spaced = spaced(" ".join(sentences[:200]))
        # Who names another speaker is running the show, not telling its subject.
        names = " ".join({sentence.speaker or "" for sentence in reading.sentences}).split()
        self._speakers = {name for name in names if len(name) > 2 and name.istitle()}

    def weight(self, term: str) -> float:
        """What a term says about the subject: said often, yet not everywhere."""
        if term not in self._weights:
            often = self.ranking.frequency(term)
            known = often >= (2 if len(self.reading.passages) > 12 else 1)
            named = _TITLE_WORTH if term in self._named else 1.0
            worth = log(1 + often) * min(4.0, self.ranking.rarity(term)) * named
            self._weights[term] = worth if known else 0.0
        return self._weights[term]

    def bag(self, terms: Iterable[str]) -> dict[str, float]:
        """Terms with their weights; those that tell nothing of the subject are left out."""
        return {term: weight for term in set(terms) if (weight := self.weight(term))}

    @cached_property
    def bags(self) -> list[dict[str, float]]:
        """One a passage; a term that is said twice counts more."""
        counts = [Counter(chain.from_iterable(passage)) for passage in self.ranking.terms]
        return [
            {term: weight * (1 + log(count[term])) for term, weight in self.bag(count).items()}
            for count in counts
        ]

    @cached_property
    def main_terms(self) -> frozenset[str]:
        """The handful of terms that weigh most in the whole."""
        whole = centre_of(self.bags)
        return frozenset(sorted(whole, key=lambda term: (-whole[term], term))[:_MAIN_TERMS])

    @cached_property
    def stretches(self) -> tuple[range, ...]:
        """The topics as places of passages, in order and without a gap."""
        begins = [*divide(self.reading, self.bags), len(self.bags)]
        return tuple(range(begin, stop) for begin, stop in pairwise(begins) if begin < stop)

    @cached_property
    def thin(self) -> str:
        """Why there is little to choose from, empty where there is enough."""
        words = [count_words(sentence.text) for sentence in self.reading.sentences]
        coverage = self.reading.video.coverage
        if sum(words) < _FEW_WORDS:
            return f"only {sum(words)} words are spoken"
        if median(words) < _SCRAPS:
            return "hardly a whole sentence is spoken"
        silent = coverage.read < _LEAST_COVERED * coverage.total
        return "most of the video has no captions" if silent else ""

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every sentence that could be shown, in order. Of a clip of some words, all."""
        whole = tuple(line for line in self._all if line.words >= SHORTEST)
        return whole if len(whole) >= _FEW_LINES else self._all or tuple(self._lines(1))

    @cached_property
    def advice(self) -> tuple[Line, ...]:
        """Lines that tell the listener what to do, short ones among them. A command counts as
        advice only in a talk that gives much of it; in others it is part of a story or a demo."""
        given = tuple(line for line in self._all if line.kinds & {"advice", "imperative"})
        much = len(given) >= _MUCH_ADVICE * len(self._all)
        return tuple(line for line in given if much or "advice" in line.kinds)

    @cached_property
    def _all(self) -> tuple[Line, ...]:
        return tuple(self._lines(SHORTEST_OF_ALL))

    def _lines(self, shortest: int) -> Iterator[Line]:
        """Of a very long talk only the most central sentences are looked at closely."""
        spoken = list(self._spoken())
        many = len(spoken) > _CLOSE_LOOKS
        bar = sorted((worth for *_, worth in spoken), reverse=True)[_CLOSE_LOOKS] if many else 0.0
        for place, (number, topic, said, terms, worth) in enumerate(spoken):
            text = polish(said, self.cues) if worth >= bar else ""
            words = count_words(text)
            if not shortest <= words <= (LONGEST if shortest > 1 else words):
                continue
            if shortest == 1 or not (self.torn(said) or self.cues["chatter"].search(text)):
                score = (worth + 0.01) * self._standing(said, text, words)
                kinds = self._kinds(text, words)
                yield Line(place, number, topic, text, words, frozenset(terms), score, kinds)

    def _spoken(self) -> Iterator[tuple[int, int, str, Iterable[str], float]]:
        """Passage, topic, text, terms and centrality of each sentence: its likeness to the topic
        that it stands in and to the whole."""
        whole = centre_of(self.bags)
        by_meaning = self._by_meaning()
        for topic, stretch in enumerate(self.stretches):
            centre = centre_of(self.bags[stretch.start : stretch.stop])
            for place in stretch:
                passage = self.reading.passages[place]
                for sentence, terms in zip(
                    passage.sentences, self.ranking.terms[place], strict=True
                ):
                    bag = self.bag(terms)
                    worth = (nearness(bag, centre) + nearness(bag, whole)) * by_meaning[place]
                    yield passage.number, topic, sentence.text, terms, worth

    def _by_meaning(self) -> list[float]:
        """How near the meaning of each passage is to that of the whole: 0.5…1.5, 1 unknown."""
        vectors, places = self._vectors, range(len(self.bags))
        if vectors is None:
            return [1.0 for _ in places]
        rows = [unit(vectors.row(place)) for place in places]
        centre = unit([sum(column) for column in zip(*rows, strict=True)])
        return [0.5 + max(0.0, vectors.dot(place, centre)) for place in places]

    def torn(self, said: str) -> bool:
        """Whether a sentence lacks its beginning or its end, in a talk where others have them."""
        headless = self._capitalized and said[0].islower()
        return self._punctuated and (headless or not _CLOSED.search(said))

    def _kinds(self, text: str, words: int) -> frozenset[str]:
        """Nobody is advised in a dialogue, whose people tell each other what to do."""
        kinds = {kind for kind in ("gist", "stress") if self.cues[kind].search(text)}
        pointing = len(self.cues["vague"].findall(text)) * _WORDS_A_POINTER > words
        if self.thin or pointing or ASKS.search(text) or self.cues["dangling"].match(text):
            return frozenset(kinds)
        told = self.cues["advice"].search(text)
        if told and (told.start() <= _EARLY or not self.spaced):
            kinds.add("advice")
        return frozenset(kinds | ({"imperative"} if self.cues["imperative"].match(text) else set()))

    def _standing(self, said: str, text: str, words: int) -> float:
        """How well a sentence stands alone, and how much its speaker makes of it."""
        needy = (
            self.cues["dangling"].match(text),
            self.cues["staging"].search(text),
            not self._speakers.isdisjoint(text.split()),
            ASKS.search(text),
            self.torn(said) or BROKEN.search(text),
        )
        weak = (PERSONAL.search(text), words < _RATHER_SHORT)
        strong = (self.cues["stress"].search(text), any(map(str.isdigit, text)))
        vague = len(self.cues["vague"].findall(text)) + (words > _RATHER_LONG)
        factor = _NEEDY ** sum(map(bool, needy)) * _WEAK ** (sum(map(bool, weak)) + vague)
        return float(factor * _STRONG ** sum(map(bool, strong)))


def polish(text: str, cues: Cues) -> str:
    """Leaves off the lead-in (`So, …`), starts with a capital; else word for word."""
    lead = cues["lead"].match(text)
    bare = (text[lead.end() :] if lead else text).lstrip("-–—…,.、，;: ")
    if count_words(bare) < SHORTEST_OF_ALL:
        bare = text
    return bare[:1].upper() + bare[1:] if _PLAIN_WORD.match(bare) else bare
