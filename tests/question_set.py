"""The questions that retrieval is measured by, their talks, and what counts as a hit.

`questions/` has a file a talk, an object a line: `question`, `windows` (seconds between which the
answer is said), `language` of the question, `kind`, `half` (`tune` or `held`), and `about` where
the question is about the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from youtube_analysis.captions import parse_captions
from youtube_analysis.models.video import (
    CaptionTrack,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.services.evaluation import hits

TESTS = Path(__file__).parent
FOLDER = TESTS / "questions"
RECORDED = TESTS.parent.parent / "shared" / "recordings" / "captions"
OURS = {
    "sample": TESTS.parent / "bot" / "vidthread" / "sample" / "talk.en.vtt",
    "werkstatt": FOLDER / "talks" / "werkstatt.de.vtt",
}
STRANGERS = {
    "io2009-keynote": RECORDED / "io2009-keynote.en.sbv-timing.srt",
    "javascript-the-good-parts": RECORDED / "javascript-the-good-parts.en.srt",
    "io2009-wave-ru": RECORDED / "io2009-wave.ru.srt",
    "intro-google-data-ja": RECORDED / "intro-google-data.ja.stc",
}

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """`about` is the intent of a question of kind `whole`, else empty."""

    question: str
    windows: tuple[Span, ...]
    language: str
    kind: str
    half: str
    about: str = ""

    @property
    def answerable(self) -> bool:
        return bool(self.windows)


@dataclass(frozen=True, slots=True)
class TalkAsked:
    name: str
    reading: Transcript
    asked: tuple[Asked, ...]


def talks(*, recorded: bool = True) -> tuple[TalkAsked, ...]:
    """Ours, and those of strangers where their recordings are there and wanted."""
    files = OURS | (STRANGERS if recorded and RECORDED.is_dir() else {})
    return tuple(_talk(name, path) for name, path in files.items())


def of_half(talk: TalkAsked, half: str) -> TalkAsked:
    return replace(talk, asked=tuple(asked for asked in talk.asked if asked.half == half))


def rank_of_hit(asked: Asked, cited: Sequence[Span]) -> int | None:
    """The least k for which the first k citations, best first, hit every window, else None."""
    ranks = range(1, len(cited) + 1)
    return next((k for k in ranks if hits(cited, asked.windows, k)), None)


def share(found: Iterable[bool]) -> float:
    """Of those that are true, 0 for none."""
    listed = list(found)
    return sum(listed) / max(1, len(listed))


@cache
def _talk(name: str, path: Path) -> TalkAsked:
    return TalkAsked(name, read(path), _questions(name))


def read(path: Path) -> Transcript:
    """A captions file as the talk of a video that nobody knows."""
    parsed = parse_captions(path.name, path.read_bytes())
    coverage = measure_coverage(parsed.segments, None)
    name = path.name.split(".", maxsplit=1)[0]
    return split_into_passages(
        VideoData(
            VideoInfo("file-000000000000", name, duration=coverage.total),
            parsed.segments,
            CaptionTrack(parsed.language or "", ""),
            Source.FILE,
            coverage,
        )
    )


def _questions(name: str) -> tuple[Asked, ...]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(_asked(line) for line in lines if line.strip())


def _asked(line: str) -> Asked:
    told = json.loads(line)
    windows = tuple((float(start), float(end)) for start, end in told["windows"])
    return Asked(
        told["question"],
        windows,
        told["language"],
        told["kind"],
        told["half"],
        told.get("about", ""),
    )
