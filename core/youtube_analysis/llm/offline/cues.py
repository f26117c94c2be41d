"""What a sentence does rather than what it is about: greets, advises, points at the screen…

One lexicon a language lies in `lexicons/`; a language without one has none of these cues, and
salience decides alone. Its keys, each a list of alternatives (regular expressions):

lead           may be dropped from the front of a sentence
dangling       at its start: needs the sentence before to be understood
loose_end      at its end: points at something said elsewhere
chatter        greetings, thanks, applause lines, sponsors, housekeeping
staging        talk about the talk, or about what is on the screen
advice         tells the listener what to do; so does a first word out of `imperatives`
warning        tells what not to do; `warning_start` only at the start of a sentence
weight         the speaker says that this matters
gist           sums up what the talk is about
defines        says what something is
vague          words that name no subject in a title
determiners    words after which a noun comes
before_verbs   words after which a verb comes
turns          at the start of a sentence: the talk goes on to something else
words          whether the alternatives are whole words, or stand anywhere

`[question]` holds what a question is framed in: frame, asking (terms that ask without naming a
subject), define, who, how_much. `[spoken_tags]` and `[title_tags]` tell the kind of a video,
`[subjects]` its category; their keys are members of ContextTag and values of ContentCategory.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import regex

from youtube_analysis.models.analysis import ContentCategory, ContextTag
from youtube_analysis.passages.words import base_language
from youtube_analysis.patterns import Pattern

_QUESTION_KEYS = ("frame", "define", "who", "how_much")
_NEVER = Pattern(r"(?!)")
_AFTER_LEAD = r"(?:,|\s--|\s–|、|，|،)?"
_BEFORE_IMPERATIVE = (
    r"(?:(?:please|just|simply|always|instead|then|next|first|second|third|finally),? )?"
)
# `use` begins advice, `use is` a remark on use.
_NOT_A_NOUN = r"\s(?!is\b|was\b|are\b|were\b|that\b|of\b|to\b)"


@dataclass(frozen=True, slots=True)
class Cues:
    lead: Pattern = _NEVER
    dangling: Pattern = _NEVER
    loose_end: Pattern = _NEVER
    chatter: Pattern = _NEVER
    staging: Pattern = _NEVER
    advice: Pattern = _NEVER
    warning: Pattern = _NEVER
    weight: Pattern = _NEVER
    gist: Pattern = _NEVER
    defines: Pattern = _NEVER
    vague: Pattern = _NEVER
    turns: Pattern = _NEVER
    frame: Pattern = _NEVER
    define: Pattern = _NEVER
    who: Pattern = _NEVER
    how_much: Pattern = _NEVER
    asking: tuple[str, ...] = ()
    determiners: frozenset[str] = frozenset()
    before_verbs: frozenset[str] = frozenset()
    spoken_tags: Mapping[ContextTag, Pattern] = field(default_factory=dict)
    title_tags: Mapping[ContextTag, Pattern] = field(default_factory=dict)
    subjects: Mapping[ContentCategory, tuple[str, ...]] = field(default_factory=dict)


@cache
def cues_for(language: str) -> Cues:
    """The cues of a language code such as `en-US`. Reads its lexicon the first time."""
    file = resources.files(__package__).joinpath("lexicons", f"{base_language(language)}.toml")
    if not base_language(language).isalpha() or not file.is_file():
        return Cues()
    return _compile(tomllib.loads(file.read_text(encoding="utf-8")))


def _compile(lexicon: Mapping[str, Any]) -> Cues:
    whole = bool(lexicon["words"])
    gap = r"\s+" if whole else r"\s*"

    def anywhere(key: str) -> str:
        return _either(lexicon.get(key, ()), whole=whole)

    imperative = _either(lexicon.get("imperatives", ()), whole=whole)
    question = lexicon.get("question", {})
    framed = {key: _either(question.get(key, ()), whole=whole) for key in _QUESTION_KEYS}
    return Cues(
        lead=_pattern(rf"^(?:{anywhere('lead')}{_AFTER_LEAD}{gap})+"),
        dangling=_pattern(rf"^{anywhere('dangling')}"),
        loose_end=_pattern(rf"{anywhere('loose_end')}\W*$"),
        chatter=_pattern(anywhere("chatter")),
        staging=_pattern(anywhere("staging")),
        advice=_pattern(rf"{anywhere('advice')}|^{_BEFORE_IMPERATIVE}{imperative}{_NOT_A_NOUN}"),
        warning=_pattern(rf"{anywhere('warning')}|^{anywhere('warning_start')}"),
        weight=_pattern(anywhere("weight")),
        gist=_pattern(anywhere("gist")),
        defines=_pattern(anywhere("defines")),
        vague=_pattern(rf"^{anywhere('vague')}$"),
        turns=_pattern(rf"^(?:{anywhere('lead')}{_AFTER_LEAD}{gap})*{anywhere('turns')}"),
        frame=_pattern(framed["frame"]),
        define=_pattern(rf"^\W*{framed['define']}"),
        who=_pattern(framed["who"]),
        how_much=_pattern(framed["how_much"]),
        asking=tuple(question.get("asking", ())),
        determiners=frozenset(lexicon.get("determiners", ())),
        before_verbs=frozenset(lexicon.get("before_verbs", ())),
        spoken_tags=_tags(lexicon.get("spoken_tags", {}), whole=whole),
        title_tags=_tags(lexicon.get("title_tags", {}), whole=whole),
        subjects={
            ContentCategory(name): tuple(words)
            for name, words in lexicon.get("subjects", {}).items()
        },
    )


def _tags(lists: Mapping[str, Sequence[str]], *, whole: bool) -> dict[ContextTag, Pattern]:
    return {
        ContextTag[name.upper()]: _pattern(_either(signs, whole=whole))
        for name, signs in lists.items()
    }


def _either(alternatives: Sequence[str], *, whole: bool) -> str:
    if not alternatives:
        return _NEVER.pattern
    joined = "|".join(alternatives)
    return rf"(?<!\w)(?:{joined})(?!\w)" if whole else f"(?:{joined})"


def _pattern(pattern: str) -> Pattern:
    return Pattern(pattern, regex.IGNORECASE)
