"""A talk weighed: which words it is about, and which of its sentences can stand alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import log

import regex

from youtube_analysis.passages.ranking import Ranking
from youtube_analysis.passages.reading import Passage, Reading
from youtube_analysis.passages.sentences import Sentence
from youtube_analysis.passages.words import base_language, count_words
from youtube_analysis.patterns import Pattern

from .cues import Cues, cues_for

# Outside these lengths (words) a sentence is a torso or a ramble; nobody posts either.
SHORTEST, LONGEST = 7, 38
# Sentences of a talk that are examined; an hour has about a thousand.
_CLOSE_LOOKS = 2000
_FEW, _SHORTEST_OF_ALL = 8, 3
_MAIN_TERMS = 6
_FILLER = Pattern(
    r"(?<!\w)(?:,\s*)?(?:um+|uh+|erm?|ähm?|euh|эм+|あのー|えーと?|えっと)\b,?\s*", regex.I
)
_CLOSED = Pattern(r"[.!?…。！？؟।॥]+[\"'”’»)」』）]*$")
_TITLE_WORTH = 1.6
# Sentences that need others to be understood are taken only where nothing else is to be had.
_DANGLING, _STAGING, _QUESTION, _FIRST_PERSON = 0.45, 0.35, 0.3, 0.75
_POINTING, _LOOSE_END, _BROKEN_OFF, _TORN, _LONG = 0.85, 0.5, 0.6, 0.1, 0.85
_ADVICE, _WEIGHT, _FIGURE = 1.15, 1.25, 1.15
_LONG_WORDS = 28
# From this share of closed sentences on, one without a full stop is a torso.
_PUNCTUATED = 0.5
_I = Pattern(
    r"\b(?:i|i'm|i've|i'd|i'll|me|my|ich|mir|mein|je|yo|eu|io|я|мне|мой|jag)\b|私|我", regex.I
)
_TELLS_OF_HIMSELF = Pattern(r"i\b(?! (?:\w+ )?(?:recommend|suggest|advise|encourage))", regex.I)
_LEADING_SIGNS = "-–—…,.、，;: "
_QUESTION_MARKS = ("?", "？", "؟")
_THAT_THING = Pattern(
    r"\b(?:this|that|these|those)\s(?!is\b|was\b|we\b|i\b|you\b|they\b|it\b|the\b|can\b)\w+",
    regex.I,
)
_PLAIN_WORD = Pattern(r"\p{Ll}[\p{L}\p{M}'’-]*(?:[\s,;]|$)")
_NAME_PART = Pattern(r"\p{Lu}\p{L}+")
_DIGITS = Pattern(r"\d")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it may be shown: whole, polished at its ends, words otherwise untouched.

    `passage` is the number to cite; `score` has no unit and compares lines of one talk.
    """

    place: int
    passage: int
    text: str
    start: float
    terms: frozenset[str]
    score: float
    advice: bool = False
    warning: bool = False
    gist: bool = False
    defines: bool = False


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A sentence before it is examined; `worth` comes from its terms alone."""

    place: int
    passage: int
    sentence: Sentence
    terms: frozenset[str]
    worth: float


class Talk:
    """What the offline model knows of one reading. Costs about 0.1 s of CPU an hour of talk."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.ranking = Ranking(reading)
        self.cues = cues_for(reading.language)
        # Terms of trade are English in every language, and so are many questions.
        self.both_cues = tuple(
            cues_for(code) for code in dict.fromkeys((base_language(reading.language), "en"))
        )
        info = reading.video.info
        told = " ".join((info.title, info.description[:500], *info.keywords[:20]))
        # A speaker who names another speaker is running the show, not telling its subject.
        speakers = {s.speaker for s in reading.sentences if s.speaker and s.speaker.istitle()}
        self._speakers = {name for speaker in speakers for name in speaker.split() if len(name) > 2}
        self._weights: dict[str, float] = {}
        self._named = frozenset(self.ranking.analyzer.terms(told))

    @cached_property
    def _punctuated(self) -> bool:
        sentences = [sentence.text for sentence in self.reading.sentences]
        closed = sum(_CLOSED.search(text) is not None for text in sentences)
        return closed > _PUNCTUATED * len(sentences)

    @cached_property
    def _capitalized(self) -> bool:
        sentences = [sentence.text for sentence in self.reading.sentences]
        return sum(text[0].islower() for text in sentences) < _PUNCTUATED * len(sentences)

    def _torn(self, said: str) -> bool:
        """Whether a sentence lacks its beginning or its end, in a talk where others have them."""
        headless = self._capitalized and said[0].islower()
        return self._punctuated and (headless or not _CLOSED.search(said))

    def weight(self, term: str) -> float:
        """What a term says about the subject: said often, yet not everywhere."""
        if term not in self._weights:
            self._weights[term] = self._weigh(term)
        return self._weights[term]

    def weighed_terms(self, passage: Passage) -> Counter[str]:
        counts = Counter(self.ranking.passage_terms(passage.number - 1))
        return Counter({t: self.weight(t) * n for t, n in counts.items() if self.weight(t)})

    def _weigh(self, term: str) -> float:
        often = self.ranking.frequency(term)
        if often < (2 if len(self.reading.passages) > 12 else 1):
            return 0.0
        named = _TITLE_WORTH if term in self._named else 1.0
        return log(1 + often) * min(4.0, self.ranking.rarity(term)) * named

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every sentence that could be shown, in order; those worth nothing are left out."""
        lines = self._lines(SHORTEST)
        # Dialogue and radio traffic hardly have a whole sentence: then short ones must do; and of
        # a clip of some words, those.
        if len(lines) >= _FEW:
            return lines
        return self._lines(_SHORTEST_OF_ALL) or self._lines(1, least_worth=-1.0)

    def _lines(self, shortest: int, least_worth: float = 0.0) -> tuple[Line, ...]:
        """Of a very long talk only the weightiest sentences are looked at closely."""
        spoken = [
            (passage.number, sentence, terms)
            for passage, of_passage in zip(self.reading.passages, self.ranking.terms, strict=True)
            for sentence, terms in zip(passage.sentences, of_passage, strict=True)
        ]
        worths = [self._worth(terms) for *_, terms in spoken]
        many = len(worths) > _CLOSE_LOOKS
        bar = sorted(worths, reverse=True)[_CLOSE_LOOKS] if many else least_worth
        lines = (
            self._line(_Spoken(place, number, sentence, frozenset(terms), worth), shortest)
            for place, ((number, sentence, terms), worth) in enumerate(
                zip(spoken, worths, strict=True)
            )
            if worth > bar and self._says_enough(frozenset(terms), min(4, shortest - 1))
        )
        return tuple(line for line in lines if line)

    def _says_enough(self, terms: frozenset[str], least: int) -> bool:
        """A sentence about the very subject may be shorter by a term."""
        return len(terms) >= least - (not self.main_terms.isdisjoint(terms))

    def _worth(self, terms: Iterable[str]) -> float:
        """The heaviest dozen terms decide, so that length alone earns nothing."""
        weights = sorted((self.weight(term) for term in set(terms)), reverse=True)[:12]
        return sum(weights) / (6 + len(weights))

    @cached_property
    def main_terms(self) -> frozenset[str]:
        """The handful of terms that weigh most by how often they are said."""
        return frozenset(self.ranking.most_frequent(_MAIN_TERMS))

    def _line(self, spoken: _Spoken, shortest: int) -> Line | None:
        text = polish(spoken.sentence.text, self.cues)
        length = count_words(text)
        if not shortest <= length <= LONGEST:
            return None
        if shortest > 1 and self.cues.chatter.search(text):
            return None
        if shortest == SHORTEST and self._torn(spoken.sentence.text):
            return None
        # Somebody who shows or tells of himself advises nobody.
        asks = text.endswith(_QUESTION_MARKS)
        told = not (asks or self.cues.staging.search(text) or _TELLS_OF_HIMSELF.match(text))
        return Line(
            spoken.place,
            spoken.passage,
            text,
            spoken.sentence.start,
            spoken.terms,
            spoken.worth * self._standing(text, spoken.sentence.text),
            advice=told and self.cues.advice.search(text) is not None,
            warning=told and self.cues.warning.search(text) is not None,
            gist=self.cues.gist.search(text) is not None,
            defines=self.cues.defines.search(text) is not None,
        )

    def _standing(self, text: str, said: str) -> float:
        """How well a sentence stands alone, and how much its speaker makes of it."""
        factor = 1.0
        for applies, change in (
            (self.cues.dangling.match(text), _DANGLING),
            (self._speakers and self._speakers & set(_NAME_PART.findall(text)), _STAGING),
            (self.cues.staging.search(text), _STAGING),
            (text.rstrip("\"'”»」』").endswith(_QUESTION_MARKS), _QUESTION),
            (self._torn(said), _TORN),
            (_I.search(text), _FIRST_PERSON),
            (_THAT_THING.search(text), _POINTING),
            (self.cues.loose_end.search(text), _LOOSE_END),
            ("--" in text or "—" in text, _BROKEN_OFF),
            (count_words(text) > _LONG_WORDS, _LONG),
            (self.cues.advice.search(text), _ADVICE),
            (self.cues.weight.search(text), _WEIGHT),
            (_DIGITS.search(text), _FIGURE),
        ):
            if applies:
                factor *= change
        return factor


def polish(text: str, cues: Cues) -> str:
    """Drops hesitations and lead-in words, starts with a capital; else word for word."""
    spoken = " ".join(_FILLER.sub(" ", text).split()).lstrip(_LEADING_SIGNS)
    bare = cues.lead.sub("", spoken).lstrip(_LEADING_SIGNS)
    if count_words(bare) < _SHORTEST_OF_ALL:
        bare = spoken
    return bare[:1].upper() + bare[1:] if _PLAIN_WORD.match(bare) else bare
