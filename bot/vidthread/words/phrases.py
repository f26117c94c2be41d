"""The phrases of `phrases.toml`, each as the tuple of its words."""

from __future__ import annotations

import tomllib
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
from youtube_analysis.services.content import ContentFormat

from .spelling import flat

Phrase = tuple[str, ...]
_FILE = resources.files(__package__).joinpath("phrases.toml")
_TOLD: dict[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))
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


def _phrases(table: str, meaning: str) -> frozenset[Phrase]:
    texts = (text for phrases in _TOLD[table][meaning].values() for text in phrases)
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
POLITE, POLITE_PHRASES = _words("polite"), _phrases("words", "polite_phrases")
EXPORT, EXPORT_FILLERS = _words("export"), _words("export_fillers")
LANGUAGE, LANGUAGE_FILLERS = _words("language"), _words("language_fillers")
OWN, EVERYWHERE = _words("own"), _words("everywhere")
REACTIONS = _words("reactions")

FORMS = {
    "md": ContentFormat.MARKDOWN,
    "markdown": ContentFormat.MARKDOWN,
    "json": ContentFormat.JSON,
    "html": ContentFormat.HTML,
    "htm": ContentFormat.HTML,
}
OTHER_FORMS = frozenset(_TOLD["forms"]["other"])

LANGUAGES = {flat(name): code for code, names in _TOLD["languages"].items() for name in names}
LANGUAGE_CODES = frozenset(_TOLD["language_codes"]["iso_639"])
