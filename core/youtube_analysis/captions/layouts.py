"""Where a time stands in a line of captions. Each layout takes a line apart, or leaves it alone."""

from __future__ import annotations

import re
from collections.abc import Callable

# Start, end if it is told, and the words beside them.
Times = tuple[float, float | None, str]
Layout = Callable[[str], Times | None]

_CLOCK = r"-?(?:\d{1,3} ?: ?){1,2}\d{1,2}(?: ?[.,] ?\d{1,6})?"
# Between times to the second of the hour, or finer, a dash will do; `10:30 - 11:00` is an agenda.
_DASH = r"(?:(?<=[.,]\d\d\d)|(?<=\d:\d\d:\d\d))[ \t]*[-–—]"
_ARROW = rf"(?:[ \t]*(?:[-–—]{{1,3}} ?-?(?:>|&gt;)|=>|[→⇒])|{_DASH})[ \t]*"
# SubViewer has a comma between two times, and nothing behind them.
_CUE = re.compile(
    rf"[ \t]*[\[(]?({_CLOCK})(?:{_ARROW}|,(?=\S+\s*$))({_CLOCK})[\])]?(?=\s|$)[ \t]*(.*)"
)
_SETTINGS = re.compile(r"(?:[A-Za-z][\w-]*:\S+(?:\s+|$))+")
_UNREADABLE = re.compile(r"[ \t]*[\[(]?[-\d][^\s:]*:.*?(?:->|-&gt;|[–—=]>|[→⇒])")
# How a line begins that tells a time, in whatever spelling.
_TIMELIKE = re.compile(r"\W{0,3}\d{1,3} ?(?:[:.'’] ?\d\d|[hms]\b|min|sec|[hm] ?\d)")
_LONGEST_TIMES = 80

# `0:12 text`, `[00:12] text`, `(1:02:03) text`, a time on a line of its own; days before hours.
# Programs for editing write a time code, `*TC 00:01:10;23`, which ends with frames.
_STAMP = r"(?:\d{1,3}:){1,3}\d\d(?:[.,]\d{1,6}|;\d\d)?"
_MARKED = rf"[\[(](?P<marked>{_STAMP})[\])]"
_IN_FRONT = re.compile(
    rf"[ \t]*(?:\*TC[ \t]+)?(?:{_MARKED}|(?P<bare>{_STAMP})(?:(?<=;\d\d)|(?=\s|$|[-–—])))"
    r"[ \t]*[-–—]?[ \t]*(?P<said>.*)"
)
# `Ann Example  0:01`, `Speaker 1 (00:01):`; whoever speaks begins with no small letter.
NAME = r"(?![a-z])\w[^\n\[\](){}!?;,]{0,60}?"
_BEHIND_NAME = re.compile(
    rf"[ \t]*(?P<name>{NAME}(?<!\.)):?[ \t]{{1,9}}"
    rf"(?:{_MARKED}:?[ \t]*(?P<said>.*)|(?P<bare>{_STAMP})[ \t]*:?[ \t]*$)"
)
_AT_END = re.compile(rf"(?P<said>.*\S)[ \t]*{_MARKED}[ \t]*$")
_BETWEEN = re.compile(rf"(?<=\S)[ \t]+(?=\[{_STAMP}\])")
_FRAMES = 30.0


def cue(line: str) -> Times | None:
    match = _CUE.match(line)
    if match is None:
        return None
    said = "" if _SETTINGS.fullmatch(match[3]) else match[3]
    return seconds(match[1]), seconds(match[2]), said


def in_front(line: str) -> Times | None:
    match = _IN_FRONT.match(line)
    return (seconds(match["marked"] or match["bare"]), None, match["said"]) if match else None


def behind_name(line: str) -> Times | None:
    match = _BEHIND_NAME.match(line)
    if match is None:
        return None
    said = f"{match['name']}:\n{match['said'] or ''}".rstrip()
    return seconds(match["marked"] or match["bare"]), None, said


def at_end(line: str) -> Times | None:
    match = _AT_END.match(line)
    return (seconds(match["marked"]), None, match["said"]) if match else None


def is_unreadable(line: str) -> bool:
    """Whether there are two times with an arrow between, one of which is none."""
    return _UNREADABLE.match(line[:_LONGEST_TIMES]) is not None


def is_timelike(line: str) -> bool:
    return _TIMELIKE.match(line) is not None or is_unreadable(line)


def divide(line: str) -> list[str]:
    """Stamps within a line that begins with one begin a line too."""
    return _BETWEEN.split(line) if _IN_FRONT.match(line) else [line]


def seconds(clock: str) -> float:
    """`1:02.5`, `00:01:02,500`, `8:03:18:18` with days, `00:00:01;15` with frames."""
    if clock.startswith("-"):
        return 0.0
    whole, _, frames = clock.replace(" ", "").replace(",", ".").partition(";")
    fields = whole.split(":")
    total = int(frames or 0) / _FRAMES
    total += 86_400 * int(fields[0]) if len(fields) == 4 else 0
    for size, field in zip((1, 60, 3600), reversed(fields), strict=False):
        total += size * float(field)
    return total
