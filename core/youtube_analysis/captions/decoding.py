"""From bytes to text: what encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs
import io
import re

from charset_normalizer import from_bytes

from youtube_analysis.errors import UnknownCaptionsFormat

_SLICE = 256 * 1024
_UNICODE = _UTF_8, _UTF_16 = "utf-8-sig", "utf-16"
# Enough to tell an encoding; guessing over more letters takes seconds and tells no more.
_SAMPLE, _TELLING = 1024 * 1024, 8 * 1024
# Share of a file's foreign characters that may be torn.
_TORN = 0.05
# What survives of text in which control characters stand is not captions; tabs, ends of lines and
# separators of records are none.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f]")
_CONTROLS = 0.01
# Latin encodings differ in letters with marks: those of the right one belong to one language. Where
# several do, the first is meant.
_WESTERN = "äöüß åäöæøéèü áéíñóúü¿¡ªº áàâãçéêíóôõúü àâæçéèêëîïôœùûüÿ àèéìíîòóùú ëïéöü áéíóúýþæöð"
_CENTRAL = "ąćęłńóśźż áäčďéěíĺľňóôŕřšťúůýž áéíóöőúüű ăâîşţ čćđšž"
_ALPHABETS = (
    ("cp1252", _WESTERN),
    ("cp1254", "çğıöşüâîû"),
    ("cp1250", _CENTRAL),
    ("cp1257", "ąčęėįšųūž āčēģīķļņšūž äõöüšž"),
    ("iso8859_2", _CENTRAL),
    *((encoding, _WESTERN) for encoding in ("iso8859_15", "cp850", "mac_roman")),
)
_TYPOGRAPHY = "‘’‚“”„«»‹›–—…•°·´\u00a0"
_FOREIGN = re.compile(r"[^\W\d\u0000-\u024f\u1e00-\u1eff]")
# Share of a text's every second byte that is zero where two make a letter.
_ZEROES = 0.3


def decode(content: bytes) -> str:
    """Text with `\n` line ends. Raises UnknownCaptionsFormat for what is no text."""
    decoder = codecs.getincrementaldecoder(_encoding(content))(errors="replace")
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    slices = (content[at : at + _SLICE] for at in range(0, len(content), _SLICE))
    text = "".join([*map(lines.decode, slices), lines.decode(b"", final=True)])
    sample = text[: 8 * _TELLING]
    controls = len(_CONTROL.findall(sample))
    if controls > max(8, _CONTROLS * len(sample)) or "\x00" in sample:
        raise UnknownCaptionsFormat
    return text


def is_unicode(content: bytes) -> bool:
    """Whether nothing about the encoding of a text had to be guessed."""
    return _encoding(content) in _UNICODE


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _UTF_16
    sample = content[:_SAMPLE]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        zeroes, others = sample[first::2].count(0), sample[1 - first :: 2].count(0)
        if zeroes > _ZEROES * len(sample) / 2 and not others:
            return encoding
    text = sample.decode("utf-8", errors="replace")
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    # A few torn characters in a UTF-8 file do not make it another encoding.
    return _UTF_8 if text.count("\ufffd") <= _TORN * foreign else _guessed(sample)


def _guessed(sample: bytes) -> str:
    # Markup and times are the same in every encoding; lines that are not ASCII tell it.
    lines = [line for line in sample.splitlines() if not line.isascii()]
    telling = b"\n".join(lines)[:_TELLING]
    guess = from_bytes(telling).best()
    if guess and _FOREIGN.search(str(guess)):
        return guess.encoding
    return max(_ALPHABETS, key=lambda each: _most_letters(telling, *each))[0]


def _most_letters(telling: bytes, encoding: str, alphabets: str) -> int:
    """How many of the characters that are not ASCII are letters of one language, or its signs."""
    foreign = [c for c in telling.decode(encoding, errors="replace").lower() if not c.isascii()]
    return max(sum(c in _TYPOGRAPHY + letters for c in foreign) for letters in alphabets.split(" "))
