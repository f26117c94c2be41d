"""Answers that YouTube really gave, through the local YouTube. Skipped where they are absent."""

import json
from pathlib import Path

import pytest

from fakes.youtube_bodies import Failure, Video
from houses import ID, house
from youtube_analysis import VideoAnalysisError
from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeChanged,
)

RECORDED: list[tuple[str, str, type[VideoAnalysisError] | None]] = [
    ("youtube.html.static", "youtube.innertube.json.static", None),
    ("youtube.html.static", "youtube_altered_user_agent.innertube.json.static", None),
    ("youtube.html.static", "youtube_ww1_nl_en.innertube.json.static", None),
    ("youtube.html.static", "youtube_age_restricted.innertube.json.static", AgeRestricted),
    ("youtube.html.static", "youtube_po_token_required.innertube.json.static", CaptionsWithheld),
    ("youtube.html.static", "youtube_request_blocked.innertube.json.static", YouTubeBlocked),
    ("youtube.html.static", "youtube_transcripts_disabled.innertube.json.static", CaptionsDisabled),
    (
        "youtube.html.static",
        "youtube_transcripts_disabled2.innertube.json.static",
        CaptionsDisabled,
    ),
    ("youtube.html.static", "youtube_unplayable.innertube.json.static", VideoUnplayable),
    ("youtube.html.static", "youtube_video_unavailable.innertube.json.static", VideoUnavailable),
    ("youtube_too_many_requests.html.static", "youtube.innertube.json.static", YouTubeBlocked),
    ("youtube_consent_page_invalid.html.static", "youtube.innertube.json.static", YouTubeChanged),
]


@pytest.mark.parametrize(("page", "player", "error"), RECORDED)
async def test_recorded_answers(
    recordings: Path, page: str, player: str, error: type[VideoAnalysisError] | None
) -> None:
    read = {name: (recordings / "youtube" / name).read_text() for name in (page, player)}
    video_id = json.loads(read[player]).get("videoDetails", {}).get("videoId", "GJLlxj_dtq8")
    async with house() as home:
        captions = (recordings / "youtube" / "transcript.xml.static").read_text()
        home.youtube.add(Video(video_id, page=read[page], player=read[player], captions=captions))
        if error:
            with pytest.raises(error):
                await home.repository.read(video_id)
            return
        video = await home.repository.read(video_id)
        assert video.info.title
        assert video.info.channel
        assert video.track.language == "en"
        assert not video.track.generated
        assert len(video.chapters) >= 3
        assert video.info.published
        assert len(video.segments) > 1
        assert video.missing == ()


async def test_the_recorded_consent_page_is_answered(recordings: Path) -> None:
    consent = (recordings / "youtube" / "youtube_consent_page.html.static").read_text()
    async with house() as home:
        home.youtube.add(Video(ID, consent=consent, failures={Failure.CONSENT: None}))
        assert (await home.repository.read(ID)).segments
        assert home.youtube.asked[-1].cookies["CONSENT"].startswith("YES+cb.")


async def test_the_recorded_page_tells_what_it_says(recordings: Path) -> None:
    folder = recordings / "youtube"
    page = (folder / "youtube.html.static").read_text()
    player = (folder / "youtube.innertube.json.static").read_text()
    details = json.loads(player)["videoDetails"]
    async with house() as home:
        home.youtube.add(Video(details["videoId"], page=page, player=player))
        info = (await home.repository.read(details["videoId"])).info
    assert info.title == details["title"]
    assert info.channel == details["author"]
    assert info.channel_id == details["channelId"]
    assert info.duration == float(details["lengthSeconds"])
    assert info.view_count == int(details["viewCount"])
    assert info.keywords == tuple(details["keywords"])
    assert info.description.split() == details["shortDescription"].split()
    assert info.category == "Science & Technology"
    assert f'"publishDate":"{info.published}"' in page
