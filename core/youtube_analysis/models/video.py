"""A video as this package knows it: its link, what it is, what was said in it and when, and what
could not be had.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec

from youtube_analysis.errors import InvalidLink, PlaylistLink

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE = frozenset(
    {
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "gaming.youtube.com",
        "youtube-nocookie.com",
        "www.youtube-nocookie.com",
    }
)
_SHORT = frozenset({"youtu.be", "www.youtu.be"})
_ID_IN_PATH = frozenset({"shorts", "live", "embed", "v", "e"})
_PLAIN_SECONDS = re.compile(r"(\d{1,7})s?")
_SPELLED_TIME = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?")
_LONGEST_LINK = 2048


@dataclass(frozen=True, slots=True)
class VideoLink:
    """`start` is the second that the link points at; `playlist_id` the list it was taken from."""

    video_id: str
    start: int | None = None
    playlist_id: str | None = None


def parse_link(text: str) -> VideoLink:
    """Raises InvalidLink for anything but one YouTube video, PlaylistLink for a bare playlist."""
    parts = _split(text)
    host = _host(parts)
    query = parse_qs(parts.query, max_num_fields=50)
    path = [piece for piece in parts.path.split("/") if piece]
    if host in _SHORT:
        candidate = path[0] if path else ""
    elif path and path[0] in _ID_IN_PATH and len(path) > 1:
        candidate = path[1]
    elif path and path[0] == "watch":
        candidate = query.get("v", path[1:2] or [""])[0]
    else:
        candidate = ""
    playlist = query.get("list", [None])[0]
    if candidate == "videoseries" or (not candidate and playlist):
        raise PlaylistLink
    if not _VIDEO_ID.fullmatch(candidate):
        raise InvalidLink("That YouTube link names no video.")
    return VideoLink(candidate, _start(query, parts.fragment), playlist)


def _split(text: str) -> SplitResult:
    link = text.strip()
    if link.startswith("<") and link.endswith(">"):
        # Chat platforms wrap links: `<url>` stops previews, Slack writes `<url|label>`.
        link = link[1:-1].split("|", 1)[0]
    if (
        not link
        or len(link) > _LONGEST_LINK
        or any(c.isspace() or not c.isprintable() for c in link)
    ):
        raise InvalidLink("That is not a link.")
    if "://" not in link:
        link = "https://" + link.removeprefix("//")
    try:
        parts = urlsplit(link)
        parts.port  # noqa: B018 - reading it is what checks it
        parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        raise InvalidLink("That link is malformed.") from None
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    wrong_door = parts.username is not None or parts.port not in {None, 80, 443}
    if parts.scheme not in {"http", "https"} or wrong_door or host not in _YOUTUBE | _SHORT:
        raise InvalidLink("That is not a link to YouTube.")
    return host


def _start(query: dict[str, list[str]], fragment: str) -> int | None:
    in_fragment = parse_qs(fragment, max_num_fields=50) if fragment.count("&") < 50 else {}
    for name in ("t", "start", "time_continue"):
        for value in (*query.get(name, ()), *in_fragment.get(name, ())):
            if (seconds := _seconds(value)) is not None:
                return seconds
    return None


def _seconds(value: str) -> int | None:
    """`95`, `95s`, `1h2m3s` -> seconds; anything else is no time."""
    if plain := _PLAIN_SECONDS.fullmatch(value):
        return int(plain[1])
    if (spelled := _SPELLED_TIME.fullmatch(value)) and any(spelled.groups()):
        hours, minutes, seconds = (int(part or 0) for part in spelled.groups())
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
    """One video, read. `missing` names in words what could not be had and was done without."""

    info: VideoInfo
    segments: tuple[Segment, ...]
    track: CaptionTrack
    source: Source
    coverage: Coverage
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        return self.coverage.total

    @property
    def transcript(self) -> str:
        return " ".join(" ".join(segment.text.split()) for segment in self.segments)
