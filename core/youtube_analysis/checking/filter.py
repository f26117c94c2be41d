"""The filter that a model's text passes while it streams: what stays is text and `[n]`.

The text is cut into segments at places that the text alone decides, so the result never depends
on the chunks it came in. Each segment is cleaned by a handful of patterns; none is longer than
HELD characters, which bounds both the wait and the work.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, partial
from importlib import resources

import regex

from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.patterns import Pattern

from .literal import visible

# Passages count from one; `\[12\]` is what a speaker wrote or said.
CITED = re.compile(r"(?<!\\)\[([1-9]\d{0,5})\](?!\()")
# The longest that a bracket which has opened, or a word without an end, is waited for (characters).
HELD = 600
# What code alone may write behind a sentence that nothing in the video backs.
MARK = "⚠ Not found in the video"

# White space and what follows it up to the next, brackets of one line whole. One that is still
# open where the text ends takes all of it: then this is no segment yet. In round brackets only
# citations matter, and those are short.
_SEGMENT = Pattern(
    r"[ \t\n]*+(?:[^ \t\n\[【［(`]++|\[[^\]\n]*+(?:\]|\Z)|[【［][^】］\n]*+(?:[】］]|\Z)"
    r"|\([^)\n]{0,60}+(?:\)|\Z)|`[^`\n]{0,60}+(?:`|\Z)|[^ \t\n])++(?=[ \t\n])"
)

# Most segments: a word, with what may stand around it.
_PLAIN = Pattern(r"[ \n]*[\w,;!?'\"“”’«»*_#–-]*[.:]?")
_LABEL = r"(?:(?:cite|citation|passages?|source|ref|p|pp|no|nr)\.?[ \t]?:?[ \t]?|[#^§])?"
_NUMBERS = rf"{_LABEL}\d{{1,6}}\^?(?:[ \t]?(?:[,;&–—-]|and|to)[ \t]?{_LABEL}\d{{1,6}}\^?){{0,15}}"
# Times that a model puts behind a number are its own guess.
_GUESSED = (
    r"(?:(?:[ \t]?[,;@(][ \t]?|:?[ \t])\d{1,3}(?::[0-5]\d){1,2}"
    r"(?:[ \t]?[–—-][ \t]?\d[\d:]{0,8})?\)?)?[.,;]?"
)
_CITATION = Pattern(
    rf"(?P<space>[ \t]{{0,3}})(?:(?<!\\)\[[ \t]?(?P<in>{_NUMBERS}){_GUESSED}[ \t]?\]"
    r"(?:\([^()\s]*\))?"
    rf"|[【［][ \t]?(?P<in>{_NUMBERS}){_GUESSED}[ \t]?(?:†[^】］\n]*)?[】］]"
    rf"|\((?:see[ \t])?(?P<in>(?:passages?|source)[ \t]{_NUMBERS})\))",
    regex.IGNORECASE | regex.VERSION1,
)
_ESCAPED = Pattern(rf"\\\[([ \t]?{_NUMBERS}[ \t]?)\\\]", regex.IGNORECASE)
_RANGE = Pattern(r"(\d+)[ \t]?(?:[–—-]|to)[ \t]?[^\d,;&]*(\d+)|(\d+)", regex.IGNORECASE)
_LONGEST_RANGE = 15
_IMAGE_OR_LINK = Pattern(r"!?\[(?P<label>[^\[\]]*)\]\([^()\s]*(?:[ \t]+[\"'(][^()\n]*)?\)")
_SCHEME = Pattern(
    r"<?(?:\b[a-z][a-z0-9+.-]{1,20})?:/{2,}|\b(?:javascript|data|mailto|tel):(?=\S)", regex.I
)
# What may be an address: a host, with what may stand around it.
_ADDRESS = Pattern(
    r"(?<![\p{L}\p{N}@./])/*+@?(?P<mailbox>[\w.+-]{1,64}+@)?"
    r"(?P<host>(?:[\p{L}\p{N}]++(?:[_-]++[\p{L}\p{N}]++)*+\.)+(?P<last>xn--[\w-]++|\p{L}{2,}+)"
    r"|(?:\d{1,3}\.){3}\d{1,3}(?=[:/]))(?![\p{L}\p{N}.-]*[\p{L}\p{N}])(?::\d+)?"
    r"(?P<path>[/?#][^\s`<>()\[\]]*[^\s`<>()\[\].,;:!?'\"”’*_])?",
    regex.I,
)
_TAG = Pattern(r"(?<!\\)<(?=[\p{L}/!?@#:&])")
_CALL = Pattern(r"@(?=everyone|here|channel|all\b)", regex.I)
# A bracket that makes a link, or a link's definition at the beginning of a line.
_JOINT = Pattern(r"\](?=\()|(?<=\n[ \t]{0,3}\[[^\[\]\n]{0,100})\](?=:)")
# Escapes and entities that a page would turn into the sign they stand for.
_DISGUISED = Pattern(r"&(?=#?\w{1,31};)|\\(?=[:\d])")
# In code a number in brackets is an index.
_INDEX_IN_CODE = Pattern(r"(?<!`)`([^`\n]*\w\[\d{1,6}\][^`\n]*)`(?!`)")
_NONE = Pattern(r"[ \t]*\[[ \t]?none[ \t]?\][ \t]*", regex.I)
_AROUND_NONE = ' \t\n*_>"“'
_CLOCK = Pattern(
    r"(?P<open>[ \t]{0,3}[(\[【［@~]{0,2}[ \t]?)"
    r"(?<![\d:.,])(?P<clock>\d{1,3}(?::[0-5]\d){1,2})(?!\d|:\d)"
    r"(?:[ \t]?[–—-][ \t]?\d{1,3}(?::[0-5]\d){1,2}(?!\d|:\d))?(?P<close>[ \t]?[)\]】］]{0,2})"
)
# With the name of a language.
_CODE_MARK = Pattern(r"(?:`{3,}|~{3,})(?:\p{L}[\w+-]{0,15}(?=\s|$))?")


class StreamFilter:
    """Takes a model's text in chunks of any size and gives out what may be shown, at once.

    Citations in any of the forms that models use become `[n]`; numbers without a passage go.
    Links, images, tags and calls lose their effect, addresses are shown as code. A clock time
    stays only where the talk says it. `unanswered` tells whether the text began with `[none]`,
    by which a model says that the video does not tell.
    """

    def __init__(self, reading: Transcript) -> None:
        self._count = len(reading.passages)
        self._clocks = spoken_clocks(reading)
        self._held = ""
        self._shown: list[str] = []
        self._before = "\n"  # the last character that was shown
        self._begun = False
        self._ticked = False  # whether the model has begun code, or ended it
        self.unanswered = False

    @property
    def shown(self) -> str:
        """All that was given out so far."""
        return "".join(self._shown)

    def feed(self, delta: str) -> str:
        """What may be shown now."""
        self._held += delta
        return self._give(self._whole_segments())

    def close(self) -> str:
        """What was still held back."""
        return self._give([self._held])

    def _whole_segments(self) -> Iterator[str]:
        begin, length = 0, len(self._held)
        while begin < length:
            if found := _SEGMENT.match(self._held, begin, begin + HELD):
                end = found.end()
            elif length - begin > HELD:
                end = begin + HELD
            else:  # The next chunk may go on with it.
                break
            yield self._held[begin:end]
            begin = end
        self._held = self._held[begin:]

    def _give(self, segments: Iterable[str]) -> str:
        text = "".join(map(self._clean, segments))
        self._shown.append(text)
        return text

    def _clean(self, segment: str) -> str:
        if self._begun and self._before != " " and _PLAIN.fullmatch(segment):
            self._before = segment[-1:] or self._before
            return segment
        text = visible(segment).replace(MARK[0], "").replace(":warning:", "")
        text = _ESCAPED.sub(r"[\1]", text.replace("&amp;", "&"))
        text = _INDEX_IN_CODE.sub(_escape_index, _DISGUISED.sub(_part, text))
        if _NONE.search(text):
            first = not self._begun and _NONE.match(text.lstrip(_AROUND_NONE)) is not None
            self.unanswered = self.unanswered or first
            text = _NONE.sub(" ", text)
            text = text.strip(_AROUND_NONE) if first else text
        # Twice, for a link may hold an image.
        text = _IMAGE_OR_LINK.sub(_label, _IMAGE_OR_LINK.sub(_label, text))
        text = _CLOCK.sub(self._judge_clock, _CITATION.sub(self._cite, text))
        self._ticked, ticked = self._ticked or "`" in text, self._ticked
        text = _inert(text, ticked=ticked)  # behind what is left out: that may join a tag
        # Last, because what was removed may have joined two brackets.
        text = _JOINT.sub("] ", self._before + CITED.sub(self._known, text))[1:]
        # Something was left out between two spaces, or in front of all.
        if self._before == " " or not self._begun:
            text = text.lstrip(" ")
        self._before = text[-1:] or self._before
        self._begun = self._begun or bool(text.strip())
        return text

    def _cite(self, match: regex.Match[str]) -> str:
        numbers: list[int] = []
        for first, last, single in _RANGE.findall(match["in"]):
            begin, end = (int(first), int(last)) if first else (int(single), int(single))
            numbers += range(begin, min(end, begin + _LONGEST_RANGE) + 1)
        if numbers == [0] and not match["space"]:
            return match[0]  # passages count from one: this is code
        known = [number for number in dict.fromkeys(numbers) if 1 <= number <= self._count]
        cited = "".join(f"[{number}]" for number in known)
        return f"{match['space']}{cited}" if cited else ""

    def _known(self, match: re.Match[str]) -> str:
        return match[0] if int(match[1]) <= self._count else ""

    def _judge_clock(self, match: regex.Match[str]) -> str:
        if _plain_clock(match["clock"]) in self._clocks:
            return match[0]
        return match["open"][:1] if match["open"][:1].isspace() else ""


def cited_numbers(text: str) -> list[int]:
    """The passages that a text cites, in order, each as often as it stands there."""
    return [int(number) for number in CITED.findall(text)]


def spoken_clocks(reading: Transcript) -> frozenset[str]:
    """Times of day, scores and verses that somebody says: `10:30`, `3:16`."""
    found = (_CLOCK.finditer(passage.text) for passage in reading.passages)
    return frozenset(_plain_clock(match["clock"]) for clocks in found for match in clocks)


def _inert(text: str, *, ticked: bool) -> str:
    """Addresses as code, tags and calls as plain text."""
    text = _SCHEME.sub("", _CODE_MARK.sub("", text))
    text = _ADDRESS.sub(partial(_unlinked, ticked=ticked), text)
    return str(_CALL.sub("@\u200b", _TAG.sub(r"\\<", text)))


@cache
def _ends() -> frozenset[str]:
    file = resources.files(__package__).joinpath("domains.toml")
    return frozenset(" ".join(tomllib.loads(file.read_text("utf-8")).values()).split())


def _unlinked(match: regex.Match[str], *, ticked: bool) -> str:
    """As code, unless code of the model's may end there; then in two parts."""
    host, last = match["host"].casefold(), (match["last"] or "").casefold()
    ends = last in _ends() or last.startswith("xn--") or host.startswith("www.") or not last
    if not (ends or match["mailbox"] or (match["path"] or "").startswith("/")):
        return match[0]
    address, text = match[0].lstrip("@"), match.string
    if not ticked and "`" not in text:
        return f"`{address}`"
    around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
    alone = around == "``" and text.count("`") == 2 and not ticked
    return address if alone else address.replace(".", ".\u200b")


def _part(match: regex.Match[str]) -> str:
    return "& " if match[0] == "&" else ""


def _escape_index(match: regex.Match[str]) -> str:
    return re.sub(r"([\[\]])", r"\\\1", match[1])


def _label(match: regex.Match[str]) -> str:
    """A label that is a number is a citation."""
    label = match["label"].strip()
    return f"[{label}]" if label.isdigit() else label


def _plain_clock(clock: str) -> str:
    """`07:05` and `7:05` are the same."""
    return clock.lstrip("0")
