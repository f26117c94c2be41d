"""Tells messages about a talk as a whole from questions about a detail of it.

A message is routed only if all of it is one of the known ways to ask, never because it contains
one: "who is the speaker" is routed, "who is the speaker he quotes" is a matter of retrieval.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import count
from typing import Any, Final

from youtube_analysis.patterns import Pattern

_LONGEST: Final = 200
_UNWRITTEN = Pattern(r"[\p{Cf}\uFE0F'’‘ʼ`´]+")
# Accents, vowel signs and hamza of Arabic, the dot of Hindi: people leave them out.
_MARKS = Pattern(r"[\u0300-\u036F\u0640\u064B-\u0655\u0670\u093C]+")
_SPELLINGS = str.maketrans("ةىँ", "هيं")
_NO_WORD = Pattern(r"[^\p{L}\p{M}\p{N}:]+|(?<!\d):|:(?!\d)")
_CJK = r"[\u3040-\u30FF\u3400-\u9FFF]"
_LOOSE_SPACE = Pattern(rf"(?<={_CJK}) | (?={_CJK})")
_CLOCK = (
    r"(?:(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,3}):(?P<s>[0-5]\d)"
    r"|(?:(?P<h>\d{1,2}) ?h ?)?(?P<m>\d{1,3}) ?m(?:in)? ?(?P<s>[0-5]?\d) ?s?)"
)
_Frames = Mapping[str, Mapping[str, str]]


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


@dataclass(frozen=True, slots=True)
class Routed:
    """`seconds`: how much of the BEGINNING or ENDING was named, the second of AT_TIME, or None."""

    intent: Intent
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Phrases:
    intents: Mapping[Intent, re.Pattern[str]]
    before: Pattern
    after: Pattern
    amounts: Mapping[str, float]
    single: frozenset[str]


def route(text: str) -> Routed | None:
    """The intent of a message in any known language, or None, which leaves it to retrieval, as
    every text of more than 200 characters. The first call takes most of a second."""
    if len(text) > _LONGEST:
        return None
    phrases = _phrases()
    for words in _shortened(_normal(text), phrases):
        for intent, pattern in phrases.intents.items():
            if match := pattern.fullmatch(words):
                return Routed(intent, _seconds(match, phrases))
    return None


def _shortened(words: str, phrases: _Phrases) -> Iterator[str]:
    """The message, then without its polite words, one after the other."""
    longer = ""
    while words and words != longer:
        yield words
        longer = words
        words = phrases.before.sub("", longer, 1)
        if words == longer:
            words = phrases.after.sub("", longer, 1)


def _normal(text: str) -> str:
    words = _NO_WORD.sub(" ", _folded(text)).split()
    return _LOOSE_SPACE.sub("", " ".join(words))


def _folded(text: str) -> str:
    """As people type it in haste: no capitals, accents or apostrophes."""
    plain = unicodedata.normalize("NFKD", _UNWRITTEN.sub("", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", plain)).translate(_SPELLINGS)


def _seconds(match: re.Match[str], phrases: _Phrases) -> float | None:
    groups = match.groupdict().items()
    named = {name.rstrip("0123456789"): text for name, text in groups if text}
    if named.keys() & {"h", "m", "s"}:
        hours, minutes, seconds = (int(named.get(part, 0)) for part in "hms")
        return hours * 3600.0 + minutes * 60 + seconds
    unit, number = named.get("unit", ""), named.get("count")
    if number is None:
        return phrases.amounts[unit] if unit in phrases.single else None
    return (phrases.amounts.get(number) or float(number)) * phrases.amounts[unit]


@cache
def _phrases() -> _Phrases:
    file = resources.files(__package__).joinpath("phrases.toml")
    data: dict[str, Any] = tomllib.loads(_folded(file.read_text(encoding="utf-8")))
    numbers, units = _amounts(data["numbers"]), _amounts(data["one"]) | _amounts(data["more"])
    shared = {
        "clock": _CLOCK,
        "minute": rf"{_CLOCK}|(?P<m>\d{{1,3}})",
        "second": r"(?P<s>\d{1,4})",
        "count": rf"(?P<count>\d{{1,3}}|{'|'.join(numbers)})(?: an?)?|{data['few']}",
        "unit": f"(?P<unit>{'|'.join(units)})",
    }
    frames = {language: dict(shared) for language in data["frame"]}
    for language, macros in data["frame"].items():
        for name, pattern in macros.items():
            frames[language][name] = _expanded(pattern, frames[language])
    return _Phrases(
        intents={intent: _intent(data[intent], frames) for intent in Intent},
        before=Pattern(rf"^(?:{'|'.join(data['before'])})(?: |(?<={_CJK})(?=.))"),
        after=Pattern(rf"(?: |(?<=.)(?={_CJK}))(?:{'|'.join(data['after'])})$"),
        amounts=numbers | units,
        single=frozenset(_amounts(data["one"])),
    )


def _amounts(lines: list[str]) -> dict[str, float]:
    """Each line is an amount and the words for it."""
    return {word: float(line.split()[0]) for line in lines for word in line.split()[1:]}


def _expanded(pattern: str, macros: Mapping[str, str]) -> str:
    """`{name}` becomes the macro, `{name?}` the macro or nothing, each with a space if any."""
    return re.sub(r"\{([a-z]+)(\??)\}", lambda m: f"(?:(?:{macros[m[1]]}) ?){m[2]}", pattern)


def _intent(phrases: Mapping[str, list[str]], frames: _Frames) -> re.Pattern[str]:
    languages = [name for name in frames if name != "any"]
    written = [
        _expanded(f"{{of?}}(?:{'|'.join(alternatives)})(?: ?{{of}})?", frames[name])
        for key, alternatives in phrases.items()
        for name in (languages if key == "all" else [key])
    ]
    # `re` compiles these three times as fast as `regex`, and wants each name of a group once.
    serial = count()
    return re.compile(
        re.sub(r"(?<=P<)[a-z]+", lambda m: f"{m[0]}{next(serial)}", "|".join(written))
    )
