"""Times as files of captions write them."""

from __future__ import annotations

import re
from operator import mul

CLOCK = r"(?:(?:\d{1,3} ?[:：] ?){1,3}\d\d?(?: ?[.,，;] ?\d{1,6})?|\d\d(?:;\d\d){3})"
# Between times to the second of the hour a dash will do; `10:30 - 11:00` is an agenda. Between
# finer ones, and frames, so will any sign.
_DASH = (
    r"(?:(?<=\d:\d\d:\d\d)[ \t]*[-–—~]|(?:(?<=[.,，;]\d\d\d)|(?<=;\d\d))[ \t]*(?:[^\w\s]{1,4}|to))"
)
ARROW = rf"(?:[ \t]*(?:[-–—= ]{{1,4}}(?:>|&gt;)|→)|{_DASH})[ \t]*"
# Seconds without a clock stand between marks: `[12.5s -> 15s]`.
SECONDS = r"\d{1,6}(?:\.\d{1,3})?s"
# Seconds of a clock's fields from behind; frames a second.
_UNITS, FRAMES = (1.0, 60.0, 3600.0, 86_400.0), 30.0


def seconds(clock: str, *, framed: bool = False) -> float:
    """`1:02.5`, `00:01:02,500`, `00:00:01;15` with frames, `12.5s`; a number alone is milliseconds.
    Of four fields the first are days, `8:03:18:18`, or else, `framed`, the last are frames."""
    if clock.isdecimal():
        return int(clock) / 1000
    told = re.sub(r";(?=\d{3,6}$)", ".", re.sub("[,，]", ".", clock.replace(" ", "")))
    fields = re.split("[:：;]", told.removesuffix("s"))
    frames = fields.pop() if ";" in told or (framed and len(fields) == len(_UNITS)) else "0"
    return sum(map(mul, _UNITS, map(float, reversed(fields))), start=float(frames) / FRAMES)
