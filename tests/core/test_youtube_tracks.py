"""Which of a video's caption tracks is read, and what is asked for it."""

import pytest

from fakes.youtube_bodies import Failure, Track, Video
from houses import ID, House, house
from youtube_analysis import AnalysisRequest, ServiceFactory, Settings
from youtube_analysis.errors import NothingSpoken, YouTubeBlocked
from youtube_analysis.models.notices import Missing, MissingCode
from youtube_analysis.models.video import VideoData

MINUTES = 10


def talk(language: str, *, auto: bool = False, title: str = "", said: str = "the talk") -> Track:
    """Speech from the first to the last second: 120 words a minute."""
    line = f"{said} goes on and tells how the arch of the bridge stood".split()
    cues = tuple((" ".join(line), 6.0 * n, 6.0) for n in range(10 * MINUTES))
    return Track(language, cues, auto, title=title)


def chat(language: str, *, seconds: float = 60.0) -> Track:
    """What viewers wrote: a word or two now and then, over all of the video."""
    count = int(60 * MINUTES / seconds)
    cues = tuple((f"user{n}: lol", seconds * n, 5.0) for n in range(count))
    return Track(language, cues, title="Chat")


def credits_of(language: str) -> Track:
    """Three minutes of names, and then nothing."""
    cues = tuple((f"Camera {n}: Ann Lee, Bo Sand", 6.0 * n, 6.0) for n in range(30))
    return Track(language, cues)


def song(language: str) -> Track:
    cues = tuple((f"We sing of the river {n}", 20.0 * n, 15.0) for n in range(3 * MINUTES))
    return Track(language, cues)


async def read(home: House, *tracks: Track, language: str | None = None) -> VideoData:
    home.youtube.add(Video(ID, tracks=tracks))
    return await home.repository.read(ID, language=language)


def captions_asked(home: House) -> int:
    return home.youtube.paths().count("/api/timedtext")


@pytest.mark.parametrize(
    "first",
    [chat("en"), chat("en", seconds=15), credits_of("en"), Track("en", ()), chat("en-GB")],
)
async def test_a_track_that_says_little_gives_way_to_one_that_says_far_more(first: Track) -> None:
    async with house() as home:
        video = await read(home, first, talk("en", auto=True))
        assert video.track.generated
        assert len(video.segments) == 10 * MINUTES
        assert captions_asked(home) == 2


async def test_of_two_tracks_by_people_the_talk_is_read() -> None:
    async with house() as home:
        video = await read(home, chat("en"), talk("en", title="Talk"), talk("en", auto=True))
        assert video.track.name == "EN - Talk"
        assert captions_asked(home) == 2


async def test_what_says_enough_is_asked_for_alone() -> None:
    async with house() as home:
        video = await read(home, talk("en"), talk("en", auto=True), chat("en"))
        assert not video.track.generated
        assert captions_asked(home) == 1


async def test_few_words_are_kept_where_a_machine_heard_no_more() -> None:
    async with house() as home:
        heard = Track("en", song("en").cues, generated=True)
        assert not (await read(home, song("en"), heard)).track.generated


async def test_no_more_than_two_others_are_tried() -> None:
    async with house() as home:
        chats = [Track("en", chat("en").cues, title=f"Chat {n}") for n in range(6)]
        assert (await read(home, *chats)).track.name == "EN - Chat 0"
        assert captions_asked(home) == 3


