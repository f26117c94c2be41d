"""Every real talk, from its captions file and through a local YouTube, by the real library."""

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
from youtube_analysis.captions import parse_captions

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
async def test_file_and_youtube_read_the_same(
    recordings: Path, youtube: LocalYouTube, name: str
) -> None:
    track = served(recordings, name)
    youtube.add(Video("realtalk001", title="A real talk", tracks=(track,)))
    path = str(recordings / "captions" / name)
    from_file = await vidthread(youtube, "analyze", path, "--format", "json")
    from_link = await vidthread(
        youtube, "analyze", "https://youtu.be/realtalk001", "--format", "json"
    )
    assert from_file[0] == from_link[0] == 0
    assert from_file[2] == from_link[2] == ""
    one, other = json.loads(from_file[1]), json.loads(from_link[1])
    assert other["youtube_url"] == "https://youtu.be/realtalk001"
    assert [s["text"] for s in one["transcript_segments"]] == [
        s["text"] for s in other["transcript_segments"]
    ]
    assert set(other["task_outputs"]) == set(one["task_outputs"])
    assert all(text.strip() for text in other["task_outputs"].values())
    assert len(youtube.asked) == 3


@pytest.mark.parametrize("name", TALKS)
async def test_questions_are_answered_or_refused(
    recordings: Path, youtube: LocalYouTube, name: str
) -> None:
    youtube.add(Video("realtalk001", tracks=(served(recordings, name),)))
    asked = "\n".join(TALKS[name]) + "\n"
    code, out, err = await vidthread(
        youtube, "chat", "https://youtu.be/realtalk001", "--format", "json", stdin=asked
    )
    assert (code, err) == (0, "")
    said, unsaid = [json.loads(line) for line in out.splitlines()]
    assert said["answered"], said
    assert not unsaid["answered"], unsaid
    for citation in said["citations"]:
        assert citation["url"] == f"https://youtu.be/realtalk001?t={int(citation['start'])}"
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
