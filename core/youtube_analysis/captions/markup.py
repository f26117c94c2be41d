"""XML captions: TTML (DFXP) and both of YouTube's own, srv1 (`text`) and srv3 (`p`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from youtube_analysis.errors import UnknownCaptionsFormat

from .cue import Cue, Parsed

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6})|:(\d{1,3}))?")
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(h|m|s|ms|f|t)")
_FRAMES = 30.0
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def looks_like_markup(text: str) -> bool:
    head = text.lstrip()[:2000]
    return head.startswith("<") and any(
        tag in head for tag in ("<tt", ":tt", "<transcript", "<timedtext")
    )


def parse_markup(text: str) -> Parsed:
    try:
        # A declared encoding is that of the bytes; these are characters by now.
        root = fromstring(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text), forbid_dtd=True)
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
