"""YouTubeRepository: the real youtube-transcript-api against a local YouTube."""

import asyncio

import pytest

from fakes.youtube_bodies import Failure, Track, Video
from houses import ID, house
from youtube_analysis.errors import YouTubeBusy
from youtube_analysis.models.video import Chapter, Source


async def test_three_requests_give_captions_info_and_chapters() -> None:
    async with house() as home:
        home.youtube.add(
            Video(
                ID,
                title="Cranes",
                description="About cranes\n0:00 Start\n(1:05) - Hooks\n2:10 Ropes\n",
                tracks=(
                    Track("en", (("The <i>crane</i> &", 1.0, 2.0), ("lifts\ngrain", 3.0, 2.0))),
                ),
            )
        )
        steps: list[tuple[int, int]] = []
        video = await home.repository.read(ID, on_step=lambda *step: steps.append(step))
        await asyncio.sleep(0)
        assert home.youtube.paths() == ["/watch", "/youtubei/v1/player", "/api/timedtext"]
        assert steps == [(1, 3), (2, 3), (3, 3)]
        assert [s.text for s in video.segments] == ["The crane &", "lifts\ngrain"]
        assert video.info.title == "Cranes"
        assert video.info.channel == "Local channel"
        assert video.info.duration == 600
        assert video.info.category == "Science & Technology"
        assert video.info.published == "2024-05-17T04:00:00-07:00"
        assert video.info.thumbnail_url == f"https://i.ytimg.com/vi/{ID}/sddefault.jpg"
        assert video.chapters == (Chapter("Start", 0), Chapter("Hooks", 65), Chapter("Ropes", 130))
        assert video.source is Source.YOUTUBE
        assert video.missing == ()
        assert video.coverage.total == 600


async def test_chapters_come_from_the_page_where_the_description_has_none() -> None:
    async with house() as home:
        marked = (("Build", "0:00"), ("Screen", "1:35"), ("Price", "5:02"))
        home.youtube.add(Video(ID, marked_chapters=marked))
        video = await home.repository.read(ID)
        assert video.chapters == (Chapter("Build", 0), Chapter("Screen", 95), Chapter("Price", 302))


@pytest.mark.parametrize(
    "description",
    [
        "0:00 One\n1:00 Two",
        "0:05 One\n1:00 Two\n2:00 Three",
        "0:00 A\n5:00 B\n2:00 C",
        "at 0:00 it",
    ],
)
async def test_times_that_are_no_chapters(description: str) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, description=description))
        assert (await home.repository.read(ID)).chapters == ()


def track(language: str, *, auto: bool = False) -> Track:
    return Track(language, ((f"Said in {language}{' by machine' if auto else ''}.", 0, 2),), auto)


@pytest.mark.parametrize(
    ("tracks", "language", "chosen", "words"),
    [
        # The automatic track tells what was spoken; people's captions of it come first.
        ([track("de"), track("en"), track("en", auto=True)], None, "en", "Said in en."),
        ([track("de"), track("en", auto=True)], None, "en", "Said in en by machine."),
        ([track("fr"), track("pl")], None, "fr", "Said in fr."),
        ([track("en-GB"), track("en", auto=True)], None, "en-GB", "Said in en-GB."),
        # Asked for: by people before by machine, the base language will do.
        ([track("en-US"), track("de")], "en", "en-US", "Said in en-US."),
        ([track("en"), track("de")], "de-AT", "de", "Said in de."),
        ([track("pt-PT"), track("pt-BR")], "pt-BR", "pt-BR", "Said in pt-BR."),
        ([track("de", auto=True), track("en")], "en", "en", "Said in en."),
        # A translation only because it was asked for, and of what was spoken.
        ([track("fr"), track("en", auto=True)], "de", "de", "[de] Said in en by machine."),
        ([track("en")], "pt", "pt-BR", "[pt-BR] Said in en."),
    ],
)
async def test_the_track_is_chosen_well(
    tracks: list[Track], language: str | None, chosen: str, words: str
) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, tracks=tuple(tracks)))
        video = await home.repository.read(ID, language=language)
        assert video.track.language == chosen
        assert video.segments[0].text == words
        assert video.track.generated is ("machine" in words)
        assert bool(video.track.translated_from) is words.startswith("[")


async def test_a_language_that_is_not_there_is_told() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, tracks=(track("en"),)))
        video = await home.repository.read(ID, language="sw")
        assert video.track.language == "en"
        assert "“sw”" in str(video.missing[0])


async def test_what_is_optional_may_fail_and_is_named() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, title=None, failures={Failure.NO_DETAILS: None}))
        video = await home.repository.read(ID)
        assert video.info.title == f"Video {ID}"
        assert any("title" in str(what) for what in video.missing)
        assert video.segments


@pytest.mark.parametrize("where", ["watch", "player", "timedtext"])
async def test_what_passes_is_tried_again(where: str) -> None:
    async with house() as home:
        video = Video(ID, failures={Failure.SERVER_ERROR: where}, times={Failure.SERVER_ERROR: 2})
        home.youtube.add(video)
        assert (await home.repository.read(ID)).segments
        assert home.slept == [0.5, 1.0]


async def test_the_wait_that_youtube_asks_for_is_kept_if_it_is_short() -> None:
    async with house() as home:
        once = {Failure.TOO_MANY: 1}
        home.youtube.add(
            Video(ID, failures={Failure.TOO_MANY: "watch"}, times=once, retry_after="7")
        )
        assert (await home.repository.read(ID)).segments
        assert home.slept == [7.0]
        home.youtube.add(Video(ID, failures={Failure.TOO_MANY: "watch"}, retry_after="900"))
        with pytest.raises(YouTubeBusy) as caught:
            await home.repository.read(ID)
        assert caught.value.retry_after == 900
        assert home.slept == [7.0]


async def test_the_consent_page_is_answered_for_this_call_alone() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures={Failure.CONSENT: None}))
        home.youtube.add(Video("otherotherx"))
        assert (await home.repository.read(ID)).segments
        consented = [asked.cookies.get("CONSENT") for asked in home.youtube.asked]
        assert consented == [None, "YES+cb.local-token", "YES+cb.local-token", "YES+cb.local-token"]
        await home.repository.read("otherotherx")
        assert all("CONSENT" not in asked.cookies for asked in home.youtube.asked[4:])


async def test_cancelling_frees_the_thread_and_the_connection() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures={Failure.STALL: "timedtext"}))
        reading = asyncio.create_task(home.repository.read(ID))
        while "/api/timedtext" not in home.youtube.paths():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        # Closing is one turn of the loop away, not a time-out.
        async with asyncio.timeout(5):
            while home.http.metrics.value("connections"):  # noqa: ASYNC110 - sockets tell nobody
                await asyncio.sleep(0.01)


async def test_many_videos_at_once_share_the_pool() -> None:
    async with house(at_once=10) as home:
        home.youtube.latency = 0.01
        for n in range(40):
            home.youtube.add(Video(f"video{n:06}", tracks=(Track("en", ((f"Talk {n}.", 0, 1),)),)))
        videos = await asyncio.gather(*(home.repository.read(f"video{n:06}") for n in range(40)))
        assert [v.segments[0].text for v in videos] == [f"Talk {n}." for n in range(40)]
        counted = home.http.metrics.value
        assert home.youtube.most_at_once <= 10
        created = counted("connections_created_total")
        assert created <= 10
        assert created + counted("connections_reused_total") == 120
