"""Bytes to text: byte-order marks, then UTF-8, then a guess from the letters."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from youtube_analysis.errors import UnknownCaptionsFormat

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Enough letters to tell an encoding; guessing over megabytes takes seconds and tells no more.
_SAMPLE = 64 * 1024
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


def decode(content: bytes) -> str:
    """Text with `\\n` line ends. Raises UnknownCaptionsFormat for what is no text."""
    if content.startswith(_BINARY) or content[4:8] == b"ftyp":
        raise UnknownCaptionsFormat
    text = _text(content)
    sample = text[:_SAMPLE]
    controls = len(_CONTROL.findall(sample))
    if controls > max(8, _CONTROLS * len(sample)) or "\x00" in sample:
        raise UnknownCaptionsFormat
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if unmarked := _unmarked_utf16(content[:_SAMPLE]):
        return content.decode(unmarked, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(content) - 4 or _mostly_utf8(content):
            return content.decode("utf-8", errors="replace")
    # Markup and times are the same in every encoding; the lines that are not ASCII tell it.
    telling = b"\n".join(line for line in content.splitlines()[:20_000] if not line.isascii())
    guess = from_bytes(telling[:_SAMPLE]).best()
    if guess is None:
        return content.decode("cp1252", errors="replace")
    return content.decode(guess.encoding, errors="replace")


def _mostly_utf8(content: bytes) -> bool:
    """A few torn characters in a UTF-8 file do not make it another encoding."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("�")
    return broken * 20 < sum(not c.isascii() for c in text) and broken < 100


def _unmarked_utf16(sample: bytes) -> str | None:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > _UTF16_ZEROS * half and even * 20 < odd:
        return "utf-16-le"
    if even > _UTF16_ZEROS * half and odd * 20 < even:
        return "utf-16-be"
    return None
