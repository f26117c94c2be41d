"""What strangers write: titles, descriptions, captions, reasons, odd answers. None may do harm."""

import json
import time

import pytest

from fakes.youtube_bodies import Failure, Track, Video
from houses import ID, house
from youtube_analysis import VideoAnalysisError
from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    NotYetAired,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeChanged,
)
from youtube_analysis.models.notices import Missing, MissingCode
from youtube_analysis.models.video import Chapter

LATIN = [("Start", 0), ("Middle", 725), ("End", 900)]
KANA = [("はじめに", 0), ("歴史", 65), ("終わり", 130)]
ABC = [("A", 0), ("B", 60), ("C", 120)]


@pytest.mark.parametrize(
    ("lines", "chapters"),
    [
        (["0:00 Start", "12:05 Middle", "1:02:03 End"], [*LATIN[:2], ("End", 3723)]),
        (["(0:00) Start", "(12:05) Middle", "[15:00] End"], LATIN),
        (["▶ 00:00 - Start", "• 12:05 – Middle", "– 15:00: End"], LATIN),
        (["Start 0:00", "Middle - 12:05", "End (15:00)"], LATIN),
        (["【0:00】はじめに", "（1:05） 歴史", "「2:10」 終わり"], KANA),
        (["はじめに【0:00】", "歴史：【1:05】", "終わり（2:10）"], KANA),
        (["0:00 - 1:00 A", "1:00 - 2:00 B", "2:00 – 3:00 C"], ABC),
        (["0:00\tA", "1:00\u00a0B", "2:00\u3000C"], ABC),
        # Other times around the list are no chapters.
        (["Live every day 18:00", "0:00 A", "1:00 B", "2:00 C", "Next one at 18:30"], ABC),
        (["0:00 A", "1:75 B", "2:00 C"], []),
        (["0:00 A", "1:00 B", "999:00 C"], []),
        (["0:00", "1:00", "2:00"], []),
    ],
)
async def test_chapters_in_every_dress(lines: list[str], chapters: list[tuple[str, float]]) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, description="\n".join(["About.", *lines]), seconds=4000))
        read = (await home.repository.read(ID)).chapters
        assert read == tuple(Chapter(title, start) for title, start in chapters)


@pytest.mark.parametrize(
    "line",
    [
        *("a" + " " * 4000 + "b", "a " * 2000, "0:00" + "- " * 2000, "(" * 4000, "1:" * 2000),
        *("[0:00" * 900, "a" + ":" * 4000 + "b", "0:00 - " * 600, "\u3000" * 4000 + "0:00"),
    ],
)
async def test_no_description_takes_long(line: str) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, description=line))
        began = time.process_time()
        assert (await home.repository.read(ID)).chapters == ()
        assert time.process_time() - began < 2


async def test_no_caption_takes_long() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, tracks=(Track("en", (("<" * 200_000, 0, 1),)),)))
        began = time.process_time()
        with pytest.raises(YouTubeChanged, match="unusual size"):
            await home.repository.read(ID)
        assert time.process_time() - began < 5
        # A long one that is speech is read.
        speech = "It is “five” & six & more. " * 3000
        home.youtube.add(Video(ID, tracks=(Track("en", ((speech, 0, 1),)),)))
        assert "more." in (await home.repository.read(ID)).segments[0].text


async def test_letters_keep_what_joins_them() -> None:
    async with house() as home:
        title = "می\u200cخواهم 👩\u200d🔬\u202e\u0007"
        home.youtube.add(Video(ID, title=title, description="one\u00a0two\tthree"))
        info = (await home.repository.read(ID)).info
        assert info.title == "می\u200cخواهم 👩\u200d🔬"
        assert info.description == "one two three"


