"""SubRip, WebVTT and SubViewer: blocks of text under a line with two times.

One reader takes all three, since files mix them (SubViewer times in an .srt, commas in a .vtt).
"""

from __future__ import annotations

import re

from .cue import Cue, Parsed

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_ARROW = re.compile(rf"[ \t]*{_TIME}[ \t]*-{{1,2}}>[ \t]*{_TIME}(?:[ \t].*)?")
_COMMA = re.compile(rf"[ \t]*{_TIME},{_TIME}[ \t]*")
_VTT_LANGUAGE = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)[ \t]*$", re.MULTILINE
)
_ASIDE = ("NOTE", "STYLE", "REGION")
_HEAD = 4000


def looks_timed(text: str) -> bool:
    head = text[:_HEAD]
    return "WEBVTT" in head[:16] or any(map(_times, head.split("\n")))


def parse_timed_lines(text: str) -> Parsed:
    """Whatever stands between two lines of times belongs to the first, its number left out."""
    lines = text.split("\n")
    cues: list[Cue] = []
    at: tuple[float, float] | None = None
    spoken: list[str] = []
    aside = False
    for place, line in enumerate(lines):
        if times := _times(line):
            _close(cues, at, spoken, numbered=True)
            at, spoken, aside = times, [], False
        elif not line.strip():
            aside = False
        elif not spoken and line.split(maxsplit=1)[0] in _ASIDE and _blank(lines, place - 1):
            aside = True
        elif at and not aside:
            spoken.append(line)
    _close(cues, at, spoken, numbered=False)
    return Parsed(cues, _format(text), _language(text))


def _close(
    cues: list[Cue], at: tuple[float, float] | None, spoken: list[str], *, numbered: bool
) -> None:
    if at is None:
        return
    # The last line before the next times is that cue's number or name.
    if numbered and len(spoken) > 1 and spoken[-1].strip().isdigit():
        spoken = spoken[:-1]
    elif numbered and spoken and spoken[-1].strip().isdigit() and len(spoken) == 1:
        spoken = []
    cues.append(Cue("\n".join(spoken).replace("[br]", "\n"), *at))


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


def _blank(lines: list[str], place: int) -> bool:
    return place < 0 or not lines[place].strip()


def _format(text: str) -> str:
    if text.lstrip().startswith("WEBVTT"):
        return "vtt"
    return "srt" if "-->" in text[:_HEAD] else "sbv"


def _language(text: str) -> str | None:
    head = text[:_HEAD].split("\n\n", 1)[0]
    told = _VTT_LANGUAGE.search(head) if head.lstrip().startswith("WEBVTT") else None
    return told[1] if told else None
