"""Captions as lines of text: a time, and what is said from then on.

SubRip, WebVTT, SubViewer, SubStation, what Whisper prints, the transcripts of meeting programs and
those that people paste differ in where a time stands. One reader takes them all: a file's layout
is the one that its header names, else the one that most of its lines speak for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from youtube_analysis.errors import UnknownCaptionsFormat

from .cleaning import Cue, Parsed, unreadable
from .clocks import ARROW, CLOCK, SECONDS, seconds

# Lines that tell what the others are like.
_TELLING = 2_000
# Characters of a line: an hour of talk has 60,000.
_LONGEST_LINE = 128 * 1024

# SubViewer has a comma between two times, and nothing behind them; WebVTT has settings there.
_CUE = re.compile(
    rf"[ \t]*[\[(]?(?P<start>{CLOCK})(?:{ARROW}|,(?=\S+\s*$))(?P<end>{CLOCK})[\])]?"
    r"(?=\s|$)[ \t]*(?:(?:[A-Za-z][\w-]*:\S+(?:\s+|$))+$)?(?P<said>.*)"
)
_MARKED = rf"[\[(【](?P<start>{CLOCK})[\])】]"
_UNTIL = rf"(?:(?:{ARROW}|[ \t]*[-–—~][ \t]*)(?P<end>{CLOCK}|{SECONDS}))?"
# Bare, it may be glued to words, but not to what makes it a time of the day.
_GLUED = r"(?<=\d\d)(?!(?:[ap]\.?m|h|Uhr|Z)\b)[^\W\d_](?!\d)"
_BARE = rf"(?:(?<=;\d\d)|(?=[\s–—|*_`-]|:(?:\s|[^\W\d_](?!\d))|{_GLUED}|$))"
_STAMP = (
    rf"(?P<mark>[\[(【])?(?P<start>{CLOCK}|(?<=[\[(]){SECONDS}){_UNTIL}"
    rf"(?(mark)[\])】](?:\(https?://[^()\s]{{1,300}}\))?|{_BARE})"
)
# A stamp in front may be marked up, or the time code of a program for editing: `*TC 00:01:10;23`.
_IN_FRONT = re.compile(
    rf"[ \t]*(?:\*TC |[*_`]{{1,3}})?{_STAMP}[*_`]{{0,3}}"
    r"[ \t]*(?:-{1,3}>|[-–—:|]{0,2})[ \t]*(?P<said>.*)"
)
# `Ann Example  0:01`, `Speaker 1 (00:01):`; whoever speaks begins with no small letter.
_NAME = r"(?![a-z])\w[^\n\[\](){}!?;,]{0,60}?"
_BEHIND_NAME = re.compile(
    rf"[ \t]*(?P<name>{_NAME}(?<!\.)):?[ \t]{{1,9}}{_STAMP}[ \t]*:?[ \t]*"
    r"(?P<said>(?(mark).*|(?:(?<=\t).*)?$))"
)
_ALONE = re.compile(rf"[ \t]*{_NAME}(?<![.:])[ \t]*")
_AT_END = re.compile(rf"(?P<said>.*\S)[ \t]*{_MARKED}[ \t]*$")
_BETWEEN = re.compile(rf"(?<=\S)[ \t]+(?=\[{CLOCK}\])")
# What draws is no speech.
_DIALOGUE = re.compile(
    rf"Dialogue:[^,]*,\s*(?P<start>{CLOCK})\s*,\s*(?P<end>{CLOCK})\s*,(?:[^,]*,){{6}}"
    r"(?:\{[^}]*\\p[1-9].*)?(?P<said>.*)"
)
# A row of a table; without a header, one whose times are clocks, or fine and between tabs.
_ROW, _PLAIN_ROW = (
    re.compile(
        rf'"?(?P<start>{CLOCK}|{number})"? ?[\t,;] ?"?(?P<end>{CLOCK}|{number})"? ?[\t,;] ?'
        r'"?(?P<said>.*?)"?[ \t]*$'
    )
    for number in (r"\d+(?:\.\d+)?", r"\d+\.\d{3,6}(?=\t)")
)
# An arrow between two times, one of which is none.
_TORN = re.compile(r"[ \t]*[\[(]?[-\d][^\s:]{0,9}:.{0,60}?(?:->|-&gt;|[–—=]>|→)")
# How a line begins that tells a time, in whatever spelling.
_TIMELIKE = re.compile(
    rf"{_TORN.pattern}|Dialogue:|.{{0,60}}\d ?-->|.{{0,20}}<\|\d|\[\d{{1,5}}\.\d{{1,3}}\]"
    r"|(?:\d{1,4}[.)] )?\W{0,6}\d{1,3} ?(?:[:.'’] ?\d\d|[hms]\b|min|sec|[hm] ?\d)"
)
# Times that stand in few lines, or in one.
_ARROWS = re.compile(r"\d[\d:.,]{0,20} ?-->.{0,30}")
# From here on a file is full of times, and what is not understood must not become an estimate.
_FEWEST_TIMES, _FULL_OF_TIMES = 3, 0.2
# More names than this share of lines are no names: each has words of its own below it.
_MOST_NAMES = 0.6
# Blocks of WebVTT that nobody speaks; a header again begins a segment that was joined.
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)")
_BREAK = re.compile(r"\[br\]|\\N")
_LANGUAGE = re.compile(r"\s*WEBVTT.*\n(?:.{1,200}\n){0,20}?Language:[ \t]*([\w-]{2,12})[ \t]*\n")
# Share of first lines from which they all tell the time again, and characters of one.
_MOST_AGAIN, _LONGEST_TOLD = 0.9, 60


class _Times(NamedTuple):
    """`said` are the words beside the times."""

    start: float
    end: float | None
    said: str


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Where a time stands in a line. Without a header, so many lines and such a share of them
    must have one there."""

    pattern: re.Pattern[str]
    format: str
    header: str | tuple[str, ...] = ""
    fewest: int = 2
    share: float = 0.02

    def times(self, line: str) -> _Times | None:
        match = self.pattern.match(line)
        if match is None:
            return None
        told = match.groupdict()
        said = f"{told['name']}:\n{told['said']}" if "name" in told else told["said"]
        end = told.get("end")
        # With two times there is no place for days.
        start = seconds(told["start"], framed=end is not None)
        return _Times(start, None if end is None else seconds(end, framed=True), said)


