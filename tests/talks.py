"""Small talks for tests: one sentence every five seconds."""

from youtube_analysis.models.video import (
    CaptionTrack,
    Chapter,
    Segment,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)

SECONDS = 5.0


def talk_of(
    *sentences: str,
    video_id: str = "dQw4w9WgXcQ",
    title: str = "A talk",
    language: str = "en",
    chapters: tuple[Chapter, ...] = (),
) -> VideoData:
    segments = tuple(Segment(text, SECONDS * n, SECONDS) for n, text in enumerate(sentences))
    coverage = measure_coverage(segments, None)
    return VideoData(
        info=VideoInfo(video_id, title, duration=coverage.total),
        segments=segments,
        track=CaptionTrack(language, language),
        source=Source.FILE,
        coverage=coverage,
        chapters=chapters,
    )
