"""Text without times, which get estimates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cleaning import Cue, Parsed

# Conversational English runs at about 150 words a minute, Chinese and Japanese at about 250
# characters.
_WORDS_A_SECOND = 150 / 60
_CHARACTERS_A_SECOND = 250 / 60
_ENDS = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])(?=\S)|\n{2,}")
_LONGEST_PIECE = 400
# Characters that are divided in one call, which holds the interpreter.
_SLICE = 64 * 1024


def parse_prose(text: str) -> Parsed:
    return Parsed(list(_estimated(text)), "txt", timed=False)


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
