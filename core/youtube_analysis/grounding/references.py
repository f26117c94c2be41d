"""Passages become times and links; times, links and tags of the model's own lose their effect."""

from __future__ import annotations

import regex

from .citations import Citations, link
from .signs import ADDRESS, CITED, REFUSED, without_signs
from .spoken import SpokenWords
from .stage import HELD, Rule, Stage

_ESCAPED = regex.compile(r"\\[!-/:-@\[-`{-~]")
_FENCE = regex.compile(r"(?:`{3,}|~{3,})[\w+-]{0,20}[ \t]{0,4}\n?")
_BLOCK_QUOTE = regex.compile(r"(?<=\n)(?:[ \t]{0,3}>){1,8}[ \t]?")

_LABEL = r"(?:passages?|source|pp?\.?|n[or]\.?|[#§¶^])?[ \t]?"
_NUMBER = rf"{_LABEL}(?P<number>\d{{1,6}})(?:†[^\[\]【】\n]{{0,40}})?"
_SEPARATOR = r"[ \t]?(?:[,;&/–—-]|and|to)[ \t]?"
_CITATION = regex.compile(
    rf"(?P<space>[ \t]{{0,20}})[\[【][ \t]?{_NUMBER}(?:{_SEPARATOR}{_NUMBER}){{0,15}}[ \t]?"
    r"[\]】](?!\()",
    regex.IGNORECASE,
)
_RANGE = regex.compile(r"\d[ \t]?(?:[–—-]|to\b)", regex.IGNORECASE)
_UNANSWERED = regex.compile(
    r"(?<=\n)\[none\](?!\()[ \t]{0,20}|[ \t]{0,20}\[none\](?!\()", regex.IGNORECASE
)

_LINK = regex.compile(rf"!?\[(?P<label>[^\[\]\n]{{0,{HELD - 10}}})\]\(")
_LINK_END = regex.compile(r"\](?:(?P<address>\()|:)")
_ADDRESS_MARK = regex.compile(ADDRESS)
_ADDRESS_END = regex.compile(r"\)|(?=\n)")
_URL = regex.compile(
    r"<?(?<![\p{L}\p{N}])(?:https?://|ftp://|www\.(?=\w)|youtu\.be/|(?:m\.)?youtube\.com/)",
    regex.IGNORECASE,
)
_URL_END = regex.compile(r">|(?=[\s)\]\"”|])")
_SCHEME = regex.compile(r":(?=//)")
# May stand right behind what something was left out of.
_HARMLESS = frozenset(" \t\n.,!?)")
_TAG = regex.compile(r"<(?=[!/?@#:&a-zA-Z\p{N}])")

_JUNK = r"[*_~`\\\u200c\u200d]{0,4}"
_CLOCK = (
    rf"\p{{Nd}}{{1,4}}{_JUNK}(?:[:：∶]{_JUNK}\p{{Nd}}\p{{Nd}}(?!\p{{Nd}}){_JUNK}){{1,2}}"
    r"(?:[.,]\p{Nd}{1,3})?"
)
_SPELLED = (
    r"\d{1,2} ?h(?:(?:ou)?rs?)? ?\d{1,2} ?(?:m(?:in(?:ute)?s?)?)?"
    r"(?: ?\d{1,2} ?s(?:ec(?:ond)?s?)?)?\b"
    r"|\d{1,4} ?(?:m|min|minutes?)\.?,? ?(?:and )?\d{1,2} ?(?:s|sec|seconds?)\b"
    r"|\d{1,4}(?:-| )(?:minute|second)s? mark\b"
    r"|\d{1,4} (?:minutes?|seconds?) in(?:to the (?:video|talk|clip|recording)\b|(?=[,.;:)\n]))"
    r"|(?<!\p{L})(?:minute|time ?stamp|time ?code|t=)[ :#]{0,2}\d{1,5}s?(?!\d)"
)
_TIME = regex.compile(rf"(?<!\p{{Nd}})(?:{_CLOCK}|{_SPELLED})", regex.IGNORECASE)
_ASIDE = r"[^\d\n\[\](){}（）【】“”\"]"
_TIME_ASIDE = regex.compile(
    rf"[ \t]{{0,20}}[\[(（【]{_ASIDE}{{0,16}}{_CLOCK}(?:{_ASIDE}{{1,8}}{_CLOCK}){{0,6}}"
    rf"[^\w\n]{{0,3}}[\])）】](?!\()",
    regex.IGNORECASE,
)


