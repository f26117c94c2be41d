"""A video as this package knows it: its link, what it is, what was said in it and when, and what
could not be had.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from urllib.parse import unquote

import msgspec

from youtube_analysis.errors import InvalidLink, PlaylistLink

from .notices import Missing

# What an id and a time can be; whatever else stands behind them was added on the way.
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])")
_TIME = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})(?:\.\d*)?s?)?(?![\w:])")
_ADDRESS = re.compile(
    r"(?:https?:|/)*(?P<host>[a-z.-]+)(?::(?:80|443)?)?(?P<rest>[/?#].*)?", re.IGNORECASE | re.ASCII
)
_PARTS = re.compile(r"[?#]|&(?:amp;)*")
_YOUTUBE = frozenset(
    {
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "gaming.youtube.com",
        "consent.youtube.com",
        "studio.youtube.com",
        "youtubekids.com",
        "www.youtubekids.com",
        "youtube-nocookie.com",
        "www.youtube-nocookie.com",
    }
)
_SHORT = frozenset({"youtu.be", "www.youtu.be"})
_ID_IN_PATH = frozenset({"watch", "shorts", "live", "embed", "v", "e", "video"})
_LONGEST_LINK = 2048


@dataclass(frozen=True, slots=True)
class VideoLink:
    """`start` is the second that the link points at; `playlist_id` the list it was taken from."""

    video_id: str
    start: int | None = None
    playlist_id: str | None = None


def parse_link(text: str) -> VideoLink:
    """Raises InvalidLink for anything but one YouTube video, PlaylistLink for a bare playlist."""
    host, rest = _divided(text)
    path, *told = _PARTS.split(unquote(rest))
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in told)]
    segments = [segment for segment in path.split("/") if segment]
    kind, named = "".join(segments[:1]), "".join(segments[1:2])
    candidate = named if kind in _ID_IN_PATH else kind if host in _SHORT else ""
    # Pages that lead to a video name it in this way too, whatever they are called.
    candidate = candidate or _first(pairs, "v")
    playlist = _first(pairs, "list")
    if candidate == "videoseries" or (not candidate and playlist):
        raise PlaylistLink
    video = _VIDEO_ID.match(candidate)
    if video is None:
        raise InvalidLink(reason="no_video")
    return VideoLink(video[0], _start(pairs), playlist or None)


def _divided(text: str) -> tuple[str, str]:
    """The host of YouTube's, and what stands behind it."""
    link = text.strip()
    if link.startswith("<") and link.endswith(">"):
        # Chat platforms wrap links: `<url>` stops previews, Slack writes `<url|label>`.
        link = link[1:-1].split("|", 1)[0]
    if not link or len(link) > _LONGEST_LINK or not link.isprintable() or " " in link:
        raise InvalidLink(reason="no_link")
    address = _ADDRESS.fullmatch(link)
    host = address["host"].lower().removesuffix(".") if address else ""
    if address is None or host not in _YOUTUBE | _SHORT:
        raise InvalidLink(reason="elsewhere")
    return host, address["rest"] or ""


def _first(pairs: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in pairs if name == wanted), "")


def _start(pairs: list[tuple[str, str]]) -> int | None:
    """`95`, `95s`, `90.5`, `1h2m3s` -> seconds; anything else is no time."""
    for wanted in ("t", "start", "time_continue"):
        for name, value in pairs:
            time = _TIME.match(value) if name == wanted else None
            if time and time[0]:
                hours, minutes, seconds = (int(part or 0) for part in time.groups())
                return hours * 3600 + minutes * 60 + seconds
    return None


def clock(seconds: float) -> str:
    """`65.9` -> `1:05`, `14462` -> `4:01:02`. Always rounds down: a link must not overshoot."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def watch_link(video_id: str, seconds: float | None = None) -> str:
    """The short link to a video, at a second of it where one is given."""
    base = f"https://youtu.be/{video_id}"
    return base if seconds is None else f"{base}?t={max(0, int(seconds))}"


# A minute without a caption is told; shorter silences are music, pauses, slides.
GAP_SECONDS = 60.0


class Source(StrEnum):
    YOUTUBE = "youtube"
    FILE = "file"


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One caption as shown: `text` may hold line breaks; times are seconds from the start.

    A talk has so many that the search for garbage, which stops everything, must not visit them.
    """

    text: str
    start: float
    duration: float

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    start: float


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """The track that was read. `language` is its BCP 47 code, empty where nobody knows it.

    `translated_from` is the code of the track that YouTube translated by machine, if it did.
    """

    language: str
    name: str
    generated: bool = False
    translated_from: str | None = None

    def describe(self) -> str:
        kind = "auto-generated" if self.generated else "captions by people"
        if self.translated_from:
            kind = f"machine-translated from {self.translated_from}"
        # YouTube's own names say so too.
        name = self.name.removesuffix(" (auto-generated)")
        return f"{name or self.language or 'unknown language'} ({kind})"


@dataclass(frozen=True, slots=True)
class Gap:
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the running time has captions: `read` of `total` seconds, and where none are.

    `timed` is False for a text without any times; its seconds are then estimates.
    """

    read: float
    total: float
    gaps: tuple[Gap, ...] = ()
    timed: bool = True


def measure_coverage(
    segments: tuple[Segment, ...], duration: float | None, *, timed: bool = True
) -> Coverage:
    """`segments` are in order of start; `duration` is the video's, None where it is not known."""
    if not segments:
        return Coverage(0.0, duration or 0.0, timed=timed)
    last = max(segment.end for segment in segments)
    total = max(duration or 0.0, last)
    reached, gaps = 0.0, []
    for segment in (*segments, Segment("", total, 0.0)):
        if segment.start - reached >= GAP_SECONDS:
            gaps.append(Gap(reached, segment.start))
        reached = max(reached, segment.end)
    silent = sum(gap.end - gap.start for gap in gaps)
    return Coverage(total - silent, total, tuple(gaps), timed)


def in_order(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Sorted by start; already sorted input comes back as it is."""
    if all(a.start <= b.start for a, b in pairwise(segments)):
        return segments
    return tuple(sorted(segments, key=lambda segment: segment.start))


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What is known about a video besides its words; None where YouTube did not tell.

    `video_id` is YouTube's id of 11 characters, or `file-<12 hex digits>` for handed-in captions
    whose video nobody knows. `duration` is in seconds, `published` an ISO 8601 date or time.
    """

    video_id: str
    title: str
    channel: str | None = None
    channel_id: str | None = None
    duration: float | None = None
    description: str = ""
    keywords: tuple[str, ...] = ()
    view_count: int | None = None
    published: str | None = None
    category: str | None = None
    thumbnail_url: str | None = None
    live: bool = False

    @property
    def url(self) -> str | None:
        """Link to the video, None for a captions file whose video is not known."""
        return self.url_at(None)

    def url_at(self, seconds: float | None) -> str | None:
        return None if self.video_id.startswith("file-") else watch_link(self.video_id, seconds)


@dataclass(frozen=True, slots=True)
class VideoData:
    """One video, read. `missing` is what could not be had and was done without; older versions
    kept it in words."""

    info: VideoInfo
    segments: tuple[Segment, ...]
    track: CaptionTrack
    source: Source
    coverage: Coverage
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[Missing | str, ...] = ()

    @property
    def duration(self) -> float:
        return self.coverage.total

    @property
    def transcript(self) -> str:
        return " ".join(" ".join(segment.text.split()) for segment in self.segments)
