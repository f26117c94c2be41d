"""A talk weighed: which words it is about, and which of its sentences can stand alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import log

import regex

from youtube_analysis.grounding.passages import Passage, Reading
from youtube_analysis.grounding.ranking import Ranking
from youtube_analysis.grounding.sentences import Sentence
from youtube_analysis.grounding.words import count_words

from .cues import Cues, cues_for

# Outside these lengths (words) a sentence is a torso or a ramble; nobody posts either.
SHORTEST, LONGEST = 7, 38
_FEW, _SHORTEST_OF_ALL = 8, 3
_MAIN_TERMS = 6
_FILLER = regex.compile(
    r"(?<!\w)(?:,\s*)?(?:um+|uh+|erm?|ähm?|euh|эм+|あのー|えーと?|えっと)\b,?\s*", regex.I
)
_CLOSED = regex.compile(r"[.!?…。！？؟।॥]+[\"'”’»)」』）]*$")
_TITLE_WORTH = 1.6
# Sentences that need others to be understood are taken only where nothing else is to be had.
_DANGLING, _STAGING, _QUESTION, _FIRST_PERSON = 0.45, 0.35, 0.3, 0.75
_POINTING, _BROKEN_OFF, _TORN, _LONG = 0.85, 0.6, 0.1, 0.85
_ADVICE, _WEIGHT, _FIGURE = 1.15, 1.25, 1.15
_ARTICLES = frozenset({"en", "de", "fr", "es", "pt", "it", "nl"})
_LONG_WORDS = 28
# From this share of closed sentences on, one without a full stop is a torso.
_PUNCTUATED = 0.5
_I = regex.compile(
    r"\b(?:i|i'm|i've|i'd|i'll|me|my|ich|mir|mein|je|yo|eu|io|я|мне|мой|jag)\b|私|我", regex.I
)
_TELLS_OF_HIMSELF = regex.compile(
    r"i\b(?! (?:\w+ )?(?:recommend|suggest|advise|encourage))", regex.I
)
_THAT_THING = regex.compile(
    r"\b(?:this|that|these|those)\s(?!is\b|was\b|we\b|i\b|you\b|they\b|it\b|the\b|can\b)\w+",
    regex.I,
)
_PLAIN_WORD = regex.compile(r"\p{Ll}[\p{L}\p{M}'’-]*(?:[\s,;:]|$)")
_DIGITS = regex.compile(r"\d")


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


class Talk:
    """What the offline model knows of one reading. Costs about 0.1 s of CPU an hour of talk."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.ranking = Ranking(reading)
        self.cues = cues_for(reading.language)
        info = reading.video.info
        told = " ".join((info.title, info.description[:500], *info.keywords[:20]))
        # A speaker who names another speaker is running the show, not telling its subject.
        speakers = {s.speaker for s in reading.sentences if s.speaker and s.speaker.istitle()}
        self._speakers = {name for speaker in speakers for name in speaker.split() if len(name) > 2}
        self._weights: dict[str, float] = {}
        self._named = frozenset(self.ranking.analyzer.terms(told))

    @cached_property
    def _punctuated(self) -> bool:
        sentences = self.reading.sentences
        closed = sum(_CLOSED.search(sentence.text) is not None for sentence in sentences)
        return closed > _PUNCTUATED * len(sentences)

    @property
    def has_determiners(self) -> bool:
        """Whether nouns of this language usually follow an article."""
        return self.ranking.analyzer.language in _ARTICLES

    def weight(self, term: str) -> float:
        """What a term says about the subject: said often, yet not everywhere."""
        if term not in self._weights:
            self._weights[term] = self._weigh(term)
        return self._weights[term]

    def weighed_terms(self, passage: Passage) -> Counter[str]:
        counts = Counter(self.ranking.analyzer.terms(passage.text))
        return Counter({term: self.weight(term) * n for term, n in counts.items()})

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
        # Dialogue and radio traffic hardly have a whole sentence: then short ones must do.
        return lines if len(lines) >= _FEW else self._lines(_SHORTEST_OF_ALL)

    def _lines(self, shortest: int) -> tuple[Line, ...]:
        lines: list[Line] = []
        place = 0
        for passage in self.reading.passages:
            for sentence in passage.sentences:
                if line := self._line(place, passage.number, sentence, shortest):
                    lines.append(line)
                place += 1
        return tuple(lines)

    @cached_property
    def main_terms(self) -> frozenset[str]:
        """The handful of terms that weigh most by how often they are said."""
        return frozenset(self.ranking.most_frequent(_MAIN_TERMS))

    def _line(self, place: int, number: int, sentence: Sentence, shortest: int) -> Line | None:
        text = polish(sentence.text, self.cues)
        length = count_words(text)
        if not shortest <= length <= LONGEST or self.cues.chatter.search(text):
            return None
        terms = frozenset(self.ranking.analyzer.terms(text))
        weights = sorted((self.weight(term) for term in terms), reverse=True)
        # The heaviest dozen decide, so that length alone earns nothing.
        worth = sum(weights[:12]) / (6 + min(len(weights), 12))
        score = worth * self._standing(text, sentence.text)
        if score <= 0 or len(terms) < min(3, shortest - 1):
            return None
        # Somebody who shows or tells of himself advises nobody.
        told = not self.cues.staging.search(text) and not _TELLS_OF_HIMSELF.match(text)
        return Line(
            place,
            number,
            text,
            sentence.start,
            terms,
            score,
            advice=told and self.cues.advice.search(text) is not None,
            warning=told and self.cues.warning.search(text) is not None,
            gist=self.cues.gist.search(text) is not None,
        )

    def _standing(self, text: str, said: str) -> float:
        """How well a sentence stands alone, and how much its speaker makes of it."""
        factor = 1.0
        for applies, change in (
            (self.cues.dangling.match(text), _DANGLING),
            (self._speakers and self._speakers & set(text.split()), _STAGING),
            (self.cues.staging.search(text), _STAGING),
            (text.rstrip("\"'”»」』").endswith(("?", "？", "؟")), _QUESTION),
            (self._punctuated and (said[0].islower() or not _CLOSED.search(said)), _TORN),
            (_I.search(text), _FIRST_PERSON),
            (_THAT_THING.search(text), _POINTING),
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
    spoken = " ".join(_FILLER.sub(" ", text).split()).lstrip("-–—…,.、，;: ")
    bare = cues.lead.sub("", spoken)
    if count_words(bare) < SHORTEST:
        bare = spoken
    return bare[:1].upper() + bare[1:] if _PLAIN_WORD.match(bare) else bare
