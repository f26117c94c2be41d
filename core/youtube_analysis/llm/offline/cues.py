"""What a sentence does rather than what it is about: greets, advises, points at the screen…

`words.toml` says what each key means. Of a language without words there nothing is known, and
centrality decides alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import regex

from youtube_analysis.models.analysis import ContentCategory, ContextTag
from youtube_analysis.passages.words import base_language
from youtube_analysis.patterns import Pattern

Cues = Mapping[str, Pattern]

_KEYS = "dangling vague chatter staging gist stress advice imperative turn border"
_NEVER = r"(?!)"
_UNSPACED = frozenset({"ja", "zh"})


@cache
def cues_for(language: str) -> Cues:
    """The cues of a language code such as `en-US`: all keys, some of which never match."""
    base = base_language(language)
    words = _words()["cues"].get(base, {})
    before, after, gap = r"(?<![\w'])", r"(?![\w'])", r"(?:,|\s--|\s–|:|،)?\s+"
    if base in _UNSPACED:
        before, after, gap = "", "", r"\s*"

    def pattern(key: str, end: str = "") -> str:
        return f"{before}(?:{words[key]}){after}{end}" if key in words else _NEVER

    cues = {key: _compiled(pattern(key)) for key in _KEYS.split()}
    return cues | {"lead": _compiled(f"(?:{pattern('lead', gap)})+")}


@cache
def titles() -> Mapping[ContextTag, Pattern]:
    """Which words of a title tell the kind of a video."""
    found = _words()["title"].items()
    before = r"(?<![\p{Latin}\p{Cyrillic}])"
    return {ContextTag(tag): _compiled(f"{before}(?:{words})") for tag, words in found}


@cache
def prototypes() -> Mapping[ContentCategory, str]:
    """Words that are typical of a category, of all languages together."""
    return {ContentCategory(name): words for name, words in _words()["category"].items()}


@cache
def _words() -> dict[str, Any]:
    file = resources.files(__package__).joinpath("words.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _compiled(written: str) -> Pattern:
    return Pattern(written, regex.IGNORECASE)
