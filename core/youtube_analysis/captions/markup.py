"""Captions in JSON and XML: YouTube's own json3, srv1 (`text`) and srv3 (`p`), and TTML (DFXP)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6})|:(\d{1,3}))?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|f|t)")
_FRAMES = 30.0
# Characters that are parsed in one call, which holds the interpreter.
_SLICE = 64 * 1024
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class _Piece(msgspec.Struct, gc=False):
    utf8: str = ""


class _Event(
    msgspec.Struct,
    gc=False,
    rename={
        "start": "tStartMs",
        "length": "dDurationMs",
        "pieces": "segs",
        "appends": "aAppend",
    },
):
    start: float = 0
    length: float | None = None
    pieces: list[_Piece] | None = None
    appends: int = 0


class _Captions(msgspec.Struct):
    events: list[msgspec.Raw]


_EVENTS = msgspec.json.Decoder(_Event)


def looks_like_json3(text: str) -> bool:
    return text.lstrip().startswith("{") and '"events"' in text


def parse_json3(text: str) -> Parsed:
    """Events that only append a line break to the one before carry no words of their own."""
    try:
        captions = msgspec.json.decode(text.encode(), type=_Captions)
        # One by one: all at once would hold the interpreter for a quarter of a second.
        events = [_EVENTS.decode(event) for event in captions.events]
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise UnknownCaptionsFormat from error
    cues = [
        Cue(
            "".join(piece.utf8 for piece in event.pieces),
            event.start / 1000,
            None if event.length is None else (event.start + event.length) / 1000,
        )
        for event in events
        if event.pieces and not event.appends
    ]
    return Parsed(cues, "json3")


def looks_like_markup(text: str) -> bool:
    head = text.lstrip()[:2000]
    return head.startswith("<") and any(
        tag in head for tag in ("<tt", ":tt", "<transcript", "<timedtext")
    )


def parse_markup(text: str) -> Parsed:
    try:
        # A declared encoding is that of the bytes; these are characters by now.
        parser = XMLParser(forbid_dtd=True)
        undeclared = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text[:_SLICE])
        parser.feed(undeclared)
        for at in range(_SLICE, len(text), _SLICE):
            parser.feed(text[at : at + _SLICE])
        root = parser.close()
    except (ParseError, DefusedXmlException, RecursionError, ValueError) as error:
        raise UnknownCaptionsFormat from error
    kind = root.tag.rpartition("}")[2]
    if kind == "transcript":
        return Parsed(list(_srv1(root)), "srv1")
    if kind == "timedtext":
        return Parsed(list(_srv3(root)), "srv3")
    return Parsed(list(_ttml(root)), "ttml", root.get(_LANGUAGE) or None)


def _srv1(root: Element) -> Iterator[Cue]:
    for line in root.iter("text"):
        start, length = _number(line.get("start")), _number(line.get("dur"))
        if start is not None:
            yield Cue("".join(line.itertext()), start, None if length is None else start + length)


def _srv3(root: Element) -> Iterator[Cue]:
    for line in root.iter("p"):
        start, length = _number(line.get("t")), _number(line.get("d"))
        if start is not None and line.get("a") != "1":
            end = None if length is None else (start + length) / 1000
            yield Cue("".join(line.itertext()), start / 1000, end)


def _ttml(root: Element) -> Iterator[Cue]:
    rate = next((_number(v) for k, v in root.items() if k.endswith("frameRate")), None) or _FRAMES
    ticks = next((_number(v) for k, v in root.items() if k.endswith("tickRate")), None) or 1.0
    for line in root.iter():
        if line.tag.rpartition("}")[2] != "p":
            continue
        start = _time(line.get("begin"), rate, ticks)
        if start is None:
            continue
        end = _time(line.get("end"), rate, ticks)
        length = _time(line.get("dur"), rate, ticks)
        if end is None and length is not None:
            end = start + length
        yield Cue(_with_breaks(line), start, end)


def _with_breaks(element: Element) -> str:
    """Text of an element and what it holds, `<br/>` as a line break."""
    parts = [element.text or ""]
    for child in element:
        broken = child.tag.rpartition("}")[2] == "br"
        parts += ["\n" if broken else _with_breaks(child), child.tail or ""]
    return "".join(parts)


def _time(value: str | None, rate: float, ticks: float) -> float | None:
    text = (value or "").strip()
    if match := _OFFSET.fullmatch(text):
        unit = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "f": 1 / rate, "t": 1 / ticks}
        return float(match[1]) * unit[match[2]]
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds, fraction, frames = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        part = int(fraction) / 10 ** len(fraction) if fraction else int(frames or 0) / rate
        return whole + part
    return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < 1e12 else None
