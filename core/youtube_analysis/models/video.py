"""A video as this package knows it: what it is, what was said in it, what could not be had."""

from __future__ import annotations

from dataclasses import dataclass

from .times import watch_link
from .transcript import CaptionTrack, Chapter, Coverage, Segment, Source


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
