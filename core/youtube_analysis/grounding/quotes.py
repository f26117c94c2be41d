"""Quotation marks stand only around words that somebody says in the video, or that name it."""

from __future__ import annotations

import regex

from .signs import REFUSED
from .spoken import SpokenWords
from .stage import HELD, Rule, Stage
from .words import UNSPACED, count_words

OMITTED = "[…]"
# A short quote is as often a term as somebody's words: unproved, it only loses its marks.
LONGEST_TERM = 3

_CLOSERS = {
    '"': '"', "“": "”", "„": "“”", "＂": "＂", "❝": "❞", "〝": "〞〟",
    "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』",
    "‘": "’", "‚": "‘’", "'": "'",
}  # fmt: skip
_SINGLE = frozenset("‘‚'")
_STRAY = frozenset("”❞〞〟›」』")
_ESCAPED = regex.compile(r"\\(?P<mark>[!-/:-@\[-`{-~])")
_INCHES = regex.compile(r"\p{Nd}\"(?![\p{L}\p{N}])")
_CITED = regex.compile(r"\[[^\[\]\n]{0,40}\d[^\[\]\n]{0,20}\]")
_WORD = regex.compile(rf"(?:[{UNSPACED}]|[^\s{UNSPACED}]{{1,60}})\s*", regex.VERSION1)


def _closed(opener: str, closers: str) -> regex.Pattern[str]:
    end = "".join(map(regex.escape, closers))
    if opener not in _SINGLE:
        return regex.compile(rf"{opener}(?P<words>[^{end}\n]{{1,{HELD}}})[{end}]")
    # Within single quotes an apostrophe is none.
    inside = rf"(?:[^{end}\n]|[{end}](?=\p{{L}})){{1,{HELD}}}?"
    return regex.compile(
        rf"(?<![\p{{L}}\p{{N}}]){opener}(?=[\p{{L}}\p{{N}}])(?P<words>{inside})"
        rf"[{end}](?![\p{{L}}\p{{N}}])"
    )


_CLOSED = {opener: _closed(opener, closers) for opener, closers in _CLOSERS.items()}
_END = {
    opener: regex.compile(rf"[{''.join(map(regex.escape, closers))}]|(?=\n)")
    for opener, closers in _CLOSERS.items()
}


class Quotes(Stage):
    """An invented quote of some length is left out, a short one loses its marks.

    A quote too long to be awaited is shown word by word, as far as it is proved.
    """

    start = regex.compile("[\\\\" + "".join(map(regex.escape, (*_CLOSERS, *_STRAY))) + "]")

    def __init__(self, spoken: SpokenWords) -> None:
        super().__init__()
        self._spoken = spoken
        self._opener = ""  # of the long quote that is being shown
        self._proved = -1  # its last token so far
        self.rules = (Rule(_ESCAPED, self._unescape),)

    def step(self, *, final: bool) -> bool:
        return self._go_on(final=final) if self._opener else super().step(final=final)

    def feed(self, text: str, *, final: bool = False) -> str:
        out = super().feed(text, final=final)
        return out + self._end_quote() if final and self._opener else out

    def decide(self, *, final: bool) -> bool:
        opener, text = self.held[0], self.last + self.held
        if opener not in _CLOSERS:
            return self._stray() if opener in _STRAY else super().decide(final=final)
        if len(self.held) == 1 and not final:
            return False
        if _INCHES.match(text):
            self.take(1)
            self.put("″")
            return True
        match = _CLOSED[opener].match(text, 1, partial=not final)
        if match is None:
            self._unclosed(opener)
        elif match.partial or (match.end() == len(text) and not final):
            return False
        else:
            self._judge(match["words"], self.take(match.end() - 1))
        return True

    def _unescape(self, match: regex.Match[str]) -> None:
        """An escaped mark is a character; a quote stays one, however it is written."""
        if match["mark"] in _CLOSERS:
            self.held = match["mark"] + self.held
        else:
            self.put(match[0])

    def _stray(self) -> bool:
        self.take(1)
        return True

    def _judge(self, words: str, quoted: str) -> None:
        if not words.strip() or self._proves(words):
            self.put(quoted)
        elif count_words(words) <= LONGEST_TERM:
            self.held = words + self.held  # quotes within may be as invented
        else:
            self.put(REFUSED + OMITTED)

    def _proves(self, words: str) -> bool:
        plain = _CITED.sub(" ", words)
        return self._spoken.locate(plain) is not None or self._spoken.names(plain)

    def _unclosed(self, opener: str) -> None:
        if opener in _SINGLE:
            self.put(self.take(1))  # an apostrophe
            return
        self.take(1)  # whatever follows, it is no quote unless it is a long one
        if len(self.held) >= HELD and "\n" not in self.held[:HELD]:
            self._begin_long(opener)

    def _begin_long(self, opener: str) -> None:
        head = self.held[:HELD]
        head = head[: head.rfind(" ") + 1] or head
        place = self._spoken.locate(_CITED.sub(" ", head))
        if place is None:
            self.put(REFUSED + OMITTED)
            self.skip_to(_END[opener])
            return
        self._opener, self._proved = opener, place.last
        self.put(opener + self.take(len(head)))

    def _go_on(self, *, final: bool) -> bool:
        """Shows the next word of a long quote if it follows in the video as well."""
        end = _END[self._opener].match(self.held)
        if end:
            self.take(end.end())
            self.put(self._end_quote())
            return True
        word = _WORD.match(self.held)
        stop = _END[self._opener].search(self.held, 1)
        length = min(word.end() if word else 1, stop.start() if stop else len(self.held))
        if length == len(self.held) and not final:
            return False
        proved = self._spoken.goes_on(self._proved, _CITED.sub(" ", self.held[:length]))
        if proved is None:
            self.skip_to(_END[self._opener])
            self.put(f"{self._end_quote()} {REFUSED}{OMITTED}")
        else:
            self._proved = proved
            self.put(self.take(length))
        return True

    def _end_quote(self) -> str:
        closer, self._opener = _CLOSERS[self._opener][0], ""
        return closer
