"""From what a person wrote to a command, and whether it is for the bot at all.

What is no command word for word is a question: “should I stop?” stops nothing.
"""

from __future__ import annotations

import re

from vidthread.commands import (
    Analyze,
    Ask,
    Command,
    Export,
    Help,
    Make,
    SetChannels,
    SetDefaultLanguage,
    SetDefaultModel,
    SetDefaultStyle,
    SetDefaultTypes,
    SetLanguage,
    Unclear,
)
from youtube_analysis.errors import InvalidLink
from youtube_analysis.models.style import LONGEST_INSTRUCTION, Length
from youtube_analysis.patterns import Pattern

from .naming import (
    Linked,
    Named,
    bare_language,
    find_link,
    language_called,
    left_language,
    read_names,
    says_nothing,
)
from .phrases import (
    COMMANDS,
    COURTESIES,
    EVERYWHERE,
    EXPORT,
    EXPORT_FILLERS,
    FORMS,
    LANGUAGE,
    LENGTHS,
    OTHER_FORMS,
    OWN,
    QUESTIONS,
    REACTIONS,
    TYPES,
    Phrase,
    flat,
    opened,
)

_LONGEST_COMMAND = 200  # characters; whoever writes more has something to say
_SLASH = re.compile(r"/(?P<name>[a-z]{2,20})(?:@\w{1,64})?(?:\s+|$)", re.IGNORECASE)
# Beside a link alone, for whom the texts are to be.
_AUDIENCE = re.compile(r"(?P<instruction>(?:for|für|pour|para|per)\s[^:?\n]{2,80}):", re.IGNORECASE)
_ONLY_MARKS = Pattern(r"[\p{P}\p{Z}\s]*")
_SETTING = re.compile(
    r"/?settings?\s+(?:set\s+)?(?P<name>channels?|language|types?|model|length|instructions?)\b"
    r"[\s:=]*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
# As Discord and Slack write a channel that was chosen; a bare id is taken too.
_CHANNEL = re.compile(r"<#(?P<chosen>[A-Za-z0-9]{1,32})(?:\|[^<>]{0,100})?>")
_BARE_IDS = re.compile(
    r"(?:[CG][A-Z0-9]{8,20}|\d{15,20})(?:[\s,]+(?:[CG][A-Z0-9]{8,20}|\d{15,20}))*"
)
_HOW = Unclear("unclear.settings")
_OPENS_WITH_A_NAME = Pattern(r"[\s\p{Cf}]*+(?:@\p{L}|<(?:@|!))")
_PICTURES = Pattern(
    r"(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\s\p{Cf}\p{P}\uFE0F]"
    r"|<a?:\w{1,64}:\d{1,32}>|:[\w+\-]{1,64}:)*+"
)
_LAUGHTER = Pattern(r"(?:ha|he|ja|je|kk){2,20}h?|l+o+l+|x+d+|r?o?t?fl|lmf?ao|www+")
_LONGEST_REACTION = 40
_QUESTION_MARK = re.compile("[?？؟;՞]")


def understand(text: str, *, attached: bool = False) -> Command:
    """The command that a person means by a message. With a captions file `attached`, it is about
    that file."""
    text = opened(text)
    if attached:
        linked = find_link(text)
        return _analyze(Linked(linked.rest if linked else text), "")
    if slash := _SLASH.match(text):
        rest = text[slash.end() :].strip()
        if slash["name"].lower() == "ask" and rest:
            return Ask(rest)
        text = f"{slash['name']} {rest}".strip()
    if _ONLY_MARKS.fullmatch(text):
        return Help()
    if linked := find_link(text):
        return _analyze(linked, text)
    if len(text) > _LONGEST_COMMAND:
        return _configure(text) or Ask(text)
    return _configure(text) or _command(flat(text), asks="?" in text) or Ask(text)


def _analyze(linked: Linked, text: str) -> Command:
    """What is named beside a link is made; what else is said there is asked."""
    link, rest = linked.link, linked.rest
    if linked.wrong:
        return Ask(text) if "?" in rest else wrong_with(linked.wrong)
    if len(rest) > _LONGEST_COMMAND:
        return Analyze(link, question=rest)
    if length := LENGTHS.get(flat(rest)):
        return Analyze(link, length=length)
    named = read_names(flat(rest))
    audience = None if linked.behind.strip() else _AUDIENCE.fullmatch(rest)
    if audience and not says_nothing(named.left):
        return Analyze(link, instruction=audience["instruction"])
    if language := left_language(named, linked.behind):
        return Analyze(link, named.types, language, named.anew)
    if named.left and ("?" in rest or not says_nothing(named.left)):
        return Analyze(link, question=rest)
    return Analyze(link, named.types, named.language, named.anew, length=named.length)


def _command(text: str, *, asks: bool) -> Command | None:
    """Of a flat text that is short."""
    written = tuple(text.replace("-", " ").split())
    words = _without_courtesy(written)
    if command := COMMANDS.get(words) or COMMANDS.get(written) or _export(words):
        return command
    named = read_names(text)
    if command := _language(text, words, named, asks=asks):
        return command
    if named.left or not named.types:
        return None
    return Make(named.types, named.language, named.anew, named.length)


def wrong_with(link: InvalidLink) -> Unclear:
    return Unclear(f"error.{link.key}")


def unknown_language(name: str) -> Unclear:
    return Unclear("unclear.unknown_language", name[:50])


def _without_courtesy(words: Phrase) -> Phrase:
    """Something is left in any case."""
    shorter = words
    for phrase in COURTESIES:
        if len(shorter) <= len(phrase):
            continue
        if shorter[: len(phrase)] == phrase:
            shorter = shorter[len(phrase) :]
        elif shorter[-len(phrase) :] == phrase:
            shorter = shorter[: -len(phrase)]
    return words if shorter == words else _without_courtesy(shorter)


def _export(words: Phrase) -> Command | None:
    """`export it as html`, `json export`; a form that there is not is named."""
    if not any(word in EXPORT for word in words):
        return None
    named = [word for word in words if word not in EXPORT and word not in EXPORT_FILLERS]
    if not named:
        return Export(FORMS["md"])
    if len(named) > 1:
        return None
    if named[0] in FORMS:
        return Export(FORMS[named[0]])
    return Unclear("unclear.form", named[0]) if named[0] in OTHER_FORMS else None


def _language(text: str, words: Phrase, named: Named, *, asks: bool) -> Command | None:
    if language := bare_language(text):
        return SetLanguage(language)
    if named.language and not (named.left or named.types):
        return SetLanguage(named.language)
    if words and words[0] in LANGUAGE:
        if len(words) == 1:
            return Unclear("unclear.language")
        if len(words) == 2 and not asks and (words[1],) not in TYPES:
            known = language_called(words[1])
            return SetLanguage(known) if known else unknown_language(words[1])
    return None


# --- settings of a workspace ---


def _configure(text: str) -> Command | None:
    """None for what changes no setting."""
    match = _SETTING.fullmatch(text.strip())
    if match is None:
        return None
    name, value = match["name"].lower().rstrip("s"), match["value"].strip()
    match name:
        case "channel":
            return _set_channels(value)
        case "language":
            return _set_language(value)
        case "type":
            return _set_types(value)
        case "model":
            return _set_model(value)
        case "length":
            length = Length.NORMAL if flat(value) in OWN else LENGTHS.get(flat(value))
            return SetDefaultStyle(length=length) if length else _HOW
    return _set_instruction(value)


def _set_channels(value: str) -> Command:
    chosen = tuple(dict.fromkeys(found["chosen"] for found in _CHANNEL.finditer(value)))
    if _BARE_IDS.fullmatch(value):
        chosen = tuple(dict.fromkeys(re.split(r"[\s,]+", value)))
    if chosen:
        return SetChannels(chosen)
    return SetChannels(()) if flat(value) in EVERYWHERE else _HOW


def _set_language(value: str) -> Command:
    if flat(value) in OWN:
        return SetDefaultLanguage(None)
    if not value:
        return _HOW
    language = language_called(flat(value))
    return SetDefaultLanguage(language) if language else unknown_language(value)


def _set_types(value: str) -> Command:
    if flat(value) in OWN:
        return SetDefaultTypes(())
    if not value:
        return _HOW
    named = read_names(flat(value))
    unknown = named.left or not named.types
    return Unclear("unclear.types", value[:50]) if unknown else SetDefaultTypes(named.types)


def _set_model(value: str) -> Command:
    """The listed names are not known here, so any name is taken."""
    if flat(value) in OWN:
        return SetDefaultModel(None)
    return SetDefaultModel(value) if value else _HOW


def _set_instruction(value: str) -> Command:
    if flat(value) in OWN:
        return SetDefaultStyle(instruction="")
    if len(value) > LONGEST_INSTRUCTION:
        return long_instruction()
    return SetDefaultStyle(instruction=value) if value else _HOW


def long_instruction() -> Unclear:
    return Unclear("unclear.instruction", str(LONGEST_INSTRUCTION))


# --- for whom it is ---


def addresses_bot(text: str) -> bool:
    """Whether what is said to us wants an answer; to be called without a word is to ask."""
    return not text.strip() or not _is_reaction(text)


def asks_question(text: str) -> bool:
    """Whether what is said to nobody asks something, of anybody: a link and a name are meant for
    others."""
    if _OPENS_WITH_A_NAME.match(text) or _is_reaction(text) or find_link(text):
        return False
    words = flat(text[:_LONGEST_COMMAND]).split()
    return bool(words) and (bool(_QUESTION_MARK.search(text)) or words[0] in QUESTIONS)


def _is_reaction(text: str) -> bool:
    """“?” asks for help; other signs and pictures, and a word of thanks, ask for nothing."""
    if "?" in text or len(text) > 4000:
        return False
    if _PICTURES.fullmatch(text):
        return True
    words = flat(text[: _LONGEST_REACTION + 1]).split() if len(text) <= _LONGEST_REACTION else []
    return bool(words) and all(w in REACTIONS or _LAUGHTER.fullmatch(w) for w in words)
