"""Texts as they are compared with the tables."""

from __future__ import annotations

import unicodedata

from youtube_analysis.patterns import Pattern

_INVISIBLE = Pattern(r"(?:(?!\s)[\p{Cf}\p{Cc}\p{Cs}\uFE00-\uFE0F\u115F\u1160\u3164])+")
_OPENING = Pattern(
    r"(?:[\s\p{Cf}\p{Cc}]++|<(?:@[!&]?|!subteam\^)[A-Za-z0-9]{1,32}(?:\|[^<>\n]{0,100})?>[,:;]?"
    r"|@(?=\p{L})[\p{L}\p{M}\p{N}_.\-]{1,64}+(?=[\s,:;]|$)[,:;]?)*+"
)
_APART = Pattern(r"[^\p{L}\p{M}\p{N}'_\-]+|(?<![\p{L}\p{N}])[-_']+|[-_']+(?![\p{L}\p{N}])")


def opened(text: str) -> str:
    """Without the names and invisible signs that a message begins with, and its white space."""
    return text[_OPENING.match(text).end() :].strip()  # type: ignore[union-attr] # may be empty


def flat(text: str) -> str:
    """Small letters, one space between words; of signs only those within words remain."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(_APART.sub(" ", _INVISIBLE.sub("", plain)).split())
