"""Captions as records: JSON of YouTube (json3), of Whisper and its kin, and lists of `{text, start,
duration}`; Whisper's table; the scripts of SubStation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed, each_line, unreadable
from .layouts import seconds

_TABLE = "start\tend\ttext\n"
_DIALOGUE = re.compile(
    r"Dialogue:[^,]*,\s*(\d+:\d\d:\d\d[.,]\d+)\s*,\s*(\d+:\d\d:\d\d[.,]\d+)\s*,(?:[^,]*,){6}(.*)"
)
_OVERRIDES = re.compile(r"\{[^{}]{0,200}\}")
_DRAWING = re.compile(r"\{[^{}]{0,200}\\p[1-9]")


class _Piece(msgspec.Struct, gc=False):
    utf8: str = ""


class _Offsets(msgspec.Struct, gc=False, rename={"start": "from", "end": "to"}):
    start: float
    end: float


class _Record(
    msgspec.Struct,
    gc=False,
    rename={
        "start_ms": "tStartMs",
        "length_ms": "dDurationMs",
        "pieces": "segs",
        "appends": "aAppend",
    },
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
    appends: int = 0

    def cue(self) -> Cue | None:
        """None for what says nothing, such as a line break that only belongs to the one before."""
        if self.pieces:
            text = "".join(piece.utf8 for piece in self.pieces)
            end = None if self.length_ms is None else (self.start_ms + self.length_ms) / 1000
            return None if self.appends else Cue(text, self.start_ms / 1000, end)
        text = self.text
        if self.speaker is not None:
            unnamed = str(self.speaker).isdecimal()
            text = f"{'Speaker ' if unnamed else ''}{self.speaker}: {text.lstrip()}"
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


def parse_table(text: str) -> Parsed | None:
    return Parsed(list(_rows(text)), "tsv") if text.startswith(_TABLE) else None


def _rows(text: str) -> Iterator[Cue]:
    for line in filter(None, islice(each_line(text), 1, None)):
        start, _, rest = line.partition("\t")
        end, _, said = rest.partition("\t")
        if not (start.isdecimal() and end.isdecimal()):
            raise unreadable(line)
        yield Cue(said, int(start) / 1000, int(end) / 1000)


def parse_script(text: str) -> Parsed | None:
    is_script = re.match(r"\s*\[script info\]", text, re.IGNORECASE)
    return Parsed(list(_dialogue(text)), "ass") if is_script else None


def _dialogue(text: str) -> Iterator[Cue]:
    """Styles, comments and drawings are no speech."""
    for line in each_line(text):
        if not line.startswith("Dialogue:"):
            continue
        match = _DIALOGUE.match(line)
        if match is None:
            raise unreadable(line)
        start, end, said = match.groups()
        if not _DRAWING.match(said):
            words = _OVERRIDES.sub("", said).replace("\\N", "\n").replace("\\h", " ")
            yield Cue(words, seconds(start), seconds(end))
