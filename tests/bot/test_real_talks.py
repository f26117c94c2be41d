"""Every real talk, from its captions file and through a local YouTube, by the real library; and
what YouTube tells the program."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.youtube import LocalYouTube
from fakes.youtube_bodies import Failure, Track, Video
from youtube_analysis import Answer, CaptionsFile, ServiceFactory, Settings
from youtube_analysis.captions import parse_captions
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.services.analysis import ChatService

TALKS = {
    "io2009-keynote.en.sbv-timing.srt": ("what is geolocation used for?", "What does it cost?"),
    "io2009-wave.en.srt": ("is wave open source?", "does it work with Outlook?"),
    "io2009-wave.ru.srt": ("что такое Google Wave?", "сколько стоит подписка на Netflix?"),
    "javascript-the-good-parts.en.srt": ("what is JSLint?", "is Rust better?"),
    "intro-google-data.en.stc": ("what is the atom publishing protocol?", "who is Picasso?"),
    "intro-google-data.ja.stc": ("認証の方法は？", "料金はいくらですか"),
    "intro-google-data.zh-CN.stc": ("怎么删除事件", "价格是多少"),
    "friends-connect.en.srt": ("which accounts can visitors use?", "how much does it cost?"),
    "friends-connect.hi.srt": ("गैजेट", "कीमत कितनी है?"),
    "friends-connect.ja.srt": ("ガジェットで何ができますか", "料金はいくらですか"),
    "elephants-dream.en.vtt": ("is it safe here?", "who is the president?"),
    "elephants-dream.ja.vtt": ("機械の音", "料金はいくらですか"),
    "elephants-dream.ru.vtt": ("что такое машина?", "сколько стоит автомобиль?"),
    "elephants-dream.sv.vtt": ("vad är maskinen?", "vad kostar bilen?"),
    "apollo11-air-to-ground.en.txt": ("when did the Eagle land?", "who won the pennant in 1997?"),
    "elephants-dream.ar.vtt": ("ما هي الآلة؟", "كم ثمن السيارة؟"),
}


@pytest.fixture
async def youtube() -> AsyncIterator[LocalYouTube]:
    async with LocalYouTube() as local:
        yield local


async def vidthread(
    youtube: LocalYouTube, *arguments: str, stdin: str = ""
) -> tuple[int, str, str]:
    """Runs the command while the server of this loop answers it."""

    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "vidthread", *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"YOUTUBE_URL": youtube.url},
    )
    out, err = await asyncio.wait_for(running.communicate(stdin.encode()), 60)
    assert running.returncode is not None
    return running.returncode, out.decode(), err.decode()


def served(recordings: Path, name: str) -> Track:
    parsed = parse_captions(name, (recordings / "captions" / name).read_bytes())
    cues = tuple((s.text, s.start, s.duration) for s in parsed.segments)
    return Track(parsed.language or "en", cues)


@pytest.mark.parametrize("name", TALKS)
async def test_a_talk_is_read_and_asked(recordings: Path, youtube: LocalYouTube, name: str) -> None:
    youtube.add(Video("realtalk001", title="A real talk", tracks=(served(recordings, name),)))
    path = recordings / "captions" / name
    settings = Settings(youtube_url=youtube.url, semantic="off")
    async with ServiceFactory(settings) as factory:
        transcripts, chat = factory.get_transcript_service(), factory.get_chat_service()
        from_file = await transcripts.read_file(CaptionsFile(name, path.read_bytes()))
        reading, _ = await transcripts.read_link("realtalk001")
        said, unsaid = [await answer(chat, reading, asked) for asked in TALKS[name]]
    assert [s.text for s in from_file.video.segments] == [s.text for s in reading.video.segments]
    assert len(youtube.asked) == 3
    assert said.answered
    assert not unsaid.answered


async def answer(chat: ChatService, reading: Transcript, question: str) -> Answer:
    *_, last = [part async for part in chat.ask(reading, question)]
    assert isinstance(last, Answer)
    return last


async def test_the_program_reads_a_talk_from_a_link_as_from_its_file(
    recordings: Path, youtube: LocalYouTube
) -> None:
    name = "io2009-wave.ru.srt"
    link = "https://youtu.be/realtalk001"
    youtube.add(Video("realtalk001", title="A real talk", tracks=(served(recordings, name),)))
    told = []
    for source in str(recordings / "captions" / name), link:
        code, out, err = await vidthread(youtube, "analyze", source, "--format", "json")
        assert (code, err) == (0, "")
        told.append(json.loads(out))
    one, other = told
    assert other["youtube_url"] == link
    assert [s["text"] for s in one["transcript_segments"]] == [
        s["text"] for s in other["transcript_segments"]
    ]
    assert set(other["task_outputs"]) == set(one["task_outputs"])
    assert all(text.strip() for text in other["task_outputs"].values())
    asked = "\n".join(TALKS[name]) + "\n"
    code, out, err = await vidthread(youtube, "chat", link, "--format", "json", stdin=asked)
    assert (code, err) == (0, "")
    said, unsaid = [json.loads(line) for line in out.splitlines()]
    assert (said["answered"], unsaid["answered"]) == (True, False)
    for citation in said["citations"]:
        assert citation["url"] == f"{link}?t={int(citation['start'])}"
        assert 0 <= citation["start"] <= citation["end"]


async def test_youtubes_failures_reach_the_terminal_as_sentences(youtube: LocalYouTube) -> None:
    youtube.add(Video("nocaptions1", failures={Failure.CAPTIONS_DISABLED: None}))
    code, out, err = await vidthread(
        youtube, "analyze", "https://youtu.be/nocaptions1", "--format", "json"
    )
    assert code == 1
    assert json.loads(out)["error"]["code"] == "captions_disabled"
    assert "add a captions file" in err
    code, out, err = await vidthread(youtube, "chat", "https://youtu.be/nocaptions1")
    assert (code, out) == (1, "")
    assert "no captions" in err


async def test_the_language_asked_for_is_read(youtube: LocalYouTube) -> None:
    german = Track("de", (("Der Kran hebt vierzig Tonnen Getreide in der Stunde.", 0, 5),))
    english = Track("en", (("The crane lifts forty tonnes of grain an hour.", 0, 5),))
    youtube.add(Video("twolanguage", tracks=(english, german)))
    _, out, _ = await vidthread(
        youtube, "analyze", "https://youtu.be/twolanguage", "--format", "json", "--language", "de"
    )
    assert json.loads(out)["video_info"]["caption_track"]["language"] == "de"


async def test_the_doctor_finds_youtube(youtube: LocalYouTube) -> None:
    code, out, _ = await vidthread(youtube, "doctor")
    assert code == 0
    assert "✓ youtube" in out
