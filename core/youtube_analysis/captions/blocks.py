"""Captions as lines of text: a time, and what is said from then on.

SubRip, WebVTT, SubViewer, what Whisper prints, the transcripts of meeting programs and those that
people paste differ in where a time stands. One reader takes them all, since files mix them; the
layout is the one that most lines of a file speak for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from . import layouts
from .cleaning import Cue, Parsed, each_line, unreadable
from .layouts import Layout, Times

# Lines that tell what the others are like.
_TELLING = 2_000
# Lines, and their share of those with words, from which times are the layout of a file. More names
# than the share here are no names: each has words of its own below it.
_ENOUGH = {
    layouts.cue: (1, 0.02),
    layouts.in_front: (2, 0.02),
    layouts.behind_name: (2, 0.2),
    layouts.at_end: (2, 0.02),
}
_MOST_NAMES = 0.6
# From here on a file is full of times, and what is not understood must not become an estimate.
_FEWEST_TIMES, _FULL_OF_TIMES = 3, 0.25
# Share of first lines from which they are all about what follows, and characters of one.
_HEADED, _LONGEST_HEAD = 0.9, 60
# Blocks of WebVTT that nobody speaks; a header again begins a segment that was joined.
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)")
_VTT_LANGUAGE = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)[ \t]*$", re.MULTILINE
)
_VTT_HEAD = 4000


def parse_lines(text: str) -> Parsed | None:
    """None for a text without times. Raises UnreadableTimes."""
    layout = _layout(text)
    if text.lstrip()[:6].upper() == "WEBVTT":
        told = _VTT_LANGUAGE.search(text[:_VTT_HEAD].split("\n\n", 1)[0])
        cues = _read(_without_asides(_lines(text)), layouts.cue)
        return Parsed(list(cues), "vtt", told[1] if told else None)
    if layout is None:
        return None
    if layout is layouts.cue:
        return Parsed(list(_read(_lines(text), layout)), "srt" if "->" in text else "sbv")
    if layout is layouts.at_end:
        return Parsed(list(_read_backwards(_lines(text))), "txt")
    return Parsed(_without_heads(list(_read(_lines(text), layout))), "txt")


def _layout(text: str) -> Layout | None:
    """Raises UnreadableTimes where most times cannot be read."""
    seen: Counter[Layout] = Counter()
    unread: list[str] = []
    filled = 0
    for line in islice(_lines(text), _TELLING):
        filled += bool(line.strip())
        known = (each for each in _ENOUGH if each(line)) if ":" in line else iter(())
        if layout := next(known, None):
            seen[layout] += 1
        elif layouts.is_timelike(line):
            unread.append(line)
    best = max(_ENOUGH, key=lambda each: seen[each])
    # Whoever speaks may begin a line with a time; hardly anybody with two and an arrow.
    if 10 * seen[layouts.cue] >= seen[best]:
        best = layouts.cue
    count = seen[best]
    broken = sum(map(layouts.is_unreadable, unread))
    is_full = len(unread) >= max(_FEWEST_TIMES, _FULL_OF_TIMES * filled)
    if broken > seen[layouts.cue] or (is_full and len(unread) > count):
        raise unreadable(unread[0])
    lines, share = _ENOUGH[best]
    if best is layouts.behind_name and count > _MOST_NAMES * filled:
        best = layouts.at_end
    return best if count >= max(lines, share * filled) else None


def _lines(text: str) -> Iterator[str]:
    """Without the fence that a chat model puts around a file."""
    for line in each_line(text):
        if "[" in line:
            yield from layouts.divide(line)
        elif not line.startswith("```"):
            yield line


def _without_asides(lines: Iterable[str]) -> Iterator[str]:
    aside, above = False, ""
    for line in lines:
        if not above.strip():
            aside = _ASIDE.match(line) is not None
        aside = aside and layouts.cue(line) is None
        if not aside:
            yield line
        above = line


def _read(lines: Iterable[str], layout: Layout) -> Iterator[Cue]:
    """Whatever stands between two times belongs to the first, but for the name or number of the
    second. A time that cannot be read is the one before."""
    at: Times | None = None
    spoken: list[str] = []
    names = _Names([])
    for line in lines:
        times = layout(line) if ":" in line else None
        if times is None and layout is layouts.cue and layouts.is_unreadable(line):
            times = at[0] if at else 0.0, None, ""
        if times is None:
            spoken.append(line)
            continue
        if at:
            yield _made(at, names.without(spoken))
        elif layout is layouts.cue:
            names = _Names(spoken)
        at, spoken = times, []
    if at:
        yield _made(at, spoken)


def _read_backwards(lines: Iterable[str]) -> Iterator[Cue]:
    """Each time stands behind its words."""
    spoken: list[str] = []
    for line in lines:
        if times := layouts.at_end(line):
            start, end, said = times
            yield _made((start, end, "\n".join([*spoken, said])), [])
            spoken = []
        else:
            spoken.append(line)


def _made(at: Times, spoken: list[str]) -> Cue:
    start, end, said = at
    return Cue("\n".join([said, *spoken] if said else spoken).replace("[br]", "\n"), start, end)


class _Names:
    """Whether cues are numbered or named, as what stands above the first of them tells."""

    def __init__(self, above: list[str]) -> None:
        last = next((line.strip() for line in reversed(above) if line.strip()), "")
        self._numbered = last.isdigit()
        self._named = bool(above and above[-1].strip())

    def without(self, spoken: list[str]) -> list[str]:
        """A name stands alone, directly above the times; a number may lack a blank line on one
        side. What else is a number is spoken."""
        last = next((at for at in range(len(spoken) - 1, -1, -1) if spoken[at].strip()), -1)
        if last < 0:
            return spoken
        adjacent = last == len(spoken) - 1
        apart = last == 0 or not spoken[last - 1].strip()
        is_number = self._numbered and (adjacent or apart) and spoken[last].strip().isdigit()
        is_name = adjacent and apart and (self._named or any(map(str.strip, spoken[:last])))
        return spoken[:last] if is_number or is_name else spoken


def _without_heads(cues: list[Cue]) -> list[Cue]:
    """First lines that only say the time again are no speech; those that come again and again say
    who speaks."""
    parts = [cue.text.strip().partition("\n") for cue in cues]
    pairs = list(zip(cues, parts, strict=True))
    again = sum(_says(head, cue.start) for cue, (head, _, _) in pairs)
    if again >= _HEADED * len(cues):
        return [
            Cue(rest if _says(head, cue.start) else cue.text, cue.start, cue.end)
            for cue, (head, _, rest) in pairs
        ]
    names = sum(bool(rest) and _is_name(head) for head, _, rest in parts)
    if names == len(cues) >= 2 * len({head for head, _, _ in parts}):
        return [Cue(f"{head}:\n{rest}", cue.start, cue.end) for cue, (head, _, rest) in pairs]
    return cues


def _says(head: str, start: float) -> bool:
    """`1 minute, 5 seconds` at 1:05, in whatever language."""
    if len(head) > _LONGEST_HEAD or not any(map(str.isalpha, head)):
        return False
    fields = (int(start) // 3600, int(start) // 60 % 60, int(start) % 60)
    return [int(n) for n in re.findall(r"\d+", head)] == ([n for n in fields if n] or [0])


def _is_name(head: str) -> bool:
    words = head.split() if re.fullmatch(layouts.NAME, head) and ":" not in head else []
    return bool(words) and not any(word[0].islower() for word in words)
