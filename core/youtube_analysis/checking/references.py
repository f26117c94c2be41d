"""Passages become times and links; times of the model's own are left out."""

from __future__ import annotations

from functools import partial

import regex

from youtube_analysis.patterns import Pattern

from .citations import NUMBERED, Citations, link
from .signs import CITED, REFUSED, with_marks_only, without_signs
from .spoken import SpokenWords
from .stage import Rule, Stage
from .times import BRACKETS, TIME_ASIDE, TIME_START, TIMES, Notation
from .visible import ENTITY

_ESCAPED = Pattern(r"\\[!-/:-@\[-`{-~]")
_CITATION = Pattern(rf"(?P<space>[ \t]{{0,20}}){NUMBERED}(?!\()", regex.IGNORECASE)
_RANGE = Pattern(r"\d[ \t]?(?:[–—-]|to\b)", regex.IGNORECASE)
# Passages count from one: this is code.
_INDEX = Pattern(r"(?<=(?<![\p{L}\p{N}])[\p{L}_])\[0\]")
_UNANSWERED = Pattern(
    r"(?<=\n)\[none\](?!\()[ \t]{0,20}|[ \t]{0,20}\[none\](?!\()", regex.IGNORECASE
)
# A block quote begins a line, or an item of a list, or a block quote.
_BLOCK_QUOTE = Pattern(r">[ \t]?")
_BEGUN_LINE = Pattern(r"\n(?:[ \t>]|[-*+•] |\d{1,3}[.)] |\[[ xX]\] )*+\Z")
# What was left out may have brought together what makes a link or an entity.
_LINK = Pattern(rf"\]{REFUSED}{{0,3}}(?=[(:])")
_ENTITY = Pattern(ENTITY)
_ASIDE = " \t\\" + BRACKETS
_MARKUP = Pattern(r"`+|\*+|_+|~+")
# May stand right behind what something was left out of.
_HARMLESS = frozenset(" \t\n.,!?)")


class References(Stage):
    """`unanswered` tells whether the model said, with `[none]`, that the video does not say."""

    start = Pattern(rf"[ \t]{{1,20}}(?=\\?[\{BRACKETS}]|\\?$)|[\\\]&>\{BRACKETS}]|{TIME_START}")

    def __init__(self, spoken: SpokenWords) -> None:
        super().__init__()
        self._spoken = spoken
        self.citations = Citations(spoken)
        self._shown = "\n"  # the end of what went out
        self._left_out = False
        self.unanswered = False
        self.rules = (
            Rule(TIME_ASIDE, self._refuse, begins=_ASIDE),
            Rule(_ESCAPED, self._keep, begins="\\"),
            Rule(_INDEX, self._keep, begins="["),
            Rule(_CITATION, self._cite, begins=_ASIDE),
            Rule(_UNANSWERED, self._say_unanswered, begins=_ASIDE),
            Rule(_BLOCK_QUOTE, self._judge_block_quote, begins=">"),
            Rule(_LINK, self._part_link, margin=4, begins="]"),
            Rule(_ENTITY, self._part_entity, begins="&"),
            *(
                Rule(
                    notation.written,
                    partial(self._judge_time, notation),
                    margin=64,
                    begins=notation.begins,
                    behind=notation.before,
                )
                for notation in TIMES
            ),
        )

    def put(self, text: str) -> None:
        self._emit(text)
        self.citations.read(text)

    def _emit(self, text: str) -> None:
        """Where something was left out, its neighbours must not become a time or a link: they are
        kept apart."""
        visible = without_signs(with_marks_only(text))
        if self._left_out and visible:
            if visible[0] not in _HARMLESS and self._shown[-1] not in " \t\n":
                super().put("… " if self._shown[-1].isnumeric() else " ")
            self._left_out = False
        self._shown = (self._shown + visible)[-40:]
        super().put(text)

    def _keep(self, match: regex.Match[str]) -> None:
        self.put(match[0])

    def _refuse(self, _: regex.Match[str]) -> None:
        """Emphasis of nothing would be no emphasis."""
        emphasis = self._shown[-1] in "*_~`"
        self._emit(f"…{REFUSED}" if emphasis else REFUSED)
        self._left_out = not emphasis

    def _cite(self, match: regex.Match[str]) -> None:
        numbers = [int(number) for number in match.captures("number")]
        if _RANGE.search(match[0]) and len(numbers) == 2:
            numbers = numbers[:1]
        refused = self.citations.refused
        made = self.citations.cite(*numbers)
        if refused:
            self._left_out = True  # that there was something is marked already
            return
        if not made:
            self._refuse(match)
            return
        links = dict.fromkeys(link(cited.citation) for cited in made)
        self._emit(f"{match['space']}{' '.join(links)}{CITED * len(made)}")

    def _say_unanswered(self, _: regex.Match[str]) -> None:
        self.unanswered = True
        self._left_out = True

    def _judge_time(self, notation: Notation, match: regex.Match[str]) -> None:
        """A time that the speaker names is the speaker's; every other one is made up."""
        before = notation.before and notation.before.match(self.text, match.start())
        cue = before.groupdict().get("cue", "") if before else ""
        if self._spoken.locate(f"{cue}{match[0]}"):
            self.put(match[0])
            return
        marks = _MARKUP.findall(with_marks_only(match[0]))
        self.put("…" + "".join(mark for mark in dict.fromkeys(marks) if marks.count(mark) % 2))
        self._emit(REFUSED)

    def _judge_block_quote(self, match: regex.Match[str]) -> None:
        if not _BEGUN_LINE.search(self._shown):
            self.put(match[0])

    def _part_link(self, match: regex.Match[str]) -> None:
        self.put(f"{match[0]} ")

    def _part_entity(self, match: regex.Match[str]) -> None:
        self.put(f"& {match[0][1:]}")
