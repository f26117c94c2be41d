"""The door: which format a file is in is told by its content; its name is only a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from youtube_analysis.errors import CaptionsFileTooLarge, EmptyCaptionsFile, UnknownCaptionsFormat
from youtube_analysis.models.transcript import Segment

from .cleaning import tidy
from .cue import Parsed
from .decoding import decode
from .json3 import looks_like_json3, parse_json3
from .markup import looks_like_markup, parse_markup
from .plain import parse_plain
from .timed_lines import looks_timed, parse_timed_lines

LARGEST_FILE = 10 * 2**20
# Eight days of radio traffic are 30,000 lines; what has far more is no talk, and costs memory.
MOST_LINES = 500_000
# Of the files that are looked into where people share any kind of file.
SUFFIXES = (".srt", ".vtt", ".sbv", ".ttml", ".dfxp", ".xml", ".json3", ".srv1", ".srv3", ".txt")
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
    if looks_like_json3(text):
        return parse_json3(text)
    if looks_like_markup(text):
        return parse_markup(text)
    if looks_timed(text):
        return parse_timed_lines(text)
    parsed = parse_plain(text)
    # Without a time in it, only its name makes a text a transcript.
    if not parsed.timed and not _is_prose(text, suffix):
        raise UnknownCaptionsFormat
    return parsed


def _is_prose(text: str, suffix: str) -> bool:
    if suffix in {"", ".txt"}:
        return True
    return suffix in SUFFIXES and text.lstrip()[:1] not in {"{", "[", "<"}
