"""SubRip, WebVTT and SubViewer: blocks of text under a line with two times.

One reader takes all three, since files mix them (SubViewer times in an .srt, commas in a .vtt).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .cue import Cue, Parsed

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_ARROW = re.compile(rf"[ \t]*{_TIME}[ \t]*-{{1,2}}>[ \t]*{_TIME}(?:[ \t].*)?")
_COMMA = re.compile(rf"[ \t]*{_TIME},{_TIME}[ \t]*")
_VTT_LANGUAGE = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)[ \t]*$", re.MULTILINE
)
# Blocks of WebVTT that nobody speaks; a header again begins a segment that was joined.
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)")
_HEAD = 4000


def looks_timed(text: str) -> bool:
    head = text[:_HEAD]
    return "WEBVTT" in head[:16] or any(map(_times, head.split("\n")))


def parse_timed_lines(text: str) -> Parsed:
    """Whatever stands between two lines of times belongs to the first, but for the name or number
    of the second."""
    is_vtt = _is_vtt(text)
    cues: list[Cue] = []
    at: tuple[float, float] | None = None
    spoken: list[str] = []
    aside, above = False, ""
    for line in text.split("\n"):
        if times := _times(line):
            if at:
                cues.append(_cue(_without_name(spoken), at))
            at, spoken, aside = times, [], False
        elif not above.strip():
            aside = is_vtt and _ASIDE.match(line) is not None
        if not times and not aside:
            spoken.append(line)
        above = line
    if at:
        cues.append(_cue(spoken, at))
    return Parsed(cues, _format(text), _language(text))


def _cue(spoken: Sequence[str], at: tuple[float, float]) -> Cue:
    return Cue("\n".join(spoken).replace("[br]", "\n"), *at)


def _without_name(spoken: Sequence[str]) -> Sequence[str]:
    """A name stands alone, directly above the times; a number may lack a blank line on one side.
    What else is a number is spoken."""
    last = len(spoken) - 1
    while last >= 0 and not spoken[last].strip():
        last -= 1
    adjacent = last == len(spoken) - 1
    apart = last > 0 and not spoken[last - 1].strip()
    if last < 0 or not (adjacent or apart):
        return spoken
    named = spoken[last].strip().isdigit() or (
        adjacent and apart and any(map(str.strip, spoken[:last]))
    )
    return spoken[:last] if named else spoken


def _times(line: str) -> tuple[float, float] | None:
    if ":" not in line:
        return None
    match = _ARROW.fullmatch(line) if "->" in line else _COMMA.fullmatch(line)
    if match is None:
        return None
    parts = match.groups()
    return _seconds(*parts[:4]), _seconds(*parts[4:])


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    part = int(fraction) / 10 ** len(fraction) if fraction else 0.0
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + part


def _is_vtt(text: str) -> bool:
    return text.lstrip()[:6].upper() == "WEBVTT"


def _format(text: str) -> str:
    if _is_vtt(text):
        return "vtt"
    return "srt" if "-->" in text[:_HEAD] else "sbv"


def _language(text: str) -> str | None:
    told = _VTT_LANGUAGE.search(text[:_HEAD].split("\n\n", 1)[0]) if _is_vtt(text) else None
    return told[1] if told else None
