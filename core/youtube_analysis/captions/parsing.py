"""The door: which format a file is in is told by its content; its name is only a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from youtube_analysis.errors import CaptionsFileTooLarge, EmptyCaptionsFile, UnknownCaptionsFormat
from youtube_analysis.models.video import Segment

from .cleaning import Cue, Parsed, tidy
from .decoding import decode, is_unicode
from .documents import parse_json, parse_xml
from .lines import parse_lines

LARGEST_FILE = 10 * 2**20
# Eight days of radio traffic are 30,000 lines; what has far more is no talk, and costs memory.
MOST_LINES = 500_000
# Of the files that are looked into where people share any kind of file.
SUFFIXES = (
    *(".srt", ".vtt", ".sbv", ".ass", ".ssa", ".ttml", ".dfxp", ".xml"),
    *(".json", ".json3", ".srv1", ".srv3", ".tsv", ".txt"),
)
_LANGUAGE = re.compile(
    r"\.(?P<code>[a-z]{2,3}(?:-(?!orig)[A-Za-z]{4})?(?:-(?:[A-Z]{2}|\d{3}))?)(?:-orig)?(?:\.[\w-]*)?\.\w+$"
)
_VIDEO_ID = re.compile(r" \[(?P<id>[A-Za-z0-9_-]{11})\](?:\.[\w-]+)*$")
# Conversational English runs at about 150 words a minute, Chinese and Japanese at about 250
# characters.
_WORDS_A_SECOND = 150 / 60
_CHARACTERS_A_SECOND = 250 / 60
_ENDS = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])(?=\S)|\n{2,}")
_LONGEST_PIECE = 400
# Characters that are divided in one call, which holds the interpreter.
_SLICE = 64 * 1024


@dataclass(frozen=True, slots=True)
class ParsedCaptions:
    """`language` and `video_id` are what the file or its name says, None where they say nothing.

    `timed` is False for plain prose: its times are estimates.
    """

    segments: tuple[Segment, ...]
    format: str
    language: str | None
    video_id: str | None
    timed: bool


def parse_captions(name: str, content: bytes) -> ParsedCaptions:
    """Raises CaptionsFileTooLarge, UnknownCaptionsFormat, UnreadableTimes or EmptyCaptionsFile."""
    if len(content) > LARGEST_FILE:
        raise CaptionsFileTooLarge(limit=f"{LARGEST_FILE // 2**20} MB")
    text = decode(content)
    if text.count("\n") > MOST_LINES:
        raise CaptionsFileTooLarge(limit=f"{MOST_LINES:,} lines")
    if not text.strip():
        raise EmptyCaptionsFile
    timed = parse_json(text) or parse_xml(text) or parse_lines(text)
    parsed = timed or _estimated(text, PurePath(name).suffix.casefold(), content)
    segments = tidy(parsed.cues)
    if not segments:
        raise EmptyCaptionsFile
    told = _LANGUAGE.search(name)
    video = _VIDEO_ID.search(name)
    return ParsedCaptions(
        segments=segments,
        format=parsed.format,
        language=parsed.language or (told["code"] if told else None),
        video_id=video["id"] if video else None,
        timed=timed is not None,
    )


def _estimated(text: str, suffix: str, content: bytes) -> Parsed:
    """Prose: without a time in it, only its name makes a text a transcript, and bytes in no
    encoding of text are none by the name of subtitles."""
    is_document = text.lstrip()[:1] in {"{", "[", "<"}
    is_transcript = suffix in SUFFIXES and not is_document and is_unicode(content)
    if suffix not in {"", ".txt"} and not is_transcript:
        raise UnknownCaptionsFormat
    cues = []
    at = 0.0
    for sentence in _sentences(text):
        words = " ".join(sentence.split())
        for begin in range(0, len(words), _LONGEST_PIECE):
            piece = words[begin : begin + _LONGEST_PIECE]
            length = _spoken_seconds(piece)
            cues.append(Cue(piece, at, at + length))
            at += length
    return Parsed(cues, "txt")


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
