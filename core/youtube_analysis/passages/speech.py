"""Captions as speech: sounds and speaker labels taken out of the words, kept as boundaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from youtube_analysis.models.transcript import Segment
from youtube_analysis.patterns import Pattern

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
_GENERIC_SPEAKERS = frozenset(
    "man woman boy girl audience announcer narrator host speaker interviewer".split()
)


# Right-to-left captions often carry their full stop in front, where it looks right on screen.
_LEADING_STOP = Pattern(r"^(?P<stop>[.!…،؛؟?:]+)\s*(?P<words>[\p{Arabic}\p{Hebrew}].*)$")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one caption line. `fresh` says that they cannot go on what was said before:
    the speaker changed, or a sound lies between."""

    text: str
    start: float
    end: float
    speaker: str | None
    fresh: bool


def utterances(segments: Iterable[Segment]) -> Iterator[Utterance]:
    """The words of the captions line by line, in order, times spread over a caption's lines."""
    listed = list(segments)
    speakers = _speakers(listed)
    speaker: str | None = None
    fresh = True
    for segment in listed:
        for line, start, end in _timed_lines(segment):
            spoken = _SOUND.sub(" ", line)
            fresh = fresh or _starts_with_sound(line)
            bare = _DASH.sub("", spoken)
            fresh = fresh or bare != spoken
            label = _LABEL.match(bare)
            if label and label["name"] in speakers:
                fresh = fresh or label["name"] != speaker
                speaker, bare = label["name"], bare[label.end() :]
            text = _LEADING_STOP.sub(r"\g<words>\g<stop>", " ".join(bare.split()))
            if text:
                yield Utterance(text, start, end, speaker, fresh)
                fresh = _SOUND.search(line) is not None and not _starts_with_sound(line)
            else:
                fresh = fresh or bool(line.strip())


def _starts_with_sound(line: str) -> bool:
    return _SOUND.match(line.lstrip()) is not None


def _timed_lines(segment: Segment) -> Iterator[tuple[str, float, float]]:
    """Lines of a caption; each takes the share of its time that its length suggests."""
    text = _SOUND.sub(lambda sound: sound[0].replace("\n", " "), segment.text)
    lines = [line for line in text.split("\n") if line.strip()]
    length = sum(map(len, lines))
    passed = 0
    for line in lines:
        start = segment.start + segment.duration * passed / length
        passed += len(line)
        yield line, start, segment.start + segment.duration * passed / length


def _speakers(segments: list[Segment]) -> frozenset[str]:
    """Labels that really name speakers: generic ones, capitals, those on a
    line of their own, the first of all, and those that come more than once."""
    seen: Counter[str] = Counter()
    certain: set[str] = set()
    for place, segment in enumerate(segments):
        alone = _LABEL_ALONE.match(segment.text)
        for line, _, _ in _timed_lines(segment):
            if label := _LABEL.match(_DASH.sub("", _SOUND.sub(" ", line))):
                seen[label["name"]] += 1
                if alone or place == 0:
                    certain.add(label["name"])
    return frozenset(
        name
        for name, count in seen.items()
        if count > 1
        or name in certain
        or name.isupper()
        or name.split()[0].casefold() in _GENERIC_SPEAKERS
    )
