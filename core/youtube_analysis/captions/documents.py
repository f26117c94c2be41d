"""Captions as documents: JSON of YouTube (json3), of Whisper and its kin, of services that
transcribe, and lists of `{text, start, duration}`; XML of YouTube (srv1, srv3), and TTML (DFXP)."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed, unreadable
from .clocks import FRAMES, seconds

_XML = re.compile(r"\s*<(?:[^>]{0,500}>\s*<){0,3}?(?:\w+:)?(tt|transcript|timedtext)\b")
_SPEAKING = frozenset({"p", "text"})
# Frames behind the seconds of a clock are less than a second.
_CLOCK = re.compile(r"((?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,6})?)(?::\d{1,3})?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|f|t|)")
# Where documents keep their records, the best first; what `results` holds counts as well.
_LISTS = (
    *("events", "segments", "transcription", "transcript_segments", "utterances", "snippets"),
    *("chunks", "content", "audio_segments", "words"),
)
_IN_MILLISECONDS = frozenset({"events", "transcription"})
# Other names of a record's fields.
_ALIASES = {
    **dict.fromkeys(("body", "transcript", "word"), "text"),
    **dict.fromkeys(("startTime", "start_time", "offset"), "start"),
    **dict.fromkeys(("endTime", "end_time"), "end"),
}
# Characters a second: nobody speaks so slowly, so what seems to was counted in milliseconds.
_SLOWEST = 0.1
# Characters that are parsed in one call, which holds the interpreter.
_SLICE = 64 * 1024


_Value = list[msgspec.Raw] | dict[str, msgspec.Raw] | str | float | bool | None
_VALUE: msgspec.json.Decoder[_Value] = msgspec.json.Decoder(_Value)


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
    timestamp: tuple[float | None, float | None] = (None, None)
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
        start, end = self.timestamp if self.start is None else (self.start, self.end)
        if start is None:
            return None
        lasting = None if self.duration is None else start + self.duration
        return Cue(text, start, lasting if end is None else end)


def parse_json(text: str) -> Parsed | None:
    """None for what is no such document."""
    if not re.match(r'\s*(?:\{\s*"|\[\s*(?:\[\s*)?\{)', text):
        return None
    try:
        told = _VALUE.decode(text.encode())
        document = _told(told) | _told(_told(told, "results").get("results"))
        lists = ((name, document.get(name)) for name in _LISTS)
        name, records = next(((n, r) for n, r in lists if r and isinstance(r, list)), ("", []))
        # One by one: all at once would hold the interpreter for a quarter of a second.
        cues = [cue for record in records if (cue := _record(record).cue())]
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise UnknownCaptionsFormat from error
    if not records:
        raise UnknownCaptionsFormat
    if name not in _IN_MILLISECONDS:
        cues = _in_seconds(cues)
    language = document.get("language") or document.get("language_code")
    form = "json3" if name == "events" else "json"
    return Parsed(cues, form, language if isinstance(language, str) else None)


def _told(value: _Value, *names: str) -> dict[str, _Value]:
    """What a document tells of that. One that is a list is that of its records, or holds it."""
    match value:
        case list():
            first = _VALUE.decode(value[0]) if value else None
            return {"segments": first if isinstance(first, list) else value}
        case dict():
            wanted = names or (*_LISTS, "language", "language_code")
            return {name: _VALUE.decode(value[name]) for name in wanted if name in value}
    return {}


def _record(told: msgspec.Raw) -> _Record:
    fields = msgspec.json.decode(told)
    for alias in _ALIASES.keys() & fields if isinstance(fields, dict) else ():
        fields.setdefault(_ALIASES[alias], fields[alias])
    return msgspec.convert(fields, _Record, strict=False)


def _in_seconds(cues: list[Cue]) -> list[Cue]:
    said = sum(len(cue.text) for cue in cues)
    lasting = sum(cue.end - cue.start for cue in cues if cue.end)
    if said >= _SLOWEST * lasting:
        return cues
    return [Cue(cue.text, cue.start / 1000, cue.end and cue.end / 1000) for cue in cues]


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
        self._units["f"] = 1 / FRAMES
        self._units[""] = self._units["ms" if root == "timedtext" else "s"]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        told = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        self.language = self.language or told.get("lang")
        for unit, rate in (("t", told.get("tickRate", "")), ("f", told.get("frameRate", ""))):
            if rate.isdecimal() and int(rate):
                self._units[unit] = 1 / int(rate)
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