class References(Stage):
    """`unanswered` tells whether the model said, with `[none]`, that the video does not say."""

    start = regex.compile(
        rf"[ \t]+(?=[\[(（【]|$)|[\\`~\[\]【(（<>!{ADDRESS}]|:(?=/|$)|(?<!\p{{Nd}})\p{{Nd}}"
        r"|(?<=\n)[ \t]{1,3}>|(?<![\p{L}\p{N}])[fhmtwyFHMTWY]"
    )

    def __init__(self, spoken: SpokenWords) -> None:
        super().__init__()
        self._spoken = spoken
        self.citations = Citations(spoken)
        self._shown = "\n"  # the last character that went out
        self._left_out = False
        self.unanswered = False
        self.rules = (
            Rule(_ESCAPED, self._keep),
            Rule(_FENCE, self._leave_out),
            Rule(_BLOCK_QUOTE, self._leave_out, margin=4),
            Rule(_CITATION, self._cite),
            Rule(_UNANSWERED, self._say_unanswered),
            Rule(_TIME_ASIDE, self._refuse),
            Rule(_LINK, self._unlink),
            Rule(_LINK_END, self._end_link),
            Rule(_ADDRESS_MARK, self._leave_address_out),
            Rule(_URL, self._leave_url_out),
            Rule(_SCHEME, self._leave_out),
            Rule(_TIME, self._judge_time, margin=16),
            Rule(_TAG, self._escape),
        )

    def put(self, text: str) -> None:
        self._emit(text)
        self.citations.read(text)

    def _emit(self, text: str) -> None:
        """Where something was left out, its neighbours must not become a time, a link or an
        entity: they are kept apart."""
        visible = without_signs(text)
        if self._left_out and visible:
            apart = visible[0] not in _HARMLESS and self._shown not in " \t\n"
            text = f" {text}" if apart else text
            self._left_out = False
        self._shown = visible[-1:] or self._shown
        super().put(text)

    def _keep(self, match: regex.Match[str]) -> None:
        self.put(match[0])

    def _leave_out(self, _: regex.Match[str]) -> None:
        """A fence, a block quote's mark, the colon of an address: what they hold is checked like
        the rest."""
        self._left_out = True

    def _refuse(self, _: regex.Match[str]) -> None:
        self._emit(REFUSED)
        self._left_out = True

    def _cite(self, match: regex.Match[str]) -> None:
        numbers = [int(number) for number in match.captures("number")]
        if _RANGE.search(match[0]) and len(numbers) == 2:
            numbers = numbers[:1]
        made = self.citations.cite(*numbers)
        if not made:
            self._refuse(match)
            return
        links = dict.fromkeys(link(cited.citation) for cited in made)
        self._emit(f"{match['space']}{' '.join(links)}{CITED * len(made)}")

    def _say_unanswered(self, _: regex.Match[str]) -> None:
        self.unanswered = True
        self._left_out = True

    def _unlink(self, match: regex.Match[str]) -> None:
        """The label stays, as if it had been written without a link."""
        label = match["label"]
        plain = label if any(map(str.isalpha, label)) else f"[{label}]"
        self._left_out = True
        self.held = plain + ADDRESS + self.held

    def _end_link(self, match: regex.Match[str]) -> None:
        """What is left of a link whose label runs over lines or holds brackets."""
        self.put("]" if match["address"] else "] :")
        if match["address"]:
            self._left_out = True
            self.skip_to(_ADDRESS_END)

    def _leave_address_out(self, _: regex.Match[str]) -> None:
        self._left_out = True
        self.skip_to(_ADDRESS_END)

    def _leave_url_out(self, _: regex.Match[str]) -> None:
        self.put("…")
        self.skip_to(_URL_END)

    def _judge_time(self, match: regex.Match[str]) -> None:
        """A time that the speaker names is the speaker's; every other one is made up."""
        if self._spoken.locate(match[0]):
            self.put(match[0])
        else:
            self.put("…")
            self._emit(REFUSED)

    def _escape(self, _: regex.Match[str]) -> None:
        self.put("\\<")
