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
_KNOWN = re.compile(r"\s*<(?:[^>]{0,500}>\s*<){0,3}?(?:\w+:)?(?:tt|transcript|timedtext)\b")
_SPEAKING = frozenset({"p", "text"})
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,6})?)(?::(\d{1,3}))?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|f|t|)")
_FRAMES = 30.0
# Characters that are parsed in one call, which holds the interpreter.
_SLICE = 64 * 1024


def parse_markup(text: str) -> Parsed | None:
    """None for what is no such document. Raises UnreadableTimes."""
    if not _KNOWN.match(text):
        return None
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
    """An element that has not ended yet: when its words are said, and whether they are."""

    start: float | None = None
    end: float | None = None
    speaks: bool = False


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
        speaks = (around.speaks or name in _SPEAKING) and told.get("a") != "1"
        start, end = self._times(told, around)
        if (start, end) != around[:2]:
            self._say(around)
        self._open.append(_Open(start, end, speaks))

    def end(self, tag: str) -> None:
        ended = self._open.pop()
        if ended[:2] != self._open[-1][:2] or tag.rpartition("}")[2] in _SPEAKING:
            self._say(ended)

    def data(self, text: str) -> None:
        if self._open[-1].speaks:
            self._text.append(text)

    def _begin(self, root: str, told: dict[str, str]) -> None:
        self.format = _FORMATS.get(root, "")
        self.language = told.get("lang") or None
        self._units[""] = 0.001 if root == "timedtext" else 1.0
        for unit, name, usual in (("f", "frameRate", _FRAMES), ("t", "tickRate", 1.0)):
            rate = told.get(name, "")
            self._units[unit] = 1 / (int(rate) if rate.isdecimal() and int(rate) else usual)

    def _say(self, element: _Open) -> None:
        text, self._text = "".join(self._text), []
        if element.start is not None and text:
            self.cues.append(Cue(text, element.start, element.end))

    def _times(self, told: dict[str, str], around: _Open) -> tuple[float | None, float | None]:
        """In TTML times count from where the element around begins; elsewhere only one level has
        them."""
        since = around.start or 0.0
        if self.format == "srv3" and around.speaks:
            return around[:2]
        start, end, length = (
            self._seconds(next((told[name] for name in names if name in told), None))
            for names in (("begin", "start", "t"), ("end",), ("dur", "d"))
        )
        if start is None:
            return around[:2]
        lasting = None if length is None else since + start + length
        return since + start, lasting if end is None else since + end

    def _seconds(self, value: str | None) -> float | None:
        text = (value or "").strip()
        if match := _OFFSET.fullmatch(text):
            return float(match[1]) * self._units[match[2]]
        if match := _CLOCK.fullmatch(text):
            hours, minutes, seconds, frames = match.groups()
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
            return whole + int(frames or 0) * self._units["f"]
        self.unread = self.unread or text
        return None
