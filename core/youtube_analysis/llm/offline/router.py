"""Tells messages about a talk as a whole from questions about a detail of it.

A message is routed only if all of it is one of the known ways to ask, never because it contains
one: "who is the speaker" is routed, "who is the speaker he quotes" is a matter of retrieval.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from operator import mul
from typing import Any

from youtube_analysis.passages.words import without_accents
from youtube_analysis.patterns import Pattern

_LONGEST = 200
_UNWRITTEN = Pattern(r"[\p{Cf}\uFE0F\u0640'’‘ʼ`´]+")
_SPELLINGS = str.maketrans("ةىँ", "هيं")
_NO_WORD = Pattern(r"[^\p{L}\p{M}\p{N}:]+|(?<!\d):|:(?!\d)")
_CJK = r"[\u3040-\u30FF\u3400-\u9FFF]"
_LOOSE_SPACE = Pattern(rf"(?<={_CJK}) | (?={_CJK})")
_CLOCK = r"(?:(?:\d{1,2}(?::| ?h ?))?\d{1,3}(?::[0-5]\d(?!\d)| ?m(?:in)? ?[0-5]?\d ?s?))"
# In phrases that name a length "#" stands for a number, "%" for a unit of time.
_MACROS = {
    "clock": _CLOCK,
    "minute": rf"{_CLOCK}|\d{{1,3}}",
    "second": r"\d{1,4}",
    "count": "#",
    "unit": "%",
}


class Intent(StrEnum):
    SUMMARY = "summary"
    TAKEAWAYS = "takeaways"
    TOPICS = "topics"
    WHO = "who"
    LENGTH = "length"
    BEGINNING = "beginning"
    ENDING = "ending"
    AT_TIME = "at_time"
    GREETING = "greeting"
    THANKS = "thanks"


# May stand beside a question for what is said.
TIMED = (Intent.BEGINNING, Intent.ENDING, Intent.AT_TIME)


@dataclass(frozen=True, slots=True)
class Routed:
    """`seconds`: how much of the BEGINNING or ENDING was named, the second of AT_TIME, or None."""

    intent: Intent
    seconds: float | None = None


def route(text: str) -> Routed | None:
    """The intent of a message in any known language, or None, which leaves it to retrieval, as
    every text of more than 200 characters."""
    if len(text) > _LONGEST:
        return None
    for words in _shortened(_normal(text)):
        abstract = _amount().sub(lambda found: "%" if found["unit"] else "#", words)
        for language in _phrases()["frame"]:
            pattern = _pattern(language)
            if match := pattern.fullmatch(words) or pattern.fullmatch(abstract):
                intent = Intent(match.lastgroup or "")
                return Routed(intent, _seconds(words) if intent in TIMED else None)
    return None


def _shortened(words: str) -> Iterator[str]:
    """The message, then without its polite words, one after the other."""
    longer = ""
    while words and words != longer:
        yield words
        longer = words
        words = _phrases()["before"].sub("", longer, 1)
        if words == longer:
            words = _phrases()["after"].sub("", longer, 1)


def _normal(text: str) -> str:
    words = _NO_WORD.sub(" ", _folded(text)).split()
    return _LOOSE_SPACE.sub("", " ".join(words))


def _folded(text: str) -> str:
    """As people type it in haste: no capitals, accents or apostrophes."""
    return without_accents(_UNWRITTEN.sub("", text).casefold()).translate(_SPELLINGS)


def _seconds(words: str) -> float | None:
    """What a clock, or numbers with their units, name; None where only a part is named."""
    if clock := re.search(_CLOCK, words):
        *hours, minutes, seconds = map(int, re.findall(r"\d+", clock[0]))
        return sum(hours) * 3600.0 + minutes * 60 + seconds
    found = list(_amount().finditer(words))
    units = [_amounts("units")[one["unit"]] for one in found if one["unit"]]
    numbers = [re.sub(" an?$", "", one[0]) for one in found if not one["unit"]]
    known = _amounts("numbers")
    worths = [float(n) if n.isdecimal() else known.get(n, 0.0) for n in numbers or ["1"]]
    return sum(map(mul, worths, units)) or None


@cache
def _phrases() -> dict[str, Any]:
    file = resources.files(__package__).joinpath("phrases.toml")
    data = tomllib.loads(_folded(file.read_text(encoding="utf-8")))
    before, after = ("|".join(data[key]) for key in ("before", "after"))
    data["before"] = Pattern(rf"^(?:{before})(?: |(?<={_CJK})(?=.))")
    data["after"] = Pattern(rf"(?: |(?<=.)(?={_CJK}))(?:{after})$")
    return data


@cache
def _amounts(key: str) -> dict[str, float]:
    """Each line is an amount and the words for it."""
    lines = map(str.split, _phrases()[key])
    return {word: float(amount) for amount, *words in lines for word in words}


@cache
def _amount() -> re.Pattern[str]:
    """A unit of time, or the number of one that follows, at most a word later."""
    number, unit = ("|".join(sorted(_amounts(k), key=len)[::-1]) for k in ("numbers", "units"))
    begins, ends = (rf"(?:\b|{look}\d)|{look}ال)|{look}{_CJK}))" for look in ("(?<=", "(?="))
    numbers = rf"(?:(?:{number})(?: an?)?|{_phrases()['few']})(?=(?: \w+)? ?(?:ال)?(?:{unit}))"
    return re.compile(rf"(?<!\d)\d{{1,4}}(?!\d)|{begins}(?:(?P<unit>{unit})|{numbers}){ends}")


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Every way to ask in a language; its groups are named by their intents."""
    macros = dict(_MACROS)
    for name, written in _phrases()["frame"][language].items():
        macros[name] = _expanded(written, macros)
    groups = {
        intent: f"(?P<{intent}>{_expanded('|'.join(_phrases()[intent][language]), macros)})"
        for intent in Intent
        if language in _phrases()[intent]
    }
    timed = "|".join(groups.pop(intent) for intent in TIMED if intent in groups)
    asked = "|".join(groups.values())
    if timed:
        asked += _expanded(f"|{{says?}}(?:{timed})(?: ?{{says}})?", macros)
    return re.compile(_expanded(f"{{of?}}(?:{asked})(?: ?{{of}})?", macros))


def _expanded(written: str, macros: Mapping[str, str]) -> str:
    """`{name}` becomes the macro, `{name?}` the macro or nothing, each with a space if any."""
    return re.sub(r"\{([a-z]+)(\??)\}", lambda m: f"(?:(?:{macros[m[1]]}) ?){m[2]}", written)
