import pytest

from youtube_analysis.models.video import (
    CaptionTrack,
    Gap,
    Segment,
    VideoInfo,
    clock,
    in_order,
    measure_coverage,
    watch_link,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (5.99, "0:05"),
        (65, "1:05"),
        (599, "9:59"),
        (3599.999, "59:59"),
        (3600, "1:00:00"),
        (14462, "4:01:02"),
        (703098, "195:18:18"),
        (-3, "0:00"),
    ],
)
def test_times_read_right_past_an_hour_and_round_down(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_link_points_at_the_whole_second() -> None:
    assert watch_link("dQw4w9WgXcQ", 95.9) == "https://youtu.be/dQw4w9WgXcQ?t=95"
    assert watch_link("dQw4w9WgXcQ") == "https://youtu.be/dQw4w9WgXcQ"


def test_a_captions_file_of_an_unknown_video_has_no_link() -> None:
    info = VideoInfo("file-0123456789ab", "A talk")
    assert info.url is None
    assert info.url_at(12) is None


def test_coverage_names_the_gaps_and_what_comes_after_the_last_word() -> None:
    segments = (Segment("a", 0, 100), Segment("b", 200, 50))
    coverage = measure_coverage(segments, 400)
    assert coverage.gaps == (Gap(100, 200), Gap(250, 400))
    assert coverage.read == 150


def test_short_silences_are_not_gaps() -> None:
    coverage = measure_coverage((Segment("a", 0, 100), Segment("b", 130, 70)), None)
    assert coverage.gaps == ()
    assert coverage.read == coverage.total == 200


def test_a_long_cue_covers_what_later_short_ones_do_not() -> None:
    segments = (Segment("long", 0, 300), Segment("short", 10, 5))
    assert measure_coverage(segments, 300).gaps == ()


def test_segments_are_put_in_order_of_time() -> None:
    late, early = Segment("late", 5, 1), Segment("early", 1, 1)
    assert in_order((late, early)) == (early, late)


@pytest.mark.parametrize(
    ("track", "told"),
    [
        (
            CaptionTrack("en", "English (auto-generated)", generated=True),
            "English (auto-generated)",
        ),
        (CaptionTrack("en", "English"), "English (captions by people)"),
        (CaptionTrack("de", "", translated_from="en"), "de (machine-translated from en)"),
    ],
)
def test_a_track_is_described_once(track: CaptionTrack, told: str) -> None:
    assert track.describe() == told
