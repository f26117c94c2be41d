"""How a model writes at what time something is said, in many scripts and languages.

A time is a position: `12:34`, `minute 12`, `12 minutes in`. A duration is a statement like any
other: `it takes 12 minutes`. Where a notation serves both, the words beside it decide; where
they do not tell, it is a duration, except alone in brackets.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import regex

from youtube_analysis.passages.words import UNSPACED
from youtube_analysis.patterns import Pattern

from . import time_words as words
from .signs import APART, TICK


class _Numbers:
    """Digits of all scripts, Chinese numerals, and what makes them an ordinal there."""

    def __contains__(self, character: object) -> bool:
        return character == "第" or (isinstance(character, str) and character.isnumeric())


_NUMBERS, _NUMBER_LETTERS = _Numbers(), "efnostEFNOST"


@dataclass(frozen=True, slots=True)
class Notation:
    """`before`: what must stand before. As far as it has the group `cue`, the speaker would have
    to say it as well."""

    written: Pattern
    begins: Container[str]
    before: Pattern | None


# What may stand between the characters of a time and does not hide it.
_HIDDEN = rf"[*_~`\\{{}}$\p{{M}}\u2006\u2008-\u200a\u200c\u200d\u202f{APART}{TICK}]{{0,8}}"
_GAP = r"\p{Zs}"
_SPACE = rf"[*_~`{TICK}{APART}]{{0,3}}(?:{_GAP}|-)?[*_~`{TICK}{APART}]{{0,3}}"
_DIGIT = r"\p{N}"
# Some characters are two digits: ⑫, ⓬.
_TWO = rf"(?:{_DIGIT}{_HIDDEN}{_DIGIT}|[⑩-⑳⑽-⒇⒑-⒛⓫-⓴❿➉➓㉑-㉟㊱-㊿])"
_NUMBER = rf"(?>{_DIGIT}(?:{_HIDDEN}{_DIGIT}){{0,3}})(?!{_DIGIT})"
_HAN_DIGIT = "〇零一二三四五六七八九十百两"
_HAN = rf"[\p{{N}}{_HAN_DIGIT}]{{1,5}}"
_COLON = "[:：∶ː˸꞉﹕︓︰׃։܃܄᠄⁚ⵆ᛬ꓽःઃ፡፥]"
_START = rf"(?:(?<![\p{{L}}/])|(?<=[{UNSPACED}]))"
_END = rf"(?:(?![\p{{L}}\p{{M}}])|(?=[\ufe00-\ufe0f{UNSPACED}]))"
_NO_WORD = rf"(?!{_GAP}?[\p{{L}}%°€$£])"


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


def _written(*patterns: str, begins: Container[str] = _NUMBERS, before: str = "") -> Notation:
    pattern = Pattern(_any(*patterns), regex.IGNORECASE)
    behind = Pattern(before, regex.IGNORECASE) if before else None
    return Notation(pattern, begins, behind)


def _after(*cues: str) -> str:
    return rf"(?<=(?P<cue>{_START}{_any(*cues)}{_HIDDEN}))"


def _unit(spaced: str, unspaced: str) -> str:
    return rf"{_SPACE}(?>(?:{spaced}){_END}|{unspaced})"


# 12:34, 1:02:03.5; with spaces, `12 : 34`, only where no word before is its heading
_CLOCK = (
    rf"{_NUMBER}(?:{_HIDDEN}{_COLON}{_HIDDEN}(?![6-9]){_TWO}){{1,3}}(?!{_DIGIT})"
    rf"(?:[.,]{_DIGIT}{{1,3}})?\p{{M}}{{0,3}}"
)
_WIDE = rf"{_COLON}{_GAP}?(?![6-9]){_TWO}(?!{_DIGIT})"
# 12m34s, 1h02m03s
_COMPACT = _any(
    rf"(?:{_NUMBER}h)?{_NUMBER}m(?:in)?{_TWO}s{_END}", rf"{_NUMBER}h{_TWO}m(?:in)?{_TWO}s?{_END}"
)

_HOURS = _NUMBER + _unit(words.HOUR, words.HOUR_UNSPACED)
_MINUTES = _NUMBER + _unit(words.MINUTE, words.MINUTE_UNSPACED)
_SECONDS = _NUMBER + _unit(words.SECOND, words.SECOND_UNSPACED)
_AND = rf"(?:,?{_GAP}|-)?(?:(?:{words.AND}){_GAP}?)?"
_TWO_UNITS = _any(rf"{_HOURS}{_AND}{_MINUTES}(?:{_AND}{_SECONDS})?", rf"{_MINUTES}{_AND}{_SECONDS}")
_NO_METRES = rf"(?!{_NUMBER}{_GAP}?[ms]{_END})"
# 12 min 34, 1h12
_HALF = rf"{_any(_MINUTES, _HOURS)}{_AND}(?![6-9]){_TWO}(?!{_DIGIT})"
_CUT_SHORT = _any(_HALF + _NO_WORD, rf"{_DIGIT}{{1,3}}[hm](?![6-9]){_TWO}{_END}")
_ABOUT = rf"{_GAP}{{0,2}}(?:(?:{words.ABOUT}){_GAP}|~)?"
_POSITION = rf"(?!{_GAP}?(?:/|(?:{words.NO_POSITION}){_END}))"
_RANGE = rf"{_GAP}?(?:{words.RANGE}){_GAP}?{_NUMBER}"
_BEFORE = rf"(?:{_NUMBER}{_SPACE}h\p{{L}}{{0,4}}{_AND})?(?:{_NUMBER}{_SPACE}m\p{{L}}{{0,6}}{_AND})?"
_MARK = rf"(?:mark|point)s?{_END}"
_GOES_ON = rf"(?={_GAP}?[,.;:)–—\n])|(?={_GAP}(?:he|she|they|we){_GAP})|$"
_IN = rf"{_SPACE}in(?:{_GAP}?to{_END}|{_GOES_ON})"
_NO_LABEL = rf"(?<!{_DIGIT}(?:{_GAP}|-))(?<!(?<!\p{{L}})(?:{words.NO_LABEL}){_GAP})"
_SHORT = f"{words.SHORT_LABEL}|{words.SECOND_LABEL}"
_AGAIN = rf"(?<=(?:{words.LABEL_AGAIN}){_GAP}the{_GAP})"
_LINE = r"(?<=\n[\s\p{P}\p{S}]{0,10})"

TIMES = (
    _written(_CLOCK),
    # 12.34 Uhr, 00.12.34
    _written(
        rf"{_NUMBER}\.{_TWO}{_GAP}Uhr{_END}",
        rf"{_NUMBER}{_GAP}Uhr{_GAP}{_TWO}{_NO_WORD}",
        rf"00[.-]{_TWO}[.-]{_TWO}(?![.-]?{_DIGIT})",
    ),
    # 12'34"; but not 5'10", a height, or 12°34'56", a place
    _written(
        rf"{_DIGIT}{{1,3}}['’′ʹ]{_GAP}?(?:0\d|1[2-9]|[2-5]\d)(?!{_DIGIT})(?:[\"”″]|''|’’|′′)?",
        rf"{_DIGIT}{{2,3}}['’′ʹ]{_GAP}?1[01](?!{_DIGIT})(?:[\"”″]|''|’’|′′)?",
        before=rf"(?<!°{_GAP}?)",
    ),
    # 12th minute, 12 minute mark, 12 minutes into it, 12분 34초에
    _written(
        rf"{_NUMBER}{_any(*words.ORDINAL)}{_END}",
        rf"{_BEFORE}{_NUMBER}{_SPACE}(?:min|minutes?|sec|seconds?){_SPACE}{_MARK}",
        rf"{_DIGIT}{_SPACE}hours?{_SPACE}{_MARK}",
        rf"{_NUMBER}-(?:minuten|sekunden)-marke{_END}",
        rf"{_BEFORE}{_NUMBER}{_SPACE}(?:min|minutes?|seconds?){_IN}",
        rf"{_NUMBER}{_SPACE}(?:분|分|मिनट){_AND}{_NUMBER}{_SPACE}(?:초|秒|सेकंड)"
        rf"{_GAP}?(?=에|지점|부터|쯤|경|पर{_END}|の?(?:ところ|場面|時点|地点))",
    ),
    _written(
        rf"{_NUMBER}(?:{_RANGE})?(?:[.,]{_DIGIT}{{1,2}})?(?!{_DIGIT})",
        before=_after(
            rf"(?:{_NO_LABEL}|{_AGAIN})(?:{words.LABEL})(?:(?<=-)|{_HIDDEN}(?:{_GAP}|[:#]){{1,3}})"
        ),
    ),
    _written(rf"{_NUMBER}{_RANGE}", before=_after(rf"(?<!{_DIGIT}{_GAP})(?:{words.LABELS}){_GAP}")),
    _written(
        rf"{_NUMBER}(?:{_RANGE})?",
        before=_after(rf"(?:{words.SHORT_LABEL_AT}){_GAP}(?:{_SHORT}){_GAP}?"),
    ),
    _written(
        rf"{_NUMBER}(?:{_RANGE})?{_NO_WORD}(?![^\n]{{0,12}}max)",
        before=_after(rf"{_NO_LABEL}(?:{words.SHORT_LABEL}){_GAP}"),
    ),
    _written(
        rf"{_DIGIT}{{3,5}}{_NO_WORD}",
        before=_after(rf"{_NO_LABEL}(?:{words.SECOND_LABEL}){_GAP}"),
    ),
    _written(
        rf"(?:{_DIGIT}{{1,6}}[hms]){{1,3}}(?:{_DIGIT}{{1,2}})?",
        rf"{_DIGIT}{{2,6}}(?!{_DIGIT})(?:[.,]{_DIGIT}{{1,3}})?",
        before=_after(rf"(?:{words.STAMP})[ :#=]{{0,3}}", "(?:t|start)="),
    ),
    _written(
        rf"{_NUMBER}\.{_GAP}?(?:minute|sekunde){_END}", before=_after(f"(?:{words.ARTICLE}){_GAP}")
    ),
    _written(
        _any(_TWO_UNITS, _CUT_SHORT, _HALF, rf"{_NO_METRES}{_any(_MINUTES, _SECONDS)}") + _POSITION,
        rf"{_NUMBER}\.{_TWO}\.{_TWO}(?![.-]?{_DIGIT})",
        before=_after(rf"(?:{words.AT}){_ABOUT}"),
    ),
    _written(
        _any(_TWO_UNITS, _COMPACT, _CUT_SHORT) + _POSITION,
        before=_after(rf"(?:{words.AT_TWO}){_ABOUT}"),
    ),
    _written(
        rf"(?={_NUMBER}{_GAP}minut(?:i|os){_END}){_any(_TWO_UNITS, _CUT_SHORT)}",
        before=_after(f"a{_GAP}"),
    ),
    _written(
        rf"{_NUMBER}(?:{_GAP}{_WIDE}|{_WIDE}{_NO_WORD})",
        before=_after(rf"(?:{words.AT_TWO}|{words.FROM}){_GAP}"),
    ),
    _written(
        rf"{_NUMBER}{_GAP}{_WIDE}",
        rf"{_any(_TWO_UNITS, _COMPACT, _CUT_SHORT)}(?=[*_`)\]]{{0,3}}{_GAP}?[:：–—-])",
        before=_LINE,
    ),
    _written(_COMPACT, before=rf"(?<!(?<!\p{{L}})(?:{words.SPENT}){_GAP}|[<>≤≥=+~]{_GAP}?)"),
    # 第12分钟, 12分34秒に
    _written(
        rf"第(?=[^分秒小\n]{{0,4}}[\p{{N}}十百]){_HAN}{_GAP}?(?:小时|小時|分钟|分鐘|分|秒)(?:{_HAN}秒)?",
        rf"(?:{_HAN}(?:小时|小時|時間|时|時))?{_HAN}(?:分钟|分鐘|分){_HAN}秒"
        "(?=に|处|處|时|時|から|ごろ|頃|の?ところ|の?時点|の?地点|の?場面|的时候|的時候|的地方)",
    ),
    _written(rf"{_HAN}(?:分钟|分鐘|分){_HAN}秒", before=rf"(?<=[在于於从從到至@～~]{_GAP}?)"),
    _written(
        rf"{_HAN}(?:分钟|分鐘|分|분){_GAP}?(?=处|處|の?ところ|の?地点|あたり|지점|쯤에)",
        before="(?<![时時点點])",
    ),
    # minute twelve, twelve minute mark
    _written(
        words.NUMBER_WORD + _END,
        begins=_NUMBER_LETTERS,
        before=_after(rf"(?:at|around|in|from|until|by|near){_GAP}minute{_GAP}"),
    ),
    _written(
        rf"{words.NUMBER_WORD}[ -]minutes?(?:[ -](?:mark|point)|{_GAP}in{_GAP}?to){_END}",
        begins=_NUMBER_LETTERS,
        before=r"(?<!\p{L})",
    ),
)
# What a time may begin with.
TIME_START = (
    rf"(?<!{_DIGIT}){_DIGIT}|第|(?<![{_HAN_DIGIT}])[{_HAN_DIGIT}]|(?<!\p{{L}})[{_NUMBER_LETTERS}]"
)

BRACKETS = "[(（【［﹙〔"
_CLOSING = r"\])）】］﹚〕"
_BESIDE = rf"[^\p{{N}}\n\{BRACKETS}{_CLOSING}“”\"]"
_WORD_BESIDE = _any(
    rf"(?:{words.AT_TWO}|{words.ABOUT}|{words.LABEL}|{_SHORT}|{words.RANGE}|from|c|t)"
    rf"{_END}[.=:]?",
    rf"[^\p{{L}}\p{{N}}\n\{BRACKETS}{_CLOSING}“”\"]",
)
_ALONE = _any(_TWO_UNITS, _COMPACT, _CUT_SHORT, _NO_METRES + _MINUTES)
_LAST = rf"[^\w\n\{BRACKETS}{_CLOSING}]{{0,3}}"
# A time or a duration alone in brackets, or some of them.
TIME_ASIDE = Pattern(
    rf"[ \t]{{0,20}}\\?[\{BRACKETS}]"
    + _any(
        rf"{_BESIDE}{{0,16}}{_any(_CLOCK, _NUMBER + _GAP + _WIDE)}"
        rf"(?:{_BESIDE}{{1,8}}{_CLOCK}){{0,6}}{_LAST}",
        rf"(?:{_WORD_BESIDE}{{0,4}}(?:{_NUMBER}{_GAP}?(?:{words.RANGE}){_GAP}?)?{_ALONE}){{1,3}}"
        rf"{_LAST}",
        rf"{_DIGIT}{{3,5}}{_GAP}?(?:s|secs?|seconds?)|(?<=\[){_NUMBER}m(?:{_RANGE}m)?(?=\])",
    )
    + rf"[{_CLOSING}]",
    regex.IGNORECASE,
)