_SUBRIP = _Layout(_CUE, "srt", fewest=1)
_NAMED = _Layout(_BEHIND_NAME, "txt", share=0.2)
_BACKWARDS = _Layout(_AT_END, "txt")
_PASTED = _Layout(_IN_FRONT, "txt")
_HEADED = (
    _Layout(_CUE, "vtt", "webvtt"),
    _Layout(_DIALOGUE, "ass", "[script info]"),
    _Layout(_ROW, "tsv", ("start\tend\ttext\n", "start,end,text\n")),
)
_PLAIN = (_SUBRIP, _Layout(_PLAIN_ROW, "csv", share=0.5), _PASTED, _NAMED, _BACKWARDS)


def parse_lines(text: str) -> Parsed | None:
    """None for a text without times. Raises UnreadableTimes, and UnknownCaptionsFormat where the
    words stand in codes."""
    if text.startswith("Scenarist_SCC"):
        raise UnknownCaptionsFormat
    layout = _layout(text)
    if layout is None:
        return None
    lines = _lines(text)
    if layout.pattern is _CUE:
        language = _LANGUAGE.match(text)
        cues = _read(_without_asides(lines), layout)
        return Parsed(cues, layout.format, language[1] if language else None)
    if layout in _HEADED:
        rows = (_cue(times, []) for line in lines if (times := layout.times(line)))
        return Parsed(rows, layout.format)
    cues = _without_times_again(_read(lines, layout))
    return Parsed(_named_above(cues) if layout is _PASTED else cues, layout.format)


def _layout(text: str) -> _Layout | None:
    """Raises UnreadableTimes where most times cannot be read."""
    start = text[:100].lstrip().casefold().replace('"', "")
    headed = [layout for layout in _HEADED if start.startswith(layout.header)]
    seen: Counter[_Layout] = Counter()
    unread: list[str] = []
    filled = backwards = 0
    for line in islice(_lines(text), _TELLING):
        filled += bool(line.strip())
        known = next((each for each in headed or _PLAIN if each.pattern.match(line)), None)
        if known:
            seen[known] += 1
            backwards += known is _NAMED and _AT_END.match(line) is not None
        elif _TIMELIKE.match(line):
            unread.append(line)
    best = max(headed or _PLAIN, key=lambda each: seen[each])
    # Whoever speaks may begin a line with a time; hardly anybody with two and an arrow.
    if 10 * seen[_SUBRIP] >= seen[best] and not headed:
        best = _SUBRIP
    is_full = len(unread) >= max(_FEWEST_TIMES, _FULL_OF_TIMES * filled)
    if len(unread) > seen[best] and (is_full or headed):
        raise unreadable(unread[0])
    if not headed and seen[best] < max(best.fewest, best.share * filled):
        if len(arrows := list(islice(_ARROWS.finditer(text), _FEWEST_TIMES))) == _FEWEST_TIMES:
            raise unreadable(arrows[0][0])
        return None
    return _BACKWARDS if best is _NAMED and backwards > _MOST_NAMES * filled else best


