"""Many reads, reads given up, and the end of the repository while reads are under way."""

import asyncio
import gc
import json
import os
import subprocess
import sys
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

import pytest

from fakes.youtube_bodies import Failure, Video
from houses import ID, House, house
from youtube_analysis import Settings
from youtube_analysis.repositories.youtube import HttpSession, YouTubeRepository
from youtube_analysis.repositories.youtube.bridge import BridgedSession
from youtube_analysis.repositories.youtube.http import VideoPermit


async def until_asked(home: House, path: str, times: int) -> None:
    async with asyncio.timeout(10):
        while home.youtube.paths().count(path) < times:  # noqa: ASYNC110 - requests tell nobody
            await asyncio.sleep(0.005)


async def test_who_gives_up_leaves_room_for_others() -> None:
    async with house(at_once=1) as home:
        home.youtube.add(Video(ID, failures={Failure.STALL: "player"}))
        stalled = [asyncio.create_task(home.repository.read(ID)) for _ in range(8)]
        await until_asked(home, "/youtubei/v1/player", 1)
        for reading in stalled:
            reading.cancel()
        ended = await asyncio.gather(*stalled, return_exceptions=True)
        assert {type(end) for end in ended} == {asyncio.CancelledError}
        home.youtube.add(Video("otherotherx"))
        async with asyncio.timeout(5):
            assert (await home.repository.read("otherotherx")).segments


async def test_closing_ends_what_is_under_way_at_once() -> None:
    async with house(at_once=4) as home:
        home.youtube.add(Video(ID, failures={Failure.STALL: "timedtext"}))
        reads = [asyncio.create_task(home.repository.read(ID)) for _ in range(12)]
        await until_asked(home, "/api/timedtext", 1)
        asked = len(home.youtube.asked)
        async with asyncio.timeout(5):
            await home.repository.close()
            ended = await asyncio.gather(*reads, return_exceptions=True)
        assert {type(end) for end in ended} == {asyncio.CancelledError}
        await home.repository.close()
        await asyncio.sleep(0.05)
        assert len(home.youtube.asked) <= asked + 4


async def test_closing_ends_a_wait_between_two_tries() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures={Failure.SERVER_ERROR: "watch"}))
        waiting = asyncio.Event()

        async def sleep(_: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        settings = Settings(youtube_url=home.youtube.url)
        http = HttpSession(settings)
        repository = YouTubeRepository(http, sleep=sleep)
        reading = asyncio.create_task(repository.read(ID))
        await waiting.wait()
        await repository.close()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await http.close()


async def test_progress_counts_only_what_was_answered() -> None:
    async with house() as home:
        steps: list[tuple[int, int]] = []
        home.youtube.add(
            Video(
                ID,
                failures={Failure.CONSENT: None, Failure.SERVER_ERROR: "player"},
                times={Failure.SERVER_ERROR: 1},
            )
        )
        await home.repository.read(ID, on_step=lambda *step: steps.append(step))
        once_more = [(1, 3), (1, 3), (2, 3), (3, 3)]
        assert steps == [(1, 3), (1, 3), *once_more]


async def test_a_slow_video_holds_up_no_other() -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures={Failure.STALL: "watch"}))
        home.youtube.add(Video("otherotherx", latency=0.01))
        stalled = asyncio.create_task(home.repository.read(ID))
        await until_asked(home, "/watch", 1)
        async with asyncio.timeout(5):
            assert (await home.repository.read("otherotherx")).segments
        stalled.cancel()
        await asyncio.wait([stalled])


async def test_the_local_youtube_runs_as_a_program(tmp_path: Path) -> None:
    captions = tmp_path / "talk.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:03,000\nThe crane lifts grain.\n")
    program = Path(__file__).parent.parent / "fakes" / "youtube.py"
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, str(program), "--captions", str(captions), "--port", "0"),
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    assert running.stdout
    try:
        served = json.loads(await asyncio.wait_for(running.stdout.readline(), 30))
        settings = Settings(youtube_url=served["url"])
        http = HttpSession(settings)
        repository = YouTubeRepository(http)
        video = await repository.read(served["video_id"])
        assert [segment.text for segment in video.segments] == ["The crane lifts grain."]
        await repository.close()
        await http.close()
    finally:
        running.kill()
        await running.wait()


def test_a_request_that_its_loop_never_begins_leaves_nothing_behind() -> None:
    loop, computing, working = asyncio.new_event_loop(), Lock(), Event()

    async def made() -> BridgedSession:
        return BridgedSession(HttpSession(Settings()), VideoPermit(), computing, lambda _: None)

    session = loop.run_until_complete(made())

    def work() -> object:
        working.set()
        return session.get("http://127.0.0.1:9/watch")

    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(session.run, work)
        working.wait()
        with computing:  # free as soon as the loop was told
            session.cancel()
        assert isinstance(asked.exception(10), CancelledError)
    loop.close()
    del asked  # with the frames that its error holds
    gc.collect()
