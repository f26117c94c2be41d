"""From bytes to text: what encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs
import io
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
_BINARY = re.compile(
    rb"\x89PNG|PK\x03\x04|%PDF|\xff\xd8\xff|GIF8|\x1f\x8b|RIFF|\x7fELF|.{4}ftyp", re.DOTALL
)
_SAMPLE = 64 * 1024
_SLICE = 256 * 1024
# Enough letters to tell an encoding; guessing over more takes seconds and tells no more.
_TELLING = 8 * 1024
# Share of zero bytes from which a file is UTF-16 without its mark, and the few that no text has.
_UTF16_ZEROS = 0.2
# What survives of text in which control characters stand is not captions; tabs, ends of lines and
# separators of records are none.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f]")
_CONTROLS = 0.01
# Latin encodings differ in letters with marks: those of the right one belong to one language. Where
# several do, the first is meant.
_CENTRAL = ("ąćęłńóśźż", "áäčďéěíĺľňóôŕřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_ALPHABETS = (
    *(("cp1252", letters) for letters in ("äöüß", "åäöæøéèü", "áéíñóúü¿¡ªº", "áàâãçéêíóôõúü")),
    *(("cp1252", letters) for letters in ("àâæçéèêëîïôœùûüÿ", "àèéìíîòóùú", "ëïéöü")),
    ("cp1254", "çğıöşüâîû"),
    *(("cp1250", letters) for letters in _CENTRAL),
    *(("iso8859_2", letters) for letters in _CENTRAL),
    *(("cp1257", letters) for letters in ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
    ("cp1252", "áéíóúýþæöð"),
)
_TYPOGRAPHY = "‘’‚“”„«»‹›–—…•°·´\u00a0"
_LAST_LATIN = "\u024f"


def decode(content: bytes) -> str:
    """Text with `\n` line ends. Raises UnknownCaptionsFormat for what is no text."""
    if _BINARY.match(content):
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
            return _guessed(content)
    return "utf-8"


def _guessed(content: bytes) -> str:
    # Markup and times are the same in every encoding; lines that are not ASCII tell it.
    lines = content[: 16 * _SAMPLE].splitlines()
    telling = b"\n".join(line for line in lines if not line.isascii())[:_TELLING]
    guess = from_bytes(telling).best()
    if guess and any(letter > _LAST_LATIN for letter in str(guess) if letter.isalpha()):
        return guess.encoding
    scores = [_share(telling, encoding, letters) for encoding, letters in _ALPHABETS]
    return _ALPHABETS[scores.index(max(scores))][0]


def _share(telling: bytes, encoding: str, letters: str) -> float:
    """Of the characters that are not ASCII, how many are letters of a language or its signs."""
    foreign = [c for c in telling.decode(encoding, errors="replace").lower() if not c.isascii()]
    return sum(c in letters or c in _TYPOGRAPHY for c in foreign) / max(1, len(foreign))


def _mostly_utf8(content: bytes) -> bool:
    """A few torn characters in a UTF-8 file do not make it another encoding."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
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
