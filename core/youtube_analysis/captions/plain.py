"""Text with a time before each piece, as people paste it, or with no times at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cue import Cue, Parsed

# `0:12 text`, `[00:12] text`, `(1:02:03) text`, a time on a line of its own; days before hours.
# Programs for editing write a time code, `*TC 00:01:10;23`, which ends with frames.
_STAMP = re.compile(
    r"^[ \t]*(?:\*TC[ \t]+)?[\[(]?(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,3}):(\d{2})"
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


def parse_plain(text: str) -> Parsed:
    lines = text.split("\n")
    stamps = [(place, match) for place, line in enumerate(lines) if (match := _STAMP.match(line))]
    filled = sum(1 for line in lines if line.strip())
    if len(stamps) >= _FEWEST_STAMPS and len(stamps) > _STAMPED * filled:
        return Parsed(list(_stamped(lines, stamps)), "txt")
    return Parsed(list(_estimated(text)), "txt", timed=False)


def _stamped(lines: list[str], stamps: list[tuple[int, re.Match[str]]]) -> Iterator[Cue]:
    ends = [*(place for place, _ in stamps[1:]), len(lines)]
    for (place, match), end in zip(stamps, ends, strict=True):
        said = "\n".join([lines[place][match.end() :], *lines[place + 1 : end]])
        yield Cue(said, _seconds(match), None)


def _seconds(match: re.Match[str]) -> float:
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
    for sentence in _ENDS.split(text):
        words = " ".join(sentence.split())
        for begin in range(0, len(words), _LONGEST_PIECE):
            yield words[begin : begin + _LONGEST_PIECE]


def _spoken_seconds(piece: str) -> float:
    wide = sum(c > "⺀" for c in piece)
    words = len(piece.split()) if wide * 2 < len(piece) else 0
    return max(0.2, words / _WORDS_A_SECOND + wide / _CHARACTERS_A_SECOND)