def _lines(text: str) -> Iterator[str]:
    """Without the fence that a chat model puts around a file. A stamp within a line that begins
    with one begins a line too."""
    for line in _bounded(text):
        if "[" in line and _IN_FRONT.match(line):
            yield from _BETWEEN.split(line)
        elif not line.startswith("```"):
            yield line


def _bounded(text: str) -> Iterator[str]:
    """Lines one by one, and what is longer than any line in parts: all at once would hold the
    interpreter."""
    begin, length = 0, len(text)
    while begin <= length:
        limit = begin + _LONGEST_LINE
        stop = text.find("\n", begin, limit)
        if stop < 0:
            parted = (text.rfind(mark, begin + 1, limit) for mark in (" [", " "))
            stop = next((at for at in parted if at > 0), limit) if length > limit else length
        yield text[begin:stop]
        begin = stop + (text[stop : stop + 1] in " \n")


def _read(lines: Iterable[str], layout: _Layout) -> Iterator[Cue]:
    """Whatever stands between two times belongs to the first, but for the identifier of the
    second; or, backwards, to the second. A torn time is that of the cue before."""
    is_cues = layout.pattern is _CUE
    at: _Times | None = None
    between: list[str] = []
    numbered = False
    for line in lines:
        times = layout.times(line)
        if times is None and is_cues and _TORN.match(line):
            times = _Times(at.start if at else 0.0, None, "")
        if times is None:
            between.append(line)
            continue
        if layout is _BACKWARDS:
            yield _cue(times._replace(said=""), [*between, times.said])
            between = []
            continue
        if at:
            yield _cue(at, _without_identifier(between, numbered, words=is_cues))
        else:
            numbered = next(filter(None, map(str.strip, reversed(between))), "").isdigit()
        at, between = times, []
    if at:
        yield _cue(at, between)


def _without_asides(lines: Iterable[str]) -> Iterator[str]:
    aside, above = False, ""
    for line in lines:
        if not above.strip():
            aside = _ASIDE.match(line) is not None
        aside = aside and _CUE.match(line) is None
        if not aside:
            yield line
        above = line


def _without_identifier(between: list[str], numbered: bool, *, words: bool) -> list[str]:
    """One stands alone, directly above the times; a number may lack a blank line on one side.
    What else is a number is spoken. `words`: whether it may be another than a number."""
    *before, last = [n for n, line in enumerate(between) if line.strip()] or [-1]
    if last < 0:
        return between
    adjacent = last == len(between) - 1
    apart = last == 0 or not between[last - 1].strip()
    is_number = numbered and (adjacent or apart) and between[last].strip().isdigit()
    is_name = words and adjacent and apart and bool(before)
    return between[:last] if is_number or is_name else between


def _cue(at: _Times, between: list[str]) -> Cue:
    words = "\n".join([at.said, *between] if at.said else between)
    return Cue(_BREAK.sub("\n", words), at.start, at.end)


def _without_times_again(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Where first lines only tell the time again, they are no speech."""
    telling = list(islice(cues, _TELLING))
    again = sum(map(_tells, telling)) >= _MOST_AGAIN * len(telling)
    for cue in chain(telling, cues):
        told = again and _tells(cue)
        yield Cue(cue.text.strip().partition("\n")[2], cue.start, cue.end) if told else cue


def _named_above(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Where last lines are names that come again and again, each is of who speaks next."""
    telling = list(islice(cues, _TELLING))
    parted = [cue.text.strip().rpartition("\n") for cue in telling[:-1]]
    names = [last for words, _, last in parted if words and _ALONE.fullmatch(last)]
    again = len(names) > max(1, _MOST_AGAIN * len(parted)) and 2 * len(set(names)) <= len(names)
    name = ""
    for cue in chain(telling, cues):
        words, _, last = cue.text.strip().rpartition("\n")
        if again and words and _ALONE.fullmatch(last):
            yield Cue(name + words, cue.start, cue.end)
            name = f"{last.strip()}: "
        else:
            yield Cue(name + cue.text, cue.start, cue.end)
            name = ""


def _tells(cue: Cue) -> bool:
    """`1 minute, 5 seconds` at 1:05, in whatever language."""
    line, start = cue.text.strip().partition("\n")[0], int(cue.start)
    told = [int(n) for n in re.findall(r"\d+", line[:_LONGEST_TOLD])]
    fields = [n for n in (start // 3600, start // 60 % 60, start % 60) if n]
    return told == (fields or [0]) and any(map(str.isalpha, line))
