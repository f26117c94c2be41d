"""Quotation marks stand only around words that somebody says in the video, or that name it."""

from __future__ import annotations

import regex

from youtube_analysis.passages.words import UNSPACED, count_words
from youtube_analysis.patterns import Pattern

from . import quotation
from .citations import NUMBERED
from .quotation_marks import CLOSERS, GREAT, SMALL, TITLES
from .signs import REFUSED, TICK
from .spoken import SpokenWords
from .stage import Rule, Stage

OMITTED = "[…]"
# A short quote is as often a term as somebody's words: unproved, it only loses its marks.
LONGEST_TERM = 3

_CITED = Pattern(rf"(?<!\\){NUMBERED}", regex.IGNORECASE)
_WORDLESS = Pattern(r"[^\p{L}\p{N}\p{S}]*")
_WORD = Pattern(rf"(?:[{UNSPACED}]|[^\s{UNSPACED}]{{1,60}})\s{{0,60}}", regex.VERSION1)


class Quotes(Stage):
    """An invented quote of some length is left out, a short one loses its marks.

    A quote too long to be awaited is shown word by word, as far as it is proved. The marks that
    are left never make another quote: of those that stand within a proved one, only pairs stay.
    """

    start = quotation.START

    def __init__(self, spoken: SpokenWords, *, nested: bool = False) -> None:
        super().__init__()
        self._spoken = spoken
        self._nested = nested
        self._opener = ""  # of the long quote that is being shown
        self._proved = -1  # its last token so far
        doubled = f'{SMALL}",<‹'
        self.rules = (
            Rule(quotation.ESCAPED, self._unescape, begins="\\"),
            Rule(quotation.FENCE, self._keep, begins="`"),
            Rule(quotation.CODE, self._enter_code, begins="`"),
            Rule(quotation.DOUBLED, self._read_doubled, begins=doubled),
            Rule(quotation.NO_QUOTE, self._keep, margin=2, begins=GREAT),
            Rule(quotation.INCHES, self._measure, begins="\"″'’"),
            Rule(quotation.DOUBLED_OPEN, self._leave_out, begins=doubled),
            Rule(quotation.TWICE, self._keep, margin=6, begins=SMALL),
            Rule(quotation.EMPTY, self._keep, margin=6, begins=GREAT),
            Rule(quotation.EMPTY_BESIDE_WORDS, self._leave_out, begins=GREAT),
            Rule(quotation.QUOTE, self._judge, begins=GREAT),
            Rule(quotation.LONG_QUOTE, self._begin_long, begins=GREAT),
            Rule(quotation.GREAT_MARK, self._leave_out, begins=GREAT),
            Rule(quotation.CUT_QUOTE, self._judge_cut, begins=SMALL),
            Rule(quotation.CUT_WORD, self._keep, begins=SMALL),
            Rule(quotation.SMALL_QUOTE, self._judge, begins=SMALL),
            Rule(quotation.SMALL_OPEN, self._leave_out, begins=SMALL),
        )

    def step(self, *, final: bool) -> bool:
        return self._go_on(final=final) if self._opener else super().step(final=final)

    def feed(self, text: str, *, final: bool = False) -> str:
        out = super().feed(text, final=final)
        return out + self._end_quote() if final and self._opener else out

    def _keep(self, match: regex.Match[str]) -> None:
        self.put(match[0])

    def _leave_out(self, match: regex.Match[str]) -> None:
        """A mark that opens or closes nothing."""

    def _read_doubled(self, match: regex.Match[str]) -> None:
        self.again(match, f'"{match["words"]}"')

    def _measure(self, _: regex.Match[str]) -> None:
        self.put("″")

    def _unescape(self, match: regex.Match[str]) -> None:
        """An escaped mark is a character; a quote stays one, however it is written."""
        if match["mark"] in "\"'`":
            self.again(match, match["mark"])
        else:
            self.put(match[0])

    def _enter_code(self, match: regex.Match[str]) -> None:
        """Quotes in code are quotes; the tick that ends it begins nothing."""
        self.put(match["tick"])
        self.again(match, match["code"] + TICK * len(match["tick"]))

    def _judge(self, match: regex.Match[str]) -> None:
        words = match["words"]
        opener = match[0][: match.start("words") - match.start()]
        if _WORDLESS.fullmatch(words) or self._proves(words):
            self.put(opener + self._paired(words) + match[0][len(opener) + len(words) :])
        elif count_words(words) <= LONGEST_TERM or opener in TITLES:
            self.again(match, words)  # quotes within may be as invented
        else:
            self.put(OMITTED + REFUSED)

    def _judge_cut(self, match: regex.Match[str]) -> None:
        words = match["words"]
        if self._proves(words) or count_words(words) <= LONGEST_TERM:
            self.put(match[0][0])
            self.at = match.start("words")
        else:
            self.put(OMITTED + REFUSED)

    def _proves(self, words: str) -> bool:
        plain = _CITED.sub(" ", words)
        return self._spoken.locate(plain, exact=True) is not None or self._spoken.names(plain)

    def _paired(self, words: str) -> str:
        if self._nested or not quotation.MARK.search(words):
            return str(quotation.MARK.sub("", words))
        return Quotes(self._spoken, nested=True).feed(words, final=True)

    def _begin_long(self, match: regex.Match[str]) -> None:
        opener, head = match[0], self.text[self.at : self.at + quotation.NEAR]
        head = head[: head.rfind(" ") + 1] or head
        place = self._spoken.locate(_CITED.sub(" ", head), exact=True)
        if place is None:
            self.put(OMITTED + REFUSED)
            self.skip_to(quotation.END[opener])
            return
        self._opener, self._proved = opener, place.last
        self.put(opener + quotation.MARK.sub("", self.take(len(head))))

    def _go_on(self, *, final: bool) -> bool:
        """Shows the next word of a long quote if it follows in the video as well."""
        end = quotation.END[self._opener].match(self.text, self.at)
        if end:
            self.at = end.end()
            self.put(self._end_quote())
            return True
        word = _WORD.match(self.text, self.at)
        ready = word.end() if word else self.at + 1
        stop = quotation.END[self._opener].search(self.text, self.at + 1, ready)
        ready = stop.start() if stop else ready
        if ready == len(self.text) and not final:
            return False
        words = self.text[self.at : ready]
        proved = self._spoken.goes_on(self._proved, _CITED.sub(" ", words))
        if proved is None:
            self.skip_to(quotation.END[self._opener])
            self.put(f"{self._end_quote()} {OMITTED}{REFUSED}")
        else:
            self._proved = proved
            self.put(quotation.MARK.sub("", self.take(len(words))))
        return True

    def _end_quote(self) -> str:
        closer, self._opener = CLOSERS[self._opener][0], ""
        return closer
