"""Passages become times and links; times, links and tags of the model's own lose their effect."""

from __future__ import annotations

import regex

from .citations import Citations, link
from .signs import ADDRESS, CITED, REFUSED
from .spoken import SpokenWords
from .stage import HELD, Stage

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
        self.unanswered = False
        self.rules = (
            (_ESCAPED, self._keep),
            (_FENCE, self._leave_out),
            (_BLOCK_QUOTE, self._leave_out),
            (_CITATION, self._cite),
            (_UNANSWERED, self._say_unanswered),
            (_TIME_ASIDE, self._refuse),
            (_LINK, self._unlink),
            (_LINK_END, self._end_link),
            (_ADDRESS_MARK, self._leave_address_out),
            (_URL, self._leave_url_out),
            (_SCHEME, self._leave_out),
            (_TIME, self._judge_time),
            (_TAG, self._escape),
        )

    def put(self, text: str) -> None:
        super().put(text)
        self.citations.read(text)

    def _keep(self, match: regex.Match[str]) -> None:
        self.put(match[0])

    def _leave_out(self, _: regex.Match[str]) -> None:
        """A fence, a block quote's mark, the colon of an address: what they hold is checked like
        the rest."""

    def _refuse(self, _: regex.Match[str]) -> None:
        super().put(REFUSED)

    def _cite(self, match: regex.Match[str]) -> None:
        numbers = [int(number) for number in match.captures("number")]
        if _RANGE.search(match[0]) and len(numbers) == 2:
            numbers = numbers[:1]
        made = self.citations.cite(*numbers)
        links = dict.fromkeys(link(cited.citation) for cited in made)
        space, ends = match["space"], CITED * len(made)
        super().put(f"{space}{' '.join(links)}{ends}" if made else REFUSED)

    def _say_unanswered(self, _: regex.Match[str]) -> None:
        self.unanswered = True

    def _unlink(self, match: regex.Match[str]) -> None:
        """The label stays, as if it had been written without a link."""
        label = match["label"]
        plain = label if any(map(str.isalpha, label)) else f"[{label}]"
        self.held = plain + ADDRESS + self.held

    def _end_link(self, match: regex.Match[str]) -> None:
        """What is left of a link whose label runs over lines or holds brackets."""
        self.put("]" if match["address"] else "] :")
        if match["address"]:
            self.skip_to(_ADDRESS_END)

    def _leave_address_out(self, _: regex.Match[str]) -> None:
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
            super().put(REFUSED)

    def _escape(self, _: regex.Match[str]) -> None:
        self.put("\\<")
