"""The door: which format a file is in is told by its content; its name is only a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from youtube_analysis.errors import CaptionsFileTooLarge, EmptyCaptionsFile, UnknownCaptionsFormat
from youtube_analysis.models.video import Segment

from .blocks import parse_lines
from .cleaning import Parsed, tidy
from .decoding import decode
from .markup import parse_markup
from .prose import parse_prose
from .records import parse_json, parse_script, parse_table

LARGEST_FILE = 10 * 2**20
# Eight days of radio traffic are 30,000 lines; what has far more is no talk, and costs memory.
MOST_LINES = 500_000
# Of the files that are looked into where people share any kind of file.
SUFFIXES = (
    *(".srt", ".vtt", ".sbv", ".ass", ".ssa", ".ttml", ".dfxp", ".xml"),
    *(".json", ".json3", ".srv1", ".srv3", ".tsv", ".txt"),
)
_PARSERS = (parse_json, parse_markup, parse_script, parse_table, parse_lines)
_LANGUAGE = re.compile(
    r"\.(?P<code>[a-z]{2,3}(?:-(?!orig)[A-Za-z]{4})?(?:-(?:[A-Z]{2}|\d{3}))?)(?:-orig)?(?:\.[\w-]*)?\.\w+$"
)
_VIDEO_ID = re.compile(r" \[(?P<id>[A-Za-z0-9_-]{11})\](?:\.[\w-]+)*$")


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
    """Raises CaptionsFileTooLarge, UnknownCaptionsFormat or EmptyCaptionsFile."""
    if len(content) > LARGEST_FILE:
        raise CaptionsFileTooLarge(f"{LARGEST_FILE // 2**20} MB")
    text = decode(content)
    if text.count("\n") > MOST_LINES:
        raise CaptionsFileTooLarge(f"{MOST_LINES:,} lines")
    if not text.strip():
        raise EmptyCaptionsFile
    parsed = _parse(text, PurePath(name).suffix.casefold())
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
        timed=parsed.timed,
    )


def _parse(text: str, suffix: str) -> Parsed:
    for parse in _PARSERS:
        if parsed := parse(text):
            return parsed
    # Without a time in it, only its name makes a text a transcript.
    is_prose = suffix in SUFFIXES and text.lstrip()[:1] not in {"{", "[", "<"}
    if suffix not in {"", ".txt"} and not is_prose:
        raise UnknownCaptionsFormat
    return parse_prose(text)
