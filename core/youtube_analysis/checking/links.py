"""Links, addresses, tags and fences of a model's own lose their effect."""

from __future__ import annotations

import regex

from youtube_analysis.patterns import Pattern

from .signs import ADDRESS, APART, BRACKET, TICK
from .stage import HELD, Rule, Stage

_ESCAPED = Pattern(r"\\[!-/:-@\[-`{-~]")
_FENCE = Pattern(r"(?:`{3,}|~{3,})(?:(?:[a-zA-Z][\w+-]{0,20})?[ \t]{0,4}\n)?")
_CODE = Pattern(rf"(?P<tick>`{{1,2}})(?P<code>[^`{TICK}\n]+)(?={TICK})")
_CODE_NUMBERS = Pattern(r"\[(?=[\d ,;:–-]{0,40}\](?!\())")
_CITATION_ALONE = Pattern(r"\[\d+\]")
_LINK = Pattern(r"!?\[(?P<label>[^\[\]\n]*)\]\(")
_LINK_END = Pattern(r"\]\(")
_LINKED = Pattern(
    rf"{ADDRESS}[ \t]{{0,3}}(?P<place><[^<>\n]*>|(?:[^\s()]++|\([^\s()]*\))*+)"
    r"(?:[ \t]{1,3}[\"'(“][^\"'()“”\n]*[\"')”])?[ \t]{0,3}\)"
)
_LINKED_FAR = Pattern(rf"{ADDRESS}[!-~]{{{HELD - 10}}}")
# Words in brackets behind brackets are none: `see [1](and the rest)`.
_ADDRESS = Pattern(r"<.*|.*[:/.#?=@%&\\].*|")
_NO_LINK = Pattern(ADDRESS)
_LINK_FAR_END = Pattern(r"\)|(?=\s)")
_URL = Pattern(
    r"<?(?<![\p{L}\p{N}])(?:https?://|ftp://|www\.(?=\w)|youtu\.be/|(?:m\.)?youtube\.com/)",
    regex.IGNORECASE,
)
_URL_END = Pattern(r">|(?=[\s)\]\"”|])")
_SCHEME = Pattern(r":(?=//)")
# May stand right behind what something was left out of.
_HARMLESS = frozenset(" \t\n.,!?)")
_TAG = Pattern(r"<(?=[!/?@#:&a-zA-Z\p{N}])")


class Links(Stage):
    """What a link shows stays, as if it had been written without the link."""

    start = Pattern(rf"[\\`~\[\]<!{ADDRESS}]|:(?=/|$)|(?<![\p{{L}}\p{{N}}])[fhmwyFHMWY]")

    def __init__(self) -> None:
        super().__init__()
        self._shown = "\n"  # the last character that went out
        self._left_out = False
        self.rules = (
            Rule(_ESCAPED, self._keep, begins="\\"),
            Rule(_FENCE, self._leave_out, margin=30, begins="`~"),
            Rule(_CODE, self._read_code, begins="`"),
            Rule(_LINK, self._unlink, begins="!["),
            Rule(_LINK_END, self._end_link, begins="]"),
            Rule(_LINKED, self._leave_address_out, margin=60, begins=ADDRESS),
            Rule(_LINKED_FAR, self._leave_far_address_out, begins=ADDRESS),
            Rule(_NO_LINK, self._keep_bracket, begins=ADDRESS),
            Rule(_URL, self._leave_url_out, begins="<fhmwyFHMWY"),
            Rule(_SCHEME, self._leave_out, begins=":"),
            Rule(_TAG, self._escape, begins="<"),
        )

    def put(self, text: str) -> None:
        """Where something was left out, its neighbours must not become a link or an entity: they
        are kept apart."""
        if self._left_out and text:
            apart = text[0] not in _HARMLESS and self._shown not in " \t\n"
            text = f"{APART}{text}" if apart else text
            self._left_out = False
        self._shown = text[-1:] or self._shown
        super().put(text)

    def _keep(self, match: regex.Match[str]) -> None:
        self.put(match[0])

    def _leave_out(self, _: regex.Match[str]) -> None:
        """What it holds is checked like the rest."""
        self._left_out = True

    def _read_code(self, match: regex.Match[str]) -> None:
        """Numbers in brackets are no citations there, unless there is nothing else."""
        code = match["code"]
        self.put(match["tick"])
        if not _CITATION_ALONE.fullmatch(code):
            code = _CODE_NUMBERS.sub(BRACKET, code)
        self.again(match, code)

    def _unlink(self, match: regex.Match[str]) -> None:
        label = match["label"]
        numbers = label and not any(map(str.isalpha, label))
        self._left_out = self._left_out or not numbers
        self.again(match, (f"[{label}]" if numbers else label) + ADDRESS)

    def _end_link(self, match: regex.Match[str]) -> None:
        """What is left of a link whose label runs over lines or holds brackets."""
        self.put("]")
        self.again(match, ADDRESS)

    def _keep_bracket(self, _: regex.Match[str]) -> None:
        self.put(" (")

    def _escape(self, _: regex.Match[str]) -> None:
        self.put("\\<")

    def _leave_address_out(self, match: regex.Match[str]) -> None:
        if _ADDRESS.fullmatch(match["place"]):
            self._left_out = True
        else:
            self.again(match, f" ({match[0][1:]}")

    def _leave_far_address_out(self, _: regex.Match[str]) -> None:
        self._left_out = True
        self.skip_to(_LINK_FAR_END)

    def _leave_url_out(self, _: regex.Match[str]) -> None:
        self.put("…")
        self.skip_to(_URL_END)
