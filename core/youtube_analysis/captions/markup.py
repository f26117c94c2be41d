"""Captions in XML: YouTube's srv1 (`text`) and srv3 (`p`), and TTML (DFXP)."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed, unreadable

_FORMATS = {"transcript": "srv1", "timedtext": "srv3", "tt": "ttml"}
_SPEAKING = frozenset({"p", "text"})
# Names of start and length, and how many of their units are a second.
_TIMED = {"srv1": ("start", "dur", 1.0), "srv3": ("t", "d", 1000.0)}
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6})|:(\d{1,3}))?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|f|t)")
_FRAMES = 30.0
# Characters that are parsed in one call, which holds the interpreter.
_SLICE = 64 * 1024


def looks_like_markup(text: str) -> bool:
    head = text.lstrip()[:2000]
    return head.startswith("<") and any(
        tag in head for tag in ("<tt", ":tt", "<transcript", "<timedtext")
    )


def parse_markup(text: str) -> Parsed:
    spoken = _Spoken()
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
    return Parsed(spoken.cues, spoken.format, spoken.language)


class _Open(NamedTuple):
    """An element that has not ended yet: when its words are said, if it `speaks`, and whether it
    says so itself."""

    start: float | None = None
    end: float | None = None
    speaks: bool = False
    timed: bool = False


class _Spoken:
    """Hears what the parser finds and keeps cues alone: to build a tree of so many elements, and
    to let it go, would hold the interpreter."""

    def __init__(self) -> None:
        self.cues: list[Cue] = []
        self.format = ""
        self.language: str | None = None
        self.unread = ""
        self._open = [_Open()]
        self._text: list[str] = []
        self._units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        told = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        if not self.format:
            self._begin(name, told)
        if name == "br":
            self.data("\n")
        around = self._open[-1]
        start, end = self._times(name, told, around.start or 0.0)
        timed = start is not None
        if timed:
            self._flush()
        else:
            start, end = around.start, around.end
        speaks = (around.speaks or name in _SPEAKING) and told.get("a") != "1"
        self._open.append(_Open(start, end, speaks, timed))

    def end(self, tag: str) -> None:
        if self._open[-1].timed or tag.rpartition("}")[2] in _SPEAKING:
            self._flush()
        self._open.pop()

    def data(self, text: str) -> None:
        if self._open[-1].speaks:
            self._text.append(text)

    def _begin(self, root: str, told: dict[str, str]) -> None:
        if root not in _FORMATS:
            raise UnknownCaptionsFormat
        self.format = _FORMATS[root]
        self.language = told.get("lang") or None
        self._units["f"] = 1 / (_number(told.get("frameRate")) or _FRAMES)
        self._units["t"] = 1 / (_number(told.get("tickRate")) or 1.0)

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if self._open[-1].start is not None and text:
            self.cues.append(Cue(text, self._open[-1].start, self._open[-1].end))

    def _times(
        self, name: str, told: dict[str, str], since: float
    ) -> tuple[float | None, float | None]:
        """When an element begins and ends, if it says so; the one around it began at `since`."""
        end = None
        if self.format == "ttml":
            start, end, length = (self._seconds(told.get(key)) for key in ("begin", "end", "dur"))
            start, end = _sum(start, since), _sum(end, since)
        elif name in _SPEAKING:
            start_key, length_key, unit = _TIMED[self.format]
            start, length = (_number(told.get(key), unit) for key in (start_key, length_key))
        else:
            return None, None
        return start, _sum(start, length) if end is None else end

    def _seconds(self, value: str | None) -> float | None:
        text = (value or "").strip()
        if match := _OFFSET.fullmatch(text):
            return float(match[1]) * self._units[match[2]]
        if match := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = match.groups()
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            return whole + float(f"0.{fraction or 0}") + int(frames or 0) * self._units["f"]
        self.unread = self.unread or text
        return None


def _sum(time: float | None, more: float | None) -> float | None:
    return None if time is None or more is None else time + more


def _number(text: str | None, unit: float = 1.0) -> float | None:
    try:
        value = float(text) / unit if text else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < 1e12 else None
