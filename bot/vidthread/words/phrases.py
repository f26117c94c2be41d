"""The phrases of `phrases.toml`, each as the tuple of its words, and texts as they are compared
with them."""

from __future__ import annotations

import tomllib
import unicodedata
from importlib import resources
from typing import Any

from vidthread.commands import (
    Command,
    Coverage,
    Forget,
    ForgetPerson,
    ForgetWorkspace,
    Help,
    Privacy,
    SetLanguage,
    SetQuiet,
    ShowSettings,
    Statistics,
    Stop,
)
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import Length
from youtube_analysis.patterns import Pattern
from youtube_analysis.services.content import ContentFormat

Phrase = tuple[str, ...]
_FILE = resources.files(__package__).joinpath("phrases.toml")
_TABLES: dict[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))
_INVISIBLE = Pattern(r"(?:(?!\s)[\p{Cf}\p{Cc}\p{Cs}\uFE00-\uFE0F\u115F\u1160\u3164])+")
_OPENING = Pattern(
    r"(?:[\s\p{Cf}\p{Cc}]++|<(?:@[!&]?|!subteam\^)[A-Za-z0-9]{1,32}(?:\|[^<>\n]{0,100})?>[,:;]?"
    r"|@(?=\p{L})[\p{L}\p{M}\p{N}_.\-]{1,64}+(?=[\s,:;]|$)[,:;]?)*+"
)
_APART = Pattern(r"[^\p{L}\p{M}\p{N}'_\-]+|(?<![\p{L}\p{N}])[-_']+|[-_']+(?![\p{L}\p{N}])")
_MEANINGS: dict[str, Command] = {
    "stop": Stop(),
    "help": Help(),
    "forget": Forget(),
    "forget_person": ForgetPerson(),
    "forget_workspace": ForgetWorkspace(),
    "statistics": Statistics(),
    "privacy": Privacy(),
    "show_settings": ShowSettings(),
    "coverage": Coverage(),
    "quiet": SetQuiet(quiet=True),
    "speak": SetQuiet(quiet=False),
    "own_language": SetLanguage(None),
}


def opened(text: str) -> str:
    """Without the names and invisible signs that a message begins with, and its white space."""
    return text[_OPENING.match(text).end() :].strip()  # type: ignore[union-attr] # may be empty


def flat(text: str) -> str:
    """Small letters, one space between words; of signs only those within words remain."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(_APART.sub(" ", _INVISIBLE.sub("", plain)).split())


def _phrases(table: str, meaning: str) -> frozenset[Phrase]:
    texts = (text for phrases in _TABLES[table][meaning].values() for text in phrases)
    return frozenset(tuple(flat(text).split()) for text in texts)


def _words(meaning: str) -> frozenset[str]:
    return frozenset(" ".join(phrase) for phrase in _phrases("words", meaning))


COMMANDS = {
    phrase: command
    for meaning, command in _MEANINGS.items()
    for phrase in _phrases("commands", meaning)
}
TYPES = {phrase: (kind,) for kind in AnalysisType for phrase in _phrases("types", kind.task)}
ALL, ANEW = _phrases("words", "all"), _phrases("words", "anew")
FILLERS = _phrases("words", "fillers")
LENGTHS = {word: length for length in Length for (word,) in _phrases("lengths", length)}
POLITE = _words("polite")
COURTESIES = sorted(_phrases("words", "polite") | _phrases("words", "polite_phrases"))
EXPORT, EXPORT_FILLERS = _words("export"), _words("export_fillers")
LANGUAGE, LANGUAGE_FILLERS = _words("language"), _words("language_fillers")
OWN, EVERYWHERE = _words("own"), _words("everywhere")
QUESTIONS = _words("questions")
REACTIONS, CHATTER = _words("reactions"), _words("chatter")

FORMS = {
    "md": ContentFormat.MARKDOWN,
    "markdown": ContentFormat.MARKDOWN,
    "json": ContentFormat.JSON,
    "html": ContentFormat.HTML,
    "htm": ContentFormat.HTML,
}
OTHER_FORMS = frozenset(_TABLES["forms"]["other"])

LANGUAGES = {flat(name): code for code, names in _TABLES["languages"].items() for name in names}
LANGUAGE_CODES = frozenset(_TABLES["language_codes"]["iso_639"])
