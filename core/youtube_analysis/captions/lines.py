"""Captions as lines of text. SubRip, WebVTT and SubViewer: blocks under a line with two times; one
reader takes all three, since files mix them. Else text with a time before each piece, as people
paste it, or with no times at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import StringIO

from .cleaning import Cue, Parsed

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_ARROW = re.compile(rf"[ \t]*{_TIME}[ \t]*-{{1,2}}>[ \t]*{_TIME}(?:[ \t].*)?")
_COMMA = re.compile(rf"[ \t]*{_TIME},{_TIME}[ \t]*")
_VTT_LANGUAGE = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)[ \t]*$", re.MULTILINE
)
# Blocks of WebVTT that nobody speaks; a header again begins a segment that was joined.
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)")
_HEAD = 4000

# `0:12 text`, `[00:12] text`, `(1:02:03) text`, a time on a line of its own; days before hours.
# Programs for editing write a time code, `*TC 00:01:10;23`, which ends with frames.
_STAMP = re.compile(
    r"^[ \t]*+(?:\*TC[ \t]+)?[\[(]?(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,3}):(\d{2})"
    r"(?:[.,](\d{1,3})|;(\d{2}))?(?:[\])]|(?<=;\d\d)|(?=\s|$|[-–—]))[ \t]*[-–—]?[ \t]*"
)
_FRAMES = 30.0
# From this share of stamped lines on, stamps are what divides the text.
_STAMPED = 0.02
_FEWEST_STAMPS = 2
# Conversational English runs at about 150 words a minute, Chinese and Japanese at about 250
# characters; without times, these make the estimate.
_WORDS_A_SECOND = 150 / 60
_CHARACTERS_A_SECOND = 250 / 60
_ENDS = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])(?=\S)|\n{2,}")
_LONGEST_PIECE = 400
# Characters that are divided in one call, which holds the interpreter.
_SLICE = 64 * 1024


def looks_timed(text: str) -> bool:
    head = text[:_HEAD]
    return "WEBVTT" in head[:16] or any(map(_times, head.split("\n")))


def parse_timed_lines(text: str) -> Parsed:
    """Whatever stands between two lines of times belongs to the first, but for the name or number
    of the second."""
    is_vtt = _is_vtt(text)
    cues: list[Cue] = []
    at: tuple[float, float] | None = None
    spoken: list[str] = []
    aside, above = False, ""
    for read in StringIO(text):
        line = read.removesuffix("\n")
        if times := _times(line):
            if at:
                cues.append(_cue(_without_name(spoken), at))
            at, spoken, aside = times, [], False
        elif not above.strip():
            aside = is_vtt and _ASIDE.match(line) is not None
        if not times and not aside:
            spoken.append(line)
        above = line
    if at:
        cues.append(_cue(spoken, at))
    return Parsed(cues, _format(text), _language(text))


def _cue(spoken: Sequence[str], at: tuple[float, float]) -> Cue:
    return Cue("\n".join(spoken).replace("[br]", "\n"), *at)


def _without_name(spoken: Sequence[str]) -> Sequence[str]:
    """A name stands alone, directly above the times; a number may lack a blank line on one side.
    What else is a number is spoken."""
    last = len(spoken) - 1
    while last >= 0 and not spoken[last].strip():
        last -= 1
    adjacent = last == len(spoken) - 1
    apart = last > 0 and not spoken[last - 1].strip()
    if last < 0 or not (adjacent or apart):
        return spoken
    named = spoken[last].strip().isdigit() or (
        adjacent and apart and any(map(str.strip, spoken[:last]))
    )
    return spoken[:last] if named else spoken


def _times(line: str) -> tuple[float, float] | None:
    if ":" not in line:
        return None
    match = _ARROW.fullmatch(line) if "->" in line else _COMMA.fullmatch(line)
    if match is None:
        return None
    parts = match.groups()
    return _seconds(*parts[:4]), _seconds(*parts[4:])


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    part = int(fraction) / 10 ** len(fraction) if fraction else 0.0
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + part


def _is_vtt(text: str) -> bool:
    return text.lstrip()[:6].upper() == "WEBVTT"


def _format(text: str) -> str:
    if _is_vtt(text):
        return "vtt"
    return "srt" if "-->" in text[:_HEAD] else "sbv"


def _language(text: str) -> str | None:
    told = _VTT_LANGUAGE.search(text[:_HEAD].split("\n\n", 1)[0]) if _is_vtt(text) else None
    return told[1] if told else None


def parse_plain(text: str) -> Parsed:
    lines = [line.removesuffix("\n") for line in StringIO(text)]
    stamps = [(place, match) for place, line in enumerate(lines) if (match := _STAMP.match(line))]
    filled = sum(1 for line in lines if line.strip())
    if len(stamps) >= _FEWEST_STAMPS and len(stamps) > _STAMPED * filled:
        return Parsed(list(_stamped(lines, stamps)), "txt")
    return Parsed(list(_estimated(text)), "txt", timed=False)


def _stamped(lines: list[str], stamps: list[tuple[int, re.Match[str]]]) -> Iterator[Cue]:
    ends = [*(place for place, _ in stamps[1:]), len(lines)]
    for (place, match), end in zip(stamps, ends, strict=True):
        said = "\n".join([lines[place][match.end() :], *lines[place + 1 : end]])
        yield Cue(said, _stamp_seconds(match), None)


def _stamp_seconds(match: re.Match[str]) -> float:
    days, hours, minutes, seconds, fraction, frames = match.groups()
    part = int(fraction) / 10 ** len(fraction) if fraction else int(frames or 0) / _FRAMES
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + part


def _estimated(text: str) -> Iterator[Cue]:
    at = 0.0
    for piece in _pieces(text):
        length = _spoken_seconds(piece)
        yield Cue(piece, at, at + length)
        at += length


def _pieces(text: str) -> Iterator[str]:
    for sentence in _sentences(text):
        words = " ".join(sentence.split())
        for begin in range(0, len(words), _LONGEST_PIECE):
            yield words[begin : begin + _LONGEST_PIECE]


def _sentences(text: str) -> Iterator[str]:
    rest = ""
    for begin in range(0, len(text), _SLICE):
        *ended, rest = _ENDS.split(rest + text[begin : begin + _SLICE])
        yield from ended
        if len(rest) > _SLICE:
            yield rest
            rest = ""
    yield rest


def _spoken_seconds(piece: str) -> float:
    wide = sum(c > "⺀" for c in piece)
    words = len(piece.split()) if wide * 2 < len(piece) else 0
    return max(0.2, words / _WORDS_A_SECOND + wide / _CHARACTERS_A_SECOND)
