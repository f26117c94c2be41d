"""Captions as speech: sounds and speaker labels taken out of the words, kept as boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from youtube_analysis.models.transcript import Segment
from youtube_analysis.patterns import Pattern

from .words import word_lists

# `[applause]`, `(laughter)`, `♪ song ♪`, `【拍手】`: heard, not said.
_HEARD = (
    r"\[[^\]\n]{1,60}(?:\n[^\]\n]{1,40})?\]|【[^】]{1,60}】"
    r"|\((?:[^)\n]{0,30}\b)?(?:applause|laugh\w*|music|cheer\w*|inaudible|crosstalk|silence|beep"
    r"|аплодисменты|смех|музыка|applaus|lachen|rires?|applaudissements|risas|aplausos|拍手|笑い?|笑声|掌声|音楽|音乐)"
    r"\b[^)\n]{0,30}\)|[♪♫🎵🎶][^♪♫🎵🎶]{0,300}[♪♫🎵🎶]?|\*[a-z ]{3,30}\*"
)
_SOUND = Pattern(_HEARD)
_SOUND_AT_END = Pattern(rf"(?m)^\s*(?:{_HEARD})|(?:{_HEARD})\s*$")
_DASH = Pattern(r"^\s*(?:[-–—]\s*|&?>>+\s*|»\s*)+")
_LABEL = Pattern(
    r"^\s*(?P<name>(?:[\p{Lu}\p{Lo}][\w.'’&-]*)(?:[ ][\p{Lu}\p{Lo}\d][\w.'’&-]*){0,3}"
    r"(?: \(\p{Lu}+\))?"
    r"|man|woman|boy|girl|audience(?: member)?|announcer|narrator|host|speaker(?: \d)?|interviewer"
    r"|мужчина|женщина|ведущий)\s?[:：](?:\s+|$)"
)
_GENERIC_SPEAKERS = word_lists("speech")["speakers"]
# Right-to-left captions often carry their full stop in front, where it looks right on screen.
_LEADING_STOP = Pattern(r"^(?P<stop>[.!…،؛؟?:]+)\s*(?P<words>[\p{Arabic}\p{Hebrew}].*)$")
_CLOSING = frozenset('.!?…。！？؟"”’»')


class Utterance(NamedTuple):
    """Words of one caption line. `fresh` says that they cannot go on what was said before:
    the speaker changed, or a sound lies between."""

    text: str
    start: float
    end: float
    speaker: str | None
    fresh: bool


class _Line(NamedTuple):
    """`words` without the `label` that may name their speaker; `parted` by a dash or a sound from
    what comes before."""

    label: str
    words: str
    name: str
    parted: bool
    start: float
    end: float


def utterances(segments: Iterable[Segment]) -> Iterator[Utterance]:
    """The words of the captions line by line, in order, times spread over a caption's lines."""
    lines = [line for segment in segments for line in _lines(segment)]
    speakers = _speakers(lines)
    speaker: str | None = None
    fresh, closed = True, False
    for line in lines:
        fresh, words = fresh or line.parted, line.words
        if line.name in speakers:
            fresh, speaker = fresh or line.name != speaker, line.name
        elif line.name:
            words = line.label + words
            if speaker and (fresh or closed):  # it names somebody else, or nobody
                fresh, speaker = True, None
        text = " ".join(words.split())
        if stop := _LEADING_STOP.match(text):
            text = stop["words"] + stop["stop"]
        if text:
            yield Utterance(text, line.start, line.end, speaker, fresh)
            fresh, closed = False, text[-1] in _CLOSING


def _lines(segment: Segment) -> Iterator[_Line]:
    """Lines of a caption; each takes the share of its time that its length suggests. A sound at
    the end of a line parts like the dash of a dialogue, one within it does not."""
    text = _SOUND.sub(" ", _SOUND_AT_END.sub("\n-", segment.text))
    lines = [line for line in text.split("\n") if line.strip()]
    length = sum(map(len, lines))
    passed = 0
    for line in lines:
        start = segment.start + segment.duration * passed / length
        passed += len(line)
        end = segment.start + segment.duration * passed / length
        dash = _DASH.match(line)
        bare = line[dash.end() :] if dash else line
        label = _LABEL.match(bare) if ":" in bare or "：" in bare else None
        name, behind = (label["name"], label.end()) if label else ("", 0)
        yield _Line(bare[:behind], bare[behind:], name, bool(dash), start, end)


def _speakers(lines: Sequence[_Line]) -> frozenset[str]:
    """Labels that really name speakers: generic ones, capitals, those on a line of their own, the
    first of all, and those that come more than once."""
    seen = Counter(line.name for line in lines if line.name)
    sure = {line.name for line in lines if not line.words.strip()}.union(line.name for line in lines[:1])
    return frozenset(
        name
        for name, count in seen.items()
        if count > 1
        or name in sure
        or name.isupper()
        or name.split()[0].casefold() in _GENERIC_SPEAKERS
    )
