"""Languages by their names, and codes as BCP 47 writes them."""

from __future__ import annotations

import re

from .phrases import LANGUAGE_CODES, LANGUAGES

_CODE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)
_KNOWN = "|".join(sorted(map(re.escape, LANGUAGES), key=len, reverse=True))
_IN = re.compile(
    rf"(?<!\w)(?:in|into|auf|ins|en|em|på|op|по|на|in the)\s+(?P<name>{_KNOWN})(?!\w)"
    rf"|(?<!\w)(?:用|以)(?P<chinese>{_KNOWN})(?:回答)?(?!\w)"
    rf"|(?<!\w)(?P<suffixed>{_KNOWN})(?:で|로|으로)(?:答えて)?(?!\w)"
    rf"|(?<!\w)(?:in|auf|en|em)\s+(?P<code>[a-z]{{2,3}}-[a-z]{{2}})(?!\w)"
)
_LABELLED = re.compile(
    r"(?<!\w)(?:language|lang|sprache|langue|idioma|lingua|язык|言語|语言)\s+(?:to\s+|in\s+)?"
    rf"(?P<name>{_KNOWN}|[a-z]{{2,3}}(?:[-_][a-z0-9]{{2,4}}){{0,2}})(?!\w)"
)
_SPOKEN = re.compile(
    r"\b(?:is|are|was|it's|its|be|ist|est|es|é|speaks?|spoken|speaking|talks?)\s*$"
)


def take_language(text: str) -> tuple[str | None, str]:
    """The language that a flat text asks for, and the text without it. “it is in German” asks
    for nothing."""
    for pattern in (_LABELLED, _IN):
        found = pattern.search(text)
        if found is None or _SPOKEN.search(text[: found.start()]):
            continue
        name = next(group for group in found.groups() if group)
        if code := language_called(name):
            return code, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def language_called(name: str) -> str | None:
    return LANGUAGES.get(name) or language_of_code(name)


def language_of_code(text: str) -> str | None:
    """`PT_br` -> `pt-BR`; None for what is no code of a language."""
    code = _CODE.fullmatch(text)
    if code is None or code["language"].lower() not in LANGUAGE_CODES:
        return None
    parts = code["language"].lower(), code["script"], code["region"]
    styled = (parts[0], (parts[1] or "").title(), (parts[2] or "").upper())
    return "-".join(part for part in styled if part)