@pytest.mark.parametrize(
    ("asked", "there", "chosen"),
    [
        ("zh-TW", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-HK", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-HK", ("zh-CN", "zh-TW"), "zh-TW"),
        ("zh-TW", ("zh-HK", "zh-Hant", "zh-TW"), "zh-TW"),
        ("zh-Hant", ("zh-CN", "zh-TW"), "zh-TW"),
        ("zh-CN", ("zh-Hant", "zh-Hans"), "zh-Hans"),
        ("zh_SG", ("zh-TW", "zh-CN"), "zh-CN"),
        ("zh-TW", ("zh-Hans", "en"), "zh-Hans"),
        ("sr-Latn", ("sr-Cyrl", "sr-Latn"), "sr-Latn"),
        ("pt-BR", ("pt-PT", "pt-BR"), "pt-BR"),
        ("en_US", ("en-GB", "en-US"), "en-US"),
        ("he", ("en", "iw"), "iw"),
        ("tl", ("en", "fil"), "fil"),
        ("cmn-TW", ("zh-CN", "zh-TW"), "zh-TW"),
        ("gsw,de,en", ("en", "de"), "de"),
        ("sw, fr-CA", ("en", "fr"), "fr"),
    ],
)
async def test_the_script_and_the_order_that_were_asked_for(
    asked: str, there: tuple[str, ...], chosen: str
) -> None:
    async with house() as home:
        video = await read(home, *map(talk, there), language=asked)
        assert video.track.language == chosen
        assert video.track.translated_from is None


@pytest.mark.parametrize(
    ("asked", "offered", "chosen"),
    [
        ("zh-TW", ("zh-Hans", "zh-Hant"), "zh-Hant"),
        ("zh-CN", ("zh-Hant", "zh-Hans"), "zh-Hans"),
        ("zh-HK", ("zh-Hans", "zh-TW"), "zh-TW"),
        ("sw,de", ("fr", "de"), "de"),
    ],
)
async def test_translations_are_chosen_by_script_too(
    asked: str, offered: tuple[str, ...], chosen: str
) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, tracks=(talk("en"),), translations=offered))
        video = await home.repository.read(ID, language=asked)
        assert (video.track.language, video.track.translated_from) == (chosen, "en")


async def test_it_is_the_talk_that_is_translated() -> None:
    async with house() as home:
        video = await read(home, chat("en"), talk("en", auto=True), language="de")
        assert video.track.translated_from == "en"
        assert len(video.segments) == 10 * MINUTES


@pytest.mark.parametrize("tracks", [(talk("en"),), (chat("en"), talk("en", auto=True))])
async def test_a_refused_translation_gives_the_original_and_says_so(
    tracks: tuple[Track, ...],
) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, tracks=tracks, failures={Failure.NOT_TRANSLATED: None}))
        video = await home.repository.read(ID, language="de")
        assert (video.track.language, video.track.translated_from) == ("en", None)
        assert len(video.segments) == 10 * MINUTES
        assert video.missing == (Missing(MissingCode.TRANSLATION, {"language": "de"}),)
        assert home.slept == []


async def test_where_the_original_is_refused_too_youtube_refuses() -> None:
    async with house() as home:
        refused = {Failure.TOO_MANY: "timedtext"}
        home.youtube.add(Video(ID, tracks=(talk("en"),), failures=refused))
        with pytest.raises(YouTubeBlocked):
            await home.repository.read(ID, language="de")


async def test_a_refused_translation_keeps_nobody_else_waiting() -> None:
    async with house() as home:
        for n in range(12):
            failures = {Failure.NOT_TRANSLATED: None}
            home.youtube.add(Video(f"video{n:06}", tracks=(talk("en"),), failures=failures))
            assert (await home.repository.read(f"video{n:06}", language="de")).segments
        home.youtube.add(Video(ID))
        assert (await home.repository.read(ID)).segments


async def test_a_video_in_which_nobody_speaks_is_told_as_that() -> None:
    async with house() as home:
        music = Track("en", tuple((f"[Music {n}]", 5.0 * n, 4.0) for n in range(9)))
        home.youtube.add(Video(ID, tracks=(music,)))
        async with ServiceFactory(Settings(youtube_url=home.youtube.url)) as factory:
            workflow = factory.get_video_analysis_workflow()
            for _ in range(2):
                with pytest.raises(NothingSpoken, match="Nobody speaks"):
                    await workflow.read(AnalysisRequest(f"https://youtu.be/{ID}"))
        assert captions_asked(home) == 1
