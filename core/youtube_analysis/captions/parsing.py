"""The door: which format a file is in is told by its content; its name is only a hint."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import PurePath

from charset_normalizer import from_bytes

from youtube_analysis.errors import CaptionsFileTooLarge, EmptyCaptionsFile, UnknownCaptionsFormat
from youtube_analysis.models.video import Segment

from .cleaning import Parsed, tidy
from .lines import looks_timed, parse_plain, parse_timed_lines
from .markup import looks_like_json3, looks_like_markup, parse_json3, parse_markup

LARGEST_FILE = 10 * 2**20
# Eight days of radio traffic are 30,000 lines; what has far more is no talk, and costs memory.
MOST_LINES = 500_000
# Of the files that are looked into where people share any kind of file.
SUFFIXES = (".srt", ".vtt", ".sbv", ".ttml", ".dfxp", ".xml", ".json3", ".srv1", ".srv3", ".txt")
_LANGUAGE = re.compile(
    r"\.(?P<code>[a-z]{2,3}(?:-(?!orig)[A-Za-z]{4})?(?:-(?:[A-Z]{2}|\d{3}))?)(?:-orig)?(?:\.[\w-]*)?\.\w+$"
)
_VIDEO_ID = re.compile(r" \[(?P<id>[A-Za-z0-9_-]{11})\](?:\.[\w-]+)*$")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Enough letters to tell an encoding; guessing over megabytes takes seconds and tells no more.
_SAMPLE = 64 * 1024
_SLICE = 256 * 1024
# Share of zero bytes from which a file is UTF-16 without its mark, and the few that no text has.
_UTF16_ZEROS = 0.2
_BINARY = (
    b"\x89PNG",
    b"PK\x03\x04",
    b"%PDF",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"RIFF",
    b"\x7fELF",
)
# What survives of text in which control characters stand is not captions; tabs, ends of lines and
# separators of records are none.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f]")
_CONTROLS = 0.01


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
    text = _decode(content)
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


def _decode(content: bytes) -> str:
    """Text with `\n` line ends. Raises UnknownCaptionsFormat for what is no text."""
    if content.startswith(_BINARY) or content[4:8] == b"ftyp":
        raise UnknownCaptionsFormat
    decoder = codecs.getincrementaldecoder(_encoding(content))(errors="replace")
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    slices = (content[at : at + _SLICE] for at in range(0, len(content), _SLICE))
    text = "".join([*map(lines.decode, slices), lines.decode(b"", final=True)])
    sample = text[:_SAMPLE]
    controls = len(_CONTROL.findall(sample))
    if controls > max(8, _CONTROLS * len(sample)) or "\x00" in sample:
        raise UnknownCaptionsFormat
    return text


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if unmarked := _unmarked_utf16(content[:_SAMPLE]):
        return unmarked
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start <= len(content) - 4 and not _mostly_utf8(content):
            # Markup and times are the same in every encoding; lines that are not ASCII tell it.
            lines = content[: 16 * _SAMPLE].splitlines()
            telling = b"\n".join(line for line in lines if not line.isascii())
            guess = from_bytes(telling[:_SAMPLE]).best()
            return guess.encoding if guess else "cp1252"
    return "utf-8"


def _mostly_utf8(content: bytes) -> bool:
    """A few torn characters in a UTF-8 file do not make it another encoding."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("�")
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return broken * 20 < foreign and broken < 100


def _unmarked_utf16(sample: bytes) -> str | None:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > _UTF16_ZEROS * half and even * 20 < odd:
        return "utf-16-le"
    if even > _UTF16_ZEROS * half and odd * 20 < even:
        return "utf-16-be"
    return None
