"""Spruce subtitles as Google published them: a line `*TC 00:01:10;23` above each text."""

from __future__ import annotations

import re

from .cue import Cue, Parsed

_CODE = re.compile(
    r"^[ \t]*\*TC[ \t]+(\d{1,2}):(\d{2}):(\d{2})[;:](\d{2})(?!\d)[ \t]*", re.MULTILINE
)
_FRAMES = 30.0


def looks_like_spruce(text: str) -> bool:
    return _CODE.search(text[:4000]) is not None


def parse_spruce(text: str) -> Parsed:
    """The first code may be the running time of the whole: then its text starts at zero and the
    last one ends there."""
    codes = list(_CODE.finditer(text))
    times = [
        int(h) * 3600 + int(m) * 60 + int(s) + int(f) / _FRAMES
        for h, m, s, f in (code.groups() for code in codes)
    ]
    running = times[0] if len(times) > 1 and times[0] > times[1] else None
    if running is not None:
        times[0] = 0.0
    ends: list[float | None] = [*times[1:], running]
    stops = [*(code.start() for code in codes[1:]), len(text)]
    cues = [
        Cue(text[code.end() : stop].strip("\n"), start, end)
        for code, stop, start, end in zip(codes, stops, times, ends, strict=True)
    ]
    return Parsed(cues, "stc")
