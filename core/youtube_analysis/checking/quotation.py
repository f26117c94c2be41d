"""What is a quote and what is none, in all scripts.

Great marks never are anything but quotation marks. Small ones are apostrophes, primes, accents
and the marks of code as well, so it depends on their neighbours.
"""

from __future__ import annotations

import regex

from youtube_analysis.patterns import Pattern

from .quotation_marks import CLOSERS, GREAT, LETTER, SMALL
from .stage import HELD

_APOSTROPHES = "'’‘ʼ＇"
# What begins with an apostrophe: the '90s, 'til.
_SHORTENED = "|".join(
    (
        r"\d\ds?(?![\p{L}\p{N}])",
        *"n til till tis twas twere twill em cause cuz coz bout round neath fore gainst".split(),
        *"s t k m r d ns zij een ne nem nen ner nes rein raus rum runter rauf mal".split(),
        *"ll ve re nother kay sto sta na ndrangheta tit".split(),
    )
)


def _pattern(pattern: str) -> Pattern:
    return Pattern(pattern, regex.VERSION1)


# What a rule sees of the line behind an opening mark.
NEAR = HELD - 10
_FAR = rf"(?=[^\n]{{{NEAR}}})"
_OUTSIDE = r"(?<![\p{L}\p{N}])"

ESCAPED = _pattern(r"\\(?P<mark>[!-/:-@\[-`{-~])")
FENCE = _pattern(r"`{3,40}")
CODE = _pattern(r"(?P<tick>`{1,2})(?!`)(?P<code>[^`\n]+)(?P=tick)(?!`)")
# In Hebrew the mark before the last letter makes an abbreviation.
_ACRONYM = r"(?<=\p{Hebrew})[\"״”″](?=\p{Hebrew}(?!\p{Hebrew}))"
NO_QUOTE = _pattern(rf"{_ACRONYM}|(?<=[ \n])[›❯](?= )")
INCHES = _pattern(r"(?<=\p{N})(?:[\"″]|''|’’)(?:(?![\p{L}\p{N}])|(?=[x×]\p{N}))")

# Two small marks are a great one where words stand close to them; elsewhere they are code.
_CLOSE = rf"(?=[*_~(\[\\¿¡…—\u200c\u200d\p{{M}}{GREAT}{SMALL}]{{0,4}}[\p{{L}}\p{{N}}])"
_TWO = rf"[{SMALL}--`]{{2}}"
_WORDS = (
    rf"{_CLOSE}(?P<words>(?:[^{SMALL}\"\n]++"
    rf"|(?<![\p{{L}}\p{{N}}\p{{M}}.,;:!?…)\]*_~\\\u200d])[{SMALL}\"]"
    rf"|[{SMALL}\"](?![{SMALL}\"]))++)"
)
DOUBLED = _pattern(
    rf"(?<!\p{{L}})(?:(?:{_TWO}|\"\"|,,){_WORDS}(?:{_TWO}|\"\"|``)|``{_WORDS}(?:{_TWO}|\"\")"
    rf"|[<‹]{{2}}{_CLOSE}(?P<words>[^<>‹›\n]+)[>›]{{2}})"
)
DOUBLED_OPEN = _pattern(rf"(?<!\p{{L}})(?:{_TWO}{_CLOSE}|(?:\"\"|,,|``|[<‹]{{2}}){_CLOSE}{_FAR})")
TWICE = _pattern(rf"{_TWO}(?!{_CLOSE})|(?<={LETTER}[{SMALL}])[{SMALL}](?:(?=\()|(?!{_CLOSE}))")

_EMPTY = "|".join(f"{opener}[{closers}]" for opener, closers in CLOSERS.items())
EMPTY = _pattern(rf"(?<![\p{{L}}\p{{N}}][*_~…]{{0,4}})(?:{_EMPTY})(?!{_CLOSE})")
EMPTY_BESIDE_WORDS = _pattern(_EMPTY)
# Some close more often than they open.
_OPENS = {mark: rf"{_OUTSIDE}{mark}(?=\S)" if mark in "”»›" else mark for mark in CLOSERS}
QUOTE = _pattern(
    "|".join(
        rf"{_OPENS[opener]}(?P<words>(?:[^{closers}\n]++|{_ACRONYM})++)[{closers}]"
        for opener, closers in CLOSERS.items()
    )
)
LONG_QUOTE = _pattern(rf"(?:{'|'.join(_OPENS.values())}){_FAR}")
GREAT_MARK = _pattern(f"[{GREAT}]")
END = {opener: Pattern(rf"[{closers}]|(?=\n)") for opener, closers in CLOSERS.items()}

_OPENING = rf"(?<!{LETTER})[{SMALL}]"
_CLOSING = rf"[{SMALL}](?!{LETTER})"
_BETWEEN_LETTERS = rf"(?<={LETTER})[{SMALL}](?={LETTER})"
# After `'90s`, or a number, a quote is one only if it surely ends: `the workers' rights` is none.
_CUT = rf"(?<!{LETTER})[{_APOSTROPHES}](?i:{_SHORTENED})(?!{LETTER})"
_AFTER_NUMBER = rf"(?<=\p{{N}})[{SMALL}](?!s(?!{LETTER}))(?=\p{{L}})"
CUT_QUOTE = _pattern(
    rf"(?={_CUT}|{_AFTER_NUMBER})[{SMALL}]"
    rf"(?P<words>(?:[^{SMALL}\n]++|{_BETWEEN_LETTERS}|(?<=[aszxno]){_CLOSING})++)(?<!\s){_CLOSING}"
)
CUT_WORD = _pattern(rf"{_CUT}(?:{_CLOSING})?")
# 'words', ' words ' or ' words'.
_WITHIN = rf"[^{SMALL}\n]++|[{SMALL}](?={LETTER})"
SMALL_QUOTE = _pattern(
    rf"{_OPENING}(?:(?=\S)(?P<words>(?:{_WITHIN}|(?<=\s)[{SMALL}])++)(?<!\s)"
    rf"|\s{{1,3}}(?P<words>(?=\S)(?:{_WITHIN})++)){_CLOSING}"
)
# A mark that is a letter may begin a word, where nothing could end a quote and the line is short.
SMALL_OPEN = _pattern(rf"{_OPENING}(?=\S)(?:{_FAR}|(?<!\p{{Lm}})|(?=(?:{_WITHIN})++[{SMALL}]))")

MARK = _pattern(rf"[{GREAT}]|{_OPENING}")
START = _pattern(rf"[\\{GREAT}]|{_OPENING}|(?<=\p{{N}})[{SMALL}]|,(?=,|$)|<(?=[<‹]|$)")
