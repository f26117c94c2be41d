"""Captions as speech: sounds and speaker labels taken out of the words, kept as boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from youtube_analysis.models.transcript import Segment
from youtube_analysis.patterns import Pattern

from .words import word_lists

# `[applause]`, `(laughter)`, `♪ song ♪`, `【拍手】`: heard, not said.
_SOUND = Pattern(
    r"\[[^\]\n]{1,60}(?:\n[^\]\n]{1,40})?\]|【[^】]{1,60}】"
    r"|\((?:[^)\n]{0,30}\b)?(?:applause|laugh\w*|music|cheer\w*|inaudible|crosstalk|silence|beep"
    r"|аплодисменты|смех|музыка|applaus|lachen|rires?|applaudissements|risas|aplausos|拍手|笑い?|笑声|掌声|音楽|音乐)"
    r"\b[^)\n]{0,30}\)|[♪♫🎵🎶][^♪♫🎵🎶]{0,300}[♪♫🎵🎶]?|\*[a-z ]{3,30}\*"
)
_DASH = Pattern(r"^\s*(?:[-–—]\s*|&?>>+\s*|»\s*)+")
_LABEL = Pattern(
    r"^\s*(?P<name>(?:[\p{Lu}\p{Lo}][\w.'’&-]*)(?:[ ][\p{Lu}\p{Lo}\d][\w.'’&-]*){0,3}"
    r"(?: \(\p{Lu}+\))?"
    r"|man|woman|boy|girl|audience(?: member)?|announcer|narrator|host|speaker(?: \d)?|interviewer"
    r"|мужчина|женщина|ведущий)\s?[:：](?:\s+|$)"
)
_LABEL_ALONE = Pattern(r"^[^\n]{1,40}[:：]\s*\n")
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
    """`words` without the `label` that may name their speaker, and surely does where `sure`;
    `parted` from what comes before by a sound or a dash, `parting` from what comes after."""

    label: str
    words: str
    name: str
    sure: bool
    parted: bool
    parting: bool
    start: float
    end: float


def utterances(segments: Iterable[Segment]) -> Iterator[Utterance]:
    """The words of the captions line by line, in order, times spread over a caption's lines."""
    lines = [line for n, segment in enumerate(segments) for line in _lines(segment, first=n == 0)]
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
            closed = text[-1] in _CLOSING
        fresh = line.parting or not text


def _lines(segment: Segment, *, first: bool) -> Iterator[_Line]:
    """Lines of a caption; each takes the share of its time that its length suggests."""
    heard = _SOUND.search(segment.text)
    text = segment.text
    if heard:
        text = _SOUND.sub(lambda sound: sound[0].replace("\n", " "), text)
    lines = [line for line in text.split("\n") if line.strip()]
    sure = first or _LABEL_ALONE.match(segment.text) is not None
    length = sum(map(len, lines))
    passed = 0
    for line in lines:
        start = segment.start + segment.duration * passed / length
        passed += len(line)
        end = segment.start + segment.duration * passed / length
        sound = _SOUND.search(line) if heard else None
        led = sound is not None and not line[: sound.start()].strip()
        spoken = _SOUND.sub(" ", line) if sound else line
        dash = _DASH.match(spoken)
        bare = spoken[dash.end() :] if dash else spoken
        label = _LABEL.match(bare) if ":" in bare or "：" in bare else None
        name, behind = (label["name"], label.end()) if label else ("", 0)
        parting = sound is not None and not led
        yield _Line(
            bare[:behind], bare[behind:], name, sure, led or bool(dash), parting, start, end
        )


def _speakers(lines: Iterable[_Line]) -> frozenset[str]:
    """Labels that really name speakers: generic ones, capitals, those on a
    line of their own, the first of all, and those that come more than once."""
    seen = Counter(line.name for line in lines if line.name)
    sure = {line.name for line in lines if line.sure}
    return frozenset(
        name
        for name, count in seen.items()
        if count > 1
        or name in sure
        or name.isupper()
        or name.split()[0].casefold() in _GENERIC_SPEAKERS
    )
