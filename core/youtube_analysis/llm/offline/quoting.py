"""Which sentences of a place to quote, word for word, for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from youtube_analysis.checking.literal import literal
from youtube_analysis.checking.numbers import numbers_in
from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.notice import Notice
from youtube_analysis.passages.ranking import Hit
from youtube_analysis.passages.semantic import Semantic
from youtube_analysis.passages.windows import SECONDS
from youtube_analysis.passages.words import base_language, count_words, guess_language
from youtube_analysis.patterns import Pattern

from .talk import Talk

# An answer often follows the sentence that says the question's words.
_FOLLOWS = 0.5
_FIGURE = 0.4
# Seconds that are cited before a quote, to be understood.
_LEAD = 10.0
_ASKS_FIGURE = Pattern(
    r"\b(?:how (?:many|much|long|often|big|old|far|large|fast|tall|high)|what percent\w*"
    r"|wie ?(?:viele?n?|lange?|oft|groß|alt|teuer|weit|hoch|schnell)|combien|cu[aá]nt[oa]s?"
    r"|quant[oiae]s?|hoeveel|hoe (?:lang|vaak|groot|oud)|hur (?:många|mycket|länge|ofta)"
    r"|сколько|как (?:часто|долго)|كم|कितन[ाेी])\b"
    r"|何(?:回|人|個|時|分|年|日|本|件|円|秒|月)|いくつ|いくら|どの?れ?[くぐ]らい|多少|几(?:个|次|年|天)|多(?:长|久|大)",
    regex.I,
)
# A capital inside a sentence or a word.
_NAME = Pattern(r"(?<=[\w,;] )\p{Lu}\w+|\b\p{Ll}+\p{Lu}\w*")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Sentences as they were said, and the whole place that they are cited as."""

    text: str
    citation: Citation

    def __str__(self) -> str:
        return f"“{literal(self.text)}” [{self.citation.number}]"


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """Markdown that cites passages as `[n]`, with one citation each, in their order.

    `answered` is False where nothing is likely to be the answer; `lead` is a sentence of ours
    above the text, which may be empty.
    """

    text: str = ""
    citations: tuple[Citation, ...] = ()
    answered: bool = True
    lead: Notice | None = None


class Question:
    """`foreign` says that it is in another language than the talk, `asks_figure` that a number
    would answer it, `names_unknown` that it names somebody or something that nobody in the talk
    does. `weights` holds its terms and what each tells; `near`, where there is a sense for
    meaning, how near each passage is to it."""

    def __init__(self, talk: Talk, text: str, meaning: Semantic | None = None) -> None:
        self.text = text
        self.near = meaning.near if meaning else []
        self._talk = talk
        language = guess_language([text])
        self.foreign = bool(language) and language != base_language(talk.reading.language)
        self.asks_figure = _ASKS_FIGURE.search(text) is not None
        terms = talk.ranking.query_terms(text)
        self.weights = {term: talk.ranking.rarity(term) for term in terms}
        self.names_unknown = not self.foreign and self._names_unknown()

    def quote(self, hit: Hit, words: int) -> Quoted:
        """The run of whole sentences in a place that says most of what is asked and what comes
        of it, at most so many words; a longer sentence stands alone."""
        places = range(hit.first, hit.last + 1)
        worths = [self._worth(place) for place in places]
        worths = [
            worth + _FOLLOWS * before for worth, before in zip(worths, [0.0, *worths], strict=False)
        ]
        runs = [run_from(self._talk, first, hit.last + 1, words) for first in places]
        best = max(
            runs, key=lambda run: (sum(worths[n - hit.first] for n in run), -len(run), run.start)
        )
        return quoted(self._talk, best, hit)

    def _names_unknown(self) -> bool:
        ranking = self._talk.ranking
        if ranking.analyzer.language == "de":  # where every noun has a capital
            return False
        names = ranking.query_terms(" ".join(_NAME.findall(self.text)))
        return any(not ranking.known(name) for name in names)

    def figure_in(self, text: str) -> bool:
        return bool(numbers_in(text, self._talk.reading.language))

    def _worth(self, place: int) -> float:
        """0…about 2: the share of the question that a sentence says, and how near it is."""
        ranking = self._talk.ranking
        sentence = ranking.sentences[place]
        said = set(ranking.analyzer.terms(sentence.text))
        total = sum(self.weights.values()) or 1.0
        worth = sum(weight for term, weight in self.weights.items() if term in said) / total
        if self.asks_figure and self.figure_in(sentence.text):
            worth += _FIGURE
        if self.near:
            lowest, highest = min(self.near), max(self.near)
            near = self.near[ranking.owners[place]] - lowest
            worth += (near / (highest - lowest or 1.0)) ** 2
        return worth


def quoted(talk: Talk, places: range, hit: Hit | None = None) -> Quoted:
    """Sentences as they were said. Where they were found in a place, 45 s of it are cited, from
    shortly before them on; else they alone."""
    ranking = talk.ranking
    sentences = ranking.sentences[places.start : places.stop]
    text = " ".join(sentence.text for sentence in sentences)
    start, end = sentences[0].start, max(sentence.end for sentence in sentences)
    if hit:
        start = max(hit.start, start - _LEAD)
        end = min(start + SECONDS, talk.reading.video.duration)
    number = ranking.owners[places.start] + 1
    return Quoted(text, talk.reading.cite(number, start=start, end=end, quote=text))


def run_from(talk: Talk, first: int, stop: int, words: int) -> range:
    """Whole sentences from a place on, at most so many words but at least one sentence."""
    sentences = talk.ranking.sentences
    end, spoken = first + 1, count_words(sentences[first].text)
    while end < stop and spoken + count_words(sentences[end].text) <= words:
        spoken += count_words(sentences[end].text)
        end += 1
    return range(first, end)


def quoting(
    quotes: Sequence[Quoted], *, answered: bool = True, lead: Notice | None = None
) -> FoundAnswer:
    text = "\n\n".join(map(str, quotes))
    return FoundAnswer(text, tuple(quote.citation for quote in quotes), answered, lead)
