"""What every format needs once it is read: markup out, times mended, rolling lines collapsed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from youtube_analysis.errors import UnreadableTimes
from youtube_analysis.models.video import Segment

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|</?\d[\d:.,]{3,15}>|\{\\[^{}\n]{0,100}\}")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?[ \t]+([^<>\n]{1,60})>")
# What programs that tell voices apart put in front: `[Ann]: …`, `[SPEAKER_00] …`.
_BRACKETED_VOICE = re.compile(
    r"^\[(?:([^\[\]\n]{1,60})\]:|(SPEAKER[ _-]?\w{1,3})\]:?)", re.MULTILINE | re.IGNORECASE
)
# Or on a line of its own.
_NUMBERED_VOICE = re.compile(r"\A\s*(speaker[ _-]?\d{1,2})[ \t]*\n", re.IGNORECASE)
_WIDE = r"\t\u00a0\u2000-\u200a\u202f\u3000"
_SPACES = re.compile(rf"[ {_WIDE}]{{2,}}|[{_WIDE}]")  # a blank alone stays as it is
# Directions, joins and marks that change how a text looks but not what it says; joiners that
# Persian and Indic scripts need (U+200C, U+200D) stay.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffc]"
)
# A cue without an end lasts until the next, at most this long (seconds): then it is a silence.
_LONGEST_OPEN_CUE = 10.0
_LATEST = 14 * 86_400.0
# Share of cues before the one above them, up to which their times are wrong and not their places.
_FEW_FALLS = 0.05
# Characters of a line that cannot be read.
_SHOWN = 60
# Share of captions that begin with the one before, and lines that captions have on the screen.
_MANY = 0.4
_TALLEST_SCREEN = 15
# Characters of a cue; what is longer is divided, so that no pattern holds the interpreter for long.
_LONGEST_TEXT = 4_000


class Cue(msgspec.Struct, frozen=True, gc=False):
    """Raw text with its markup; seconds. `end` is None where the format names none."""

    text: str
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class Parsed:
    cues: Iterable[Cue]
    format: str
    language: str | None = None


def unreadable(line: str) -> UnreadableTimes:
    """The error that shows a line, but nothing in it that pings or links."""
    shown = "".join(c for c in line[:_SHOWN] if c.isalnum() or c in " :.,;>-")
    shown = " ".join(shown.split())
    return UnreadableTimes(shown=shown)


def tidy(cues: Iterable[Cue]) -> tuple[Segment, ...]:
    """Segments in order of time, every spoken line once."""
    cleaned = [
        Cue(text, cue.start, cue.end)
        for cue in cues
        if 0 <= cue.start <= _LATEST
        for part in _divided(cue.text)
        if (text := clean(part))
    ]
    return tuple(_timed(_unrolled(_in_order_of_time(cleaned))))


def _divided(text: str) -> Iterator[str]:
    """Parts that end with a word."""
    begin = 0
    while len(text) - begin > _LONGEST_TEXT:
        blank = text.rfind(" ", begin + 1, begin + _LONGEST_TEXT)
        stop = blank if blank > 0 else begin + _LONGEST_TEXT
        yield text[begin:stop]
        begin = stop
    yield text[begin:]


def clean(text: str) -> str:
    """Spoken words without markup; line breaks within a cue stay."""
    if "<v" in text:
        text = _VOICE.sub(r"\1: ", text)
    if "]" in text:
        text = _BRACKETED_VOICE.sub(r"\1\2:", text)
    text = _NUMBERED_VOICE.sub(r"\1:\n", text)
    if "<" in text or "{" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return "\n".join(line for part in text.split("\n") if (line := part.strip()))


def _in_order_of_time(cues: list[Cue]) -> list[Cue]:
    """A few wrong times do not change what was said after what: between two that are in order, one
    is that of the first. A file that is out of order as a whole is sorted."""
    starts = [0.0, *(cue.start for cue in cues), _LATEST]
    mended = list(cues)
    if sum(b < a for a, b in pairwise(starts)) <= _FEW_FALLS * len(cues):
        for n, cue in enumerate(cues):
            before, start, after = starts[n : n + 3]
            if before <= after and not before <= start <= after:
                mended[n] = Cue(cue.text, before, None)
    return sorted(mended, key=lambda cue: cue.start)


def _timed(cues: list[Cue]) -> Iterator[Segment]:
    following = [*(cue.start for cue in cues[1:]), _LATEST]
    for cue, after in zip(cues, following, strict=False):
        end = cue.end
        if end is None or not cue.start <= end <= _LATEST:
            end = min(after, cue.start + _LONGEST_OPEN_CUE)
        yield Segment(cue.text, round(cue.start, 3), round(end - cue.start, 3))


def _unrolled(cues: list[Cue]) -> list[Cue]:
    """Where many captions begin with what the one before ended with, those repeats are taken out.
    Who says the same again does not roll."""
    repeated = [0, *(_repeated(before.text, cue.text) for before, cue in pairwise(cues))]
    changed = [before.text != cue.text for before, cue in pairwise(cues)]
    rolling = sum(n > 0 and differs for n, differs in zip(repeated[1:], changed, strict=True))
    if len(cues) <= 3 or rolling <= _MANY * len(cues):
        return cues
    return [
        Cue(fresh, cue.start, cue.end)
        for cue, shown in zip(cues, repeated, strict=True)
        if (fresh := cue.text[shown:].strip())
    ]


def _repeated(shown: str, text: str) -> int:
    """How many first characters were on the screen already, as its last lines. The last of them
    may have grown since: by words, or anywhere in scripts without spaces."""
    begin = 0
    for _ in range(_TALLEST_SCREEN):
        length = len(shown) - begin
        following = text[length : length + 1]
        if text.startswith(shown[begin:]) and (not following.isalnum() or following > "⺀"):
            return length
        begin = shown.find("\n", begin) + 1
        if not begin:
            break
    return 0