async def test_times_that_are_no_times() -> None:
    async with house() as home:
        cues = (
            ("Never.", float("inf"), 1.0),
            ("Nowhere.", float("nan"), 1.0),
            ("Early.", -5.0, 1.0),
            ("Short.", 3.0, -1.0),
            ("Endless.", 4.0, float("inf")),
        )
        home.youtube.add(Video(ID, tracks=(Track("en", cues),)))
        video = await home.repository.read(ID)
        assert [(s.text, s.start, s.duration) for s in video.segments] == [
            ("Early.", 0.0, 1.0),
            ("Short.", 3.0, 0.0),
            ("Endless.", 4.0, 0.0),
        ]
        assert video.coverage.total == 600


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        ("LOGIN_REQUIRED", "Sign in to confirm your age", AgeRestricted),
        ("LOGIN_REQUIRED", "Sign in to confirm you're not a bot", YouTubeBlocked),
        ("LOGIN_REQUIRED", "This is a private video. Please sign in to verify", VideoUnavailable),
        ("LOGIN_REQUIRED", "Please sign in", VideoUnplayable),
        ("UNPLAYABLE", "Join this channel to get access to members-only content", VideoUnplayable),
        ("ERROR", "This video has been removed by the uploader", VideoUnplayable),
        ("LIVE_STREAM_OFFLINE", "This live event will begin in 3 hours.", NotYetAired),
    ],
)
async def test_youtube_words_its_reasons_freely(
    status: str, reason: str, error: type[VideoAnalysisError]
) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, status=(status, reason)))
        with pytest.raises(VideoAnalysisError) as caught:
            await home.repository.read(ID)
        assert type(caught.value) is error
        assert (f"“{reason}”" in caught.value.message) is (error is VideoUnplayable)


async def test_a_reason_is_one_short_line() -> None:
    async with house() as home:
        home.youtube.add(
            Video(ID, status=("UNPLAYABLE", "Because\n\n\x1b[2J\u202ethat " + "z" * 900))
        )
        with pytest.raises(VideoUnplayable) as caught:
            await home.repository.read(ID)
        assert "“Because [2Jthat zzz" in caught.value.message
        assert caught.value.message.isprintable()
        assert len(caught.value.message) < 300


OK = {"status": "OK"}
NAME = {"runs": [{"text": "E"}]}


def tracks(*entries: object) -> dict[str, object]:
    captions = {"playerCaptionsTracklistRenderer": {"captionTracks": list(entries)}}
    return {"playabilityStatus": OK, "captions": captions}


@pytest.mark.parametrize(
    ("player", "error"),
    [
        ("[" * 100_000, YouTubeChanged),
        ('{"a":' * 100_000, YouTubeChanged),
        *(
            (json.dumps(odd), YouTubeChanged)
            for odd in (
                None,
                1,
                "x",
                {},
                {"playabilityStatus": None},
                {"playabilityStatus": OK, "captions": []},
                tracks(None),
                tracks({"baseUrl": 7, "name": NAME, "languageCode": "en"}),
                tracks({"baseUrl": "/api/timedtext?v=1", "name": NAME, "languageCode": "en"}),
                tracks({"baseUrl": "https://evil.example/", "name": NAME, "languageCode": "en"}),
                tracks({"baseUrl": "http://[::1", "name": NAME, "languageCode": "en"}),
                tracks({"baseUrl": "", "name": {"runs": [{"text": 5}]}, "languageCode": 5}),
                tracks({"baseUrl": "", "name": {"runs": []}, "languageCode": "en"}),
            )
        ),
        (json.dumps(tracks()), CaptionsDisabled),
    ],
)
async def test_odd_answers_of_the_player(player: str, error: type[VideoAnalysisError]) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, player=player))
        with pytest.raises(VideoAnalysisError) as caught:
            await home.repository.read(ID)
        assert type(caught.value) is error


async def test_what_was_not_told_is_named() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures={Failure.NO_DETAILS: None}))
        missing = (await home.repository.read(ID)).missing
        assert missing == (
            Missing(MissingCode.TITLE),
            Missing(MissingCode.DATE),
            Missing(MissingCode.LENGTH),
        )
