"""Which types and which language a few words name."""

from __future__ import annotations

from dataclasses import dataclass

from youtube_analysis.models.analysis import AnalysisType

from .languages import language_called, take_language
from .phrases import ALL, ANEW, FILLERS, LANGUAGE_FILLERS, LANGUAGES, POLITE, TYPES, Phrase
from .spelling import flat

_LONGEST_PHRASE = max(map(len, (*TYPES, *ALL, *ANEW, *FILLERS)))


@dataclass(frozen=True, slots=True)
class Named:
    """`left` are the words that say something else."""

    types: tuple[AnalysisType, ...] = ()
    language: str | None = None
    anew: bool = False
    left: tuple[str, ...] = ()


def read_names(text: str) -> Named:
    """Of a flat text."""
    language, rest = take_language(text)
    words = tuple(rest.replace("-", " ").split())
    types, anew, every, left, at = list[AnalysisType](), False, False, list[str](), 0
    while at < len(words):
        phrase = _phrase_at(words, at)
        at += len(phrase) or 1
        if phrase in TYPES:
            types += TYPES[phrase]
        elif phrase in ALL:
            every = True
        elif phrase in ANEW:
            anew = True
        elif phrase not in FILLERS:
            left.append(words[at - 1])
    if language and all(word in LANGUAGE_FILLERS for word in left):
        left = []
    if every and not left:
        types = list(AnalysisType)
    return Named(tuple(dict.fromkeys(types)), language, anew, tuple(left))


def named_types(text: str) -> tuple[AnalysisType, ...]:
    """Those that a list of names names, such as `summary, key moments`; empty where it says
    anything else."""
    named = read_names(flat(text))
    return () if named.left or named.language else named.types


def named_language(text: str) -> str | None:
    """The code of a language, from its name in any language or its code."""
    return language_called(flat(text))


def bare_language(text: str) -> str | None:
    """Of a flat text that is little more than the name of a language."""
    rest = text
    for word in (words := text.split()):
        if word not in POLITE and word not in LANGUAGE_FILLERS:
            break
        rest = rest.removeprefix(word).lstrip()
    for word in reversed(words):
        if word not in POLITE:
            break
        rest = rest.removesuffix(word).rstrip()
    return LANGUAGES.get(rest)


def left_language(named: Named) -> str | None:
    """Beside a link the name of a language, or its code, may stand alone."""
    return (
        named.language
        or language_called("-".join(named.left))
        or LANGUAGES.get(" ".join(named.left))
    )


def _phrase_at(words: Phrase, at: int) -> Phrase:
    """The longest phrase that is known; empty for a word that is in none."""
    for length in range(_LONGEST_PHRASE, 0, -1):
        phrase = words[at : at + length]
        known = phrase in TYPES or phrase in FILLERS
        if len(phrase) == length and (known or phrase in ALL or phrase in ANEW):
            return phrase
    return ()
