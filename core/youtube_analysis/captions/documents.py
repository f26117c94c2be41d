"""Captions as documents: JSON of YouTube (json3), of Whisper and its kin, and lists of `{text,
start, duration}`; XML of YouTube (srv1, srv3), and TTML (DFXP)."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed, unreadable
from .lines import seconds

_XML = re.compile(r"\s*<(?:[^>]{0,500}>\s*<){0,3}?(?:\w+:)?(tt|transcript|timedtext)\b")
_SPEAKING = frozenset({"p", "text"})
# Frames behind the seconds of a clock are less than a second.
_CLOCK = re.compile(r"((?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?)(?::\d{1,3})?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|t|)")
# Characters that are parsed in one call, which holds the interpreter.
_SLICE = 64 * 1024


class _Piece(msgspec.Struct, gc=False):
    utf8: str = ""


class _Offsets(msgspec.Struct, gc=False, rename={"start": "from", "end": "to"}):
    start: float
    end: float


class _Record(
    msgspec.Struct,
    gc=False,
    rename={"start_ms": "tStartMs", "length_ms": "dDurationMs", "pieces": "segs"},
):
    """A caption of any kind. What is called `ms`, and offsets, are milliseconds."""

    text: str = ""
    speaker: str | int | None = None
    start: float | None = None
    end: float | None = None
    duration: float | None = None
    offsets: _Offsets | None = None
    start_ms: float = 0
    length_ms: float | None = None
    pieces: list[_Piece] | None = None

    def cue(self) -> Cue | None:
        """None for what says nothing."""
        if self.pieces:
            text = "".join(piece.utf8 for piece in self.pieces)
            end = None if self.length_ms is None else (self.start_ms + self.length_ms) / 1000
            return Cue(text, self.start_ms / 1000, end)
        text = self.text if self.speaker is None else f"{self.speaker}: {self.text.lstrip()}"
        if self.offsets:
            return Cue(text, self.offsets.start / 1000, self.offsets.end / 1000)
        if self.start is None:
            return None
        lasting = None if self.duration is None else self.start + self.duration
        return Cue(text, self.start, lasting if self.end is None else self.end)


class _Document(msgspec.Struct):
    events: list[msgspec.Raw] | None = None
    segments: list[msgspec.Raw] | None = None
    transcription: list[msgspec.Raw] | None = None
    transcript_segments: list[msgspec.Raw] | None = None
    language: str | None = None


_RECORDS = msgspec.json.Decoder(_Record, strict=False)


def parse_json(text: str) -> Parsed | None:
    """None for what is no such document."""
    if not re.match(r'\s*(?:\{\s*"|\[\s*\{)', text):
        return None
    try:
        told = msgspec.json.decode(text.encode(), type=_Document | list[msgspec.Raw])
        found = _Document(segments=told) if isinstance(told, list) else told
        records = found.events or found.segments or found.transcription or found.transcript_segments
        # One by one: all at once would hold the interpreter for a quarter of a second.
        cues = [cue for record in records or () if (cue := _RECORDS.decode(record).cue())]
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise UnknownCaptionsFormat from error
    if not records:
        raise UnknownCaptionsFormat
    return Parsed(cues, "json3" if found.events else "json", found.language)


def parse_xml(text: str) -> Parsed | None:
    """None for what is no such document. Raises UnreadableTimes."""
    root = _XML.match(text)
    if root is None:
        return None
    spoken = _Spoken(root[1])
    try:
        # A declared encoding is that of the bytes; these are characters by now.
        parser = XMLParser(target=spoken, forbid_dtd=True)
        parser.feed(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text[:_SLICE]))
        for at in range(_SLICE, len(text), _SLICE):
            parser.feed(text[at : at + _SLICE])
        parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnknownCaptionsFormat from error
    if spoken.unread and not spoken.cues:
        raise unreadable(spoken.unread)
    return Parsed(spoken.cues, "xml", spoken.language)


class _Open(NamedTuple):
    """An element that has not ended yet: when its words are said, and whether they are."""

    start: float | None = None
    end: float | None = None
    speaks: bool = False


class _Spoken:
    """Hears what the parser finds and keeps cues alone: to build a tree of so many elements, and
    to let it go, would hold the interpreter."""

    def __init__(self, root: str) -> None:
        self.cues: list[Cue] = []
        self.language: str | None = None
        self.unread = ""
        self._open = [_Open()]
        self._text: list[str] = []
        self._units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "t": 1.0}
        self._units[""] = self._units["ms" if root == "timedtext" else "s"]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        told = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        self.language = self.language or told.get("lang")
        if (ticks := told.get("tickRate", "")).isdecimal() and int(ticks):
            self._units["t"] = 1 / int(ticks)
        if name == "br":
            self.data("\n")
        around = self._open[-1]
        start, end = self._times(name, told, around)
        if (start, end) != around[:2]:
            self._say(around)
        self._open.append(_Open(start, end, around.speaks or name in _SPEAKING))

    def end(self, tag: str) -> None:
        ended = self._open.pop()
        if ended[:2] != self._open[-1][:2] or tag.rpartition("}")[2] in _SPEAKING:
            self._say(ended)

    def data(self, text: str) -> None:
        if self._open[-1].speaks:
            self._text.append(text)

    def _say(self, element: _Open) -> None:
        text, self._text = "".join(self._text), []
        if element.start is not None and text:
            self.cues.append(Cue(text, element.start, element.end))

    def _times(self, name: str, told: dict[str, str], around: _Open) -> tuple[float | None, ...]:
        """They count from where the element around begins. Times of words (srv3) are not needed."""
        starts = ("begin", "start", "t") if name in _SPEAKING else ("begin",)
        start, end, length = (
            self._seconds(next((told[name] for name in names if name in told), ""))
            for names in (starts, ("end",), ("dur", "d"))
        )
        if start is None:
            return around[:2]
        since = around.start or 0.0
        lasting = None if length is None else since + start + length
        return since + start, lasting if end is None else since + end

    def _seconds(self, value: str) -> float | None:
        text = value.strip()
        if match := _OFFSET.fullmatch(text):
            return float(match[1]) * self._units[match[2]]
        if match := _CLOCK.fullmatch(text):
            return seconds(match[1])
        self.unread = self.unread or text
        return None
