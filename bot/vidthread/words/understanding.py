"""From what a person wrote to a command.

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
    SetLanguage,
    Unclear,
)
from youtube_analysis.patterns import Pattern

from .configuring import configure
from .languages import language_called
from .links import Linked, find_link
from .naming import bare_language, left_language, read_names
from .phrases import (
    COMMANDS,
    EXPORT,
    EXPORT_FILLERS,
    FORMS,
    LANGUAGE,
    OTHER_FORMS,
    POLITE,
    POLITE_PHRASES,
    TYPES,
    Phrase,
)
from .spelling import flat, opened

_LONGEST_COMMAND = 200  # characters; whoever writes more has something to say
_SLASH = re.compile(r"/(?P<name>[a-z]{2,20})(?:@\w{1,64})?(?:\s+|$)", re.IGNORECASE)
_ONLY_MARKS = Pattern(r"[\p{P}\p{Z}\s]*")
_ASKS = re.compile(
    r"[?？؟;]\s*$|\?|(?:^|[.!,;:]\s*)(?:so |and |but |please |hey |hi )?(?:what|who|whom|whose|how|"
    r"why|when|where|which|does|do|did|is|are|was|were|has|have|can|could|should|would|will|tell|"
    r"explain|find|describe|compare|list|was|wer|wen|wem|wie|warum|wieso|wann|wo|welche[rsnm]?|"
    r"ist|sind|hat|erkläre?|que|qu'|quoi|qui|comment|pourquoi|quand|où|quel(?:le)?s?|est-ce|"
    r"qué|quién|cómo|cuándo|dónde|cuál|quem|como|quando|onde|qual|cosa|che|chi|come|perché|dove|"
    r"quale|что|кто|как|почему|когда|где)\b",
    re.IGNORECASE,
)
_NO_LANGUAGE = (
    "I know no language “{name}”. Name it in English, in itself or by its code: "
    "German, Deutsch or de."
)
_NO_FORM = "I cannot export {name}. There are md, json and html."


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
        return configure(text) or Ask(text)
    return configure(text) or _command(flat(text), asks="?" in text) or Ask(text)


def _analyze(linked: Linked, text: str) -> Command:
    asks = _ASKS.search(linked.rest) is not None
    if linked.wrong:
        return Ask(text) if asks else Unclear(linked.wrong)
    if len(linked.rest) > _LONGEST_COMMAND:
        return Analyze(linked.link, question=linked.rest if asks else "")
    named = read_names(flat(linked.rest))
    if named.left and (language := left_language(named)) and not named.language:
        return Analyze(linked.link, named.types, language, named.anew)
    if named.left and asks:
        return Analyze(linked.link, question=linked.rest)
    return Analyze(linked.link, named.types, named.language, named.anew)


def _command(text: str, *, asks: bool) -> Command | None:
    """Of a flat text that is short."""
    words = _without_courtesy(tuple(text.replace("-", " ").split()))
    if command := COMMANDS.get(words) or COMMANDS.get(tuple(text.replace("-", " ").split())):
        return command
    if command := _export(words):
        return command
    if command := _language(text, words, asks=asks):
        return command
    named = read_names(text)
    if named.left or not named.types:
        return None
    return Make(named.types, named.language, named.anew)


def _without_courtesy(words: Phrase) -> Phrase:
    while True:
        shorter = words
        if len(words) > 1:
            shorter = words[words[0] in POLITE : len(words) - (words[-1] in POLITE)]
        for phrase in POLITE_PHRASES:
            if len(shorter) > len(phrase):
                if shorter[: len(phrase)] == phrase:
                    shorter = shorter[len(phrase) :]
                elif shorter[-len(phrase) :] == phrase:
                    shorter = shorter[: -len(phrase)]
        if shorter == words:
            return words
        words = shorter


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
    return Unclear(_NO_FORM.format(name=named[0])) if named[0] in OTHER_FORMS else None


def _language(text: str, words: Phrase, *, asks: bool) -> Command | None:
    if language := bare_language(text):
        return SetLanguage(language)
    named = read_names(text)
    if named.language and not (named.left or named.types):
        return SetLanguage(named.language)
    if words and words[0] in LANGUAGE:
        if len(words) == 1:
            return Unclear("Name a language, such as: language de.")
        if len(words) == 2 and not asks and (words[1],) not in TYPES:
            known = language_called(words[1])
            return SetLanguage(known) if known else Unclear(_NO_LANGUAGE.format(name=words[1]))
    return None
