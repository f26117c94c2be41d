"""Captions as speech: sounds and speaker labels taken out of the words, kept as boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

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
    """`parted` by a dash or a sound from what comes before."""

    text: str
    start: float
    end: float
    parted: bool


def utterances(segments: Iterable[Segment]) -> Iterator[Utterance]:
    """The words of the captions line by line, in order, times spread over a caption's lines."""
    lines = [line for segment in segments for line in _lines(segment)]
    labels = [_LABEL.match(line.text) for line in lines]
    speakers = _speakers(labels)
    speaker: str | None = None
    fresh, closed = True, False
    for line, label in zip(lines, labels, strict=True):
        fresh, words = fresh or line.parted, line.text
        if label and label["name"] in speakers:
            fresh, speaker = fresh or label["name"] != speaker, label["name"]
            words = words[label.end() :]
        elif label and speaker and (fresh or closed):  # it names somebody else, or nobody
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
        yield _Line(line[dash.end() :] if dash else line, start, end, bool(dash))


def _speakers(labels: Sequence[regex.Match[str] | None]) -> frozenset[str]:
    """Those that really name speakers: generic ones, capitals, those on a line of their own, the
    first of all, and those that come more than once."""
    seen = Counter(label["name"] for label in labels if label)
    sure = {label["name"] for label in labels if label and label.end() == len(label.string)}
    sure.update(label["name"] for label in labels[:1] if label)
    return frozenset(
        name
        for name, count in seen.items()
        if count > 1
        or name in sure
        or name.isupper()
        or name.split()[0].casefold() in _GENERIC_SPEAKERS
    )
