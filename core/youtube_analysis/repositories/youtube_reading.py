"""What the library does for one video, and what is made of its answers. Runs in worker threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from youtube_transcript_api import FetchedTranscriptSnippet, YouTubeTranscriptApi

from youtube_analysis.captions.cleaning import clean
from youtube_analysis.errors import CaptionsDisabled, YouTubeChanged
from youtube_analysis.models.transcript import Chapter, Segment, Source, in_order, measure_coverage
from youtube_analysis.models.video import VideoData, VideoInfo

from .tracks import Choice, choose_track
from .transcript_bridge import BridgedSession
from .youtube_page import chapters, describe

# No broadcast is longer; what starts later (or at no number) is damage.
_LATEST = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known before the captions are fetched; `missing` as in VideoData."""

    info: VideoInfo
    chapters: tuple[Chapter, ...]
    choice: Choice
    missing: tuple[str, ...]


def list_tracks(session: BridgedSession, video_id: str, language: str | None) -> Listed:
    api = YouTubeTranscriptApi(http_client=session)  # type: ignore[arg-type]  # see BridgedSession
    tracks = list(api.list(video_id))
    info = describe(video_id, session.page, session.player)
    choice = choose_track(tracks, session.player, language)
    if choice is None:
        raise CaptionsDisabled
    missing = tuple(_lacking(info, session.player, choice))
    return Listed(info, chapters(session.page, info.description, info.duration), choice, missing)


def _lacking(info: VideoInfo, player: dict[str, Any], choice: Choice) -> Iterator[str]:
    """What is told of every video, but was not of this one."""
    if choice.lacking:
        yield choice.lacking
    if not player.get("videoDetails") and not info.description:
        yield "description: YouTube did not tell it"
    if info.published is None:
        yield "date and category: YouTube did not tell them"
    if info.duration is None:
        yield "running time: taken from the captions"


def fetch_captions(listed: Listed) -> VideoData:
    segments = in_order(tuple(_segments(listed.choice.transcript.fetch())))
    if not segments:
        # A format that the library does not read (srv3) and an empty track look the same.
        raise YouTubeChanged("captions without words")
    return VideoData(
        info=listed.info,
        segments=segments,
        track=listed.choice.track,
        source=Source.YOUTUBE,
        coverage=measure_coverage(segments, listed.info.duration),
        chapters=listed.chapters,
        missing=listed.missing,
    )


def _segments(snippets: Iterable[FetchedTranscriptSnippet]) -> Iterator[Segment]:
    for snippet in snippets:
        text = clean(snippet.text)
        if text and snippet.start <= _LATEST:
            duration = snippet.duration if 0 <= snippet.duration <= _LATEST else 0.0
            yield Segment(text, max(0.0, snippet.start), duration)


def entitled(video: VideoData, info: VideoInfo) -> VideoData:
    """With the title that oEmbed may have told meanwhile."""
    if info.title:
        return replace(video, info=info)
    return replace(
        video,
        info=replace(info, title=f"Video {info.video_id}"),
        missing=(*video.missing, "title and channel: YouTube did not tell them"),
    )
