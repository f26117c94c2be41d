"""What a message names: a link to a video, types of analysis, a language (as BCP 47 writes it)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from youtube_analysis.errors import InvalidLink, PlaylistLink
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import Length
from youtube_analysis.models.video import parse_link

from .phrases import (
    ALL,
    ANEW,
    CHATTER,
    FILLERS,
    LANGUAGE_CODES,
    LANGUAGE_FILLERS,
    LANGUAGES,
    LENGTHS,
    POLITE,
    REACTIONS,
    TYPES,
    Phrase,
    flat,
)

# As it stands in chats: bare, `<link>`, `<link|label>`, `[label](link)`; behind a page that only
# leads to it, or a scheme that is spelled wrong.
_LINK = re.compile(
    r"(?:\[[^\[\]\n]{0,300}\]\(|<)?"
    r"(?:https?://[^\s<>]{1,300}?=)??(?:https?[:;]|[a-z]{2,8}[:;](?=//))??"
    r"(?P<link>(?:(?<![A-Za-z0-9@./-])(?:(?:https?:/{1,2})+|//)|(?<![A-Za-z0-9@./_-]))"
    r"(?:[a-z]{1,8}\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)"
    r"(?![A-Za-z0-9-])[A-Za-z0-9\-._~:/?#@&;=%+]*)"
    r"(?:\|[^<>\n]{0,300})?[>)]?",
    re.IGNORECASE | re.ASCII,
)
_ANY_LINK = re.compile(r"<?(?P<link>(?:https?://|www\.)[^\s<>]{1,2048})>?", re.IGNORECASE)
_MOST_LINKS = 20
_CODE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|\d{3}))?",
    re.IGNORECASE | re.ASCII,
)
_KNOWN = "|".join(sorted(map(re.escape, LANGUAGES), key=len, reverse=True))
_IN = re.compile(
    rf"(?<!\w)(?:in|into|auf|ins|en|em|på|op|по|на|in the)\s+(?P<name>{_KNOWN})(?!\w)"
    rf"|(?<!\w)(?:用|以)(?P<chinese>{_KNOWN})(?:回答)?(?!\w)"
    rf"|(?<!\w)(?P<suffixed>{_KNOWN})(?:で|로|으로)"
    r"(?:(?:答えて|回答して)(?:ください)?|お願いします)?(?!\w)"
    rf"|(?<!\w)ب(?:اللغة\s+)?(?P<prefixed>{_KNOWN})(?!\w)"
    rf"|(?<!\w)(?:in|auf|en|em)\s+(?P<code>[a-z]{{2,3}}-[a-z]{{2}})(?!\w)"
)
_LABELLED = re.compile(
    r"(?<!\w)(?:language|lang|sprache|langue|idioma|lingua|язык|言語|语言)\s+(?:to\s+|in\s+)?"
    rf"(?P<name>{_KNOWN}|[a-z]{{2,3}}(?:[-_][a-z0-9]{{2,4}}){{0,2}})(?!\w)"
)
_SPOKEN = re.compile(
    r"\b(?:is|are|was|it's|its|be|ist|est|es|é|speaks?|spoken|speaking|talks?)\s*$"
)
_LONGEST_PHRASE = max(map(len, (*TYPES, *ALL, *ANEW, *FILLERS)))


@dataclass(frozen=True, slots=True)
class Named:
    """`left` are the words that say something else."""

    types: tuple[AnalysisType, ...] = ()
    language: str | None = None
    anew: bool = False
    length: Length | None = None
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
    length, left = _take_length(left) if types else (None, left)
    return Named(tuple(dict.fromkeys(types)), language, anew, length, tuple(left))


def _take_length(left: list[str]) -> tuple[Length | None, list[str]]:
    """The length that words beside a type ask for, where they say nothing else."""
    named = {LENGTHS.get(word) for word in left}
    length = named.pop() if len(named) == 1 else None
    return length, [] if length else left


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


def named_types(text: str) -> tuple[AnalysisType, ...]:
    """Those that a list of names names, such as `summary, key moments`; empty where it says
    anything else."""
    named = read_names(flat(text))
    return () if named.left or named.language else named.types


def named_model(text: str, listed: Sequence[str]) -> str | None:
    """The one of the models that the host lists that a text names."""
    wanted = text.strip().casefold()
    return next((name for name in listed if name.casefold() == wanted), None)


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


def left_language(named: Named, behind: str) -> str | None:
    """Beside a link the name of a language may stand alone; its code may right behind the link,
    where we know that language by name and the code is no word, as “no” is."""
    if named.language or not named.left:
        return None
    left = "-".join(named.left)
    code = language_of_code(left) if flat(behind).startswith(left) else None
    if code and (left in REACTIONS or code[:2] not in LANGUAGES.values()):
        code = None
    return code or LANGUAGES.get(" ".join(named.left))


def says_nothing(words: Iterable[str]) -> bool:
    """Of words beside a link: they only hand it over, as “look at this” does."""
    return all(word in CHATTER or word in REACTIONS or word in LANGUAGES for word in words)


def asks_more(said: str, title: str) -> bool:
    """Whether words beside a link are more than the title of its video, which programs put there
    when they share one."""
    before, named, behind = flat(said).partition(flat(title) or "\n")
    return not named or not says_nothing(read_names(f"{before} {behind}").left)


def _phrase_at(words: Phrase, at: int) -> Phrase:
    """The longest phrase that is known; empty for a word that is in none."""
    for length in range(_LONGEST_PHRASE, 0, -1):
        phrase = words[at : at + length]
        known = phrase in TYPES or phrase in FILLERS
        if len(phrase) == length and (known or phrase in ALL or phrase in ANEW):
            return phrase
    return ()


# --- a link ---


@dataclass(frozen=True, slots=True)
class Linked:
    """`link` is empty where none can be read, `wrong` then says why; `rest` is the text without
    its links, `behind` what follows the one."""

    rest: str
    link: str = ""
    wrong: InvalidLink | None = None
    behind: str = ""


def find_link(text: str) -> Linked | None:
    """None where a text holds no link that is meant as one."""
    found = list(_LINK.finditer(text))
    rest = " ".join(_LINK.sub(" ", text).split()) if found else ""
    wrong: InvalidLink | None = None
    playlist: InvalidLink | None = None
    if not found and (alone := _ANY_LINK.fullmatch(text)):
        found = [alone]
    for match in found[:_MOST_LINKS]:
        try:
            return Linked(rest, _parsed(match["link"]), behind=text[match.end() :])
        except PlaylistLink as error:
            playlist = playlist or error
        except InvalidLink as error:
            if "//" in match["link"] or not rest:
                wrong = wrong or error
    if playlist or wrong:
        return Linked("" if playlist else rest, "", playlist or wrong)
    return None


def link_among(told: object) -> str:
    """The first link to a video in the texts that a platform tells, however deep they lie in
    lists and maps; empty where there is none."""
    if isinstance(told, str):
        found = find_link(told)
        return found.link if found else ""
    parts = told.values() if isinstance(told, Mapping) else told
    return next(filter(None, map(link_among, parts)), "") if isinstance(parts, Iterable) else ""


def with_link(text: str, told: object) -> str:
    """The text, behind the link that stands elsewhere in its message where it holds none."""
    link = "" if link_among(text) else link_among(told)
    return f"{link} {text}".strip()


def _parsed(link: str) -> str:
    """Without what belongs to the sentence around it. An id may end with an underscore."""
    link = link.replace("&amp;", "&").rstrip(".:;?&#")
    try:
        parse_link(link)
    except PlaylistLink:
        raise
    except InvalidLink:
        link = link.removesuffix("_").rstrip("~")
        parse_link(link)
    return link
