"""YouTubeRepository: a video's captions, info and chapters, in as few requests as possible."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from youtube_analysis.concurrency import Lane, offload
from youtube_analysis.errors import VideoAnalysisError, YouTubeBusy, YouTubeError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.video import VideoData, VideoInfo

from .http import DEFAULT_ORIGIN, HttpSession
from .limits import REQUESTS, OnWait, Sleep, VideoPermit
from .page import describe

if TYPE_CHECKING:
    from .bridge import BridgedSession

_log = get_logger(__name__)
Result = TypeVar("Result")
OnStep = Callable[[int, int], None]

ATTEMPTS = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0


class YouTubeRepository:
    def __init__(
        self,
        http: HttpSession,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._http = http
        self._sleep = sleep
        self._rng = rng
        # The library's requests wait in threads: one for each video that is read.
        self._lane = Lane("youtube", http.limits.at_once)
        self._computing = Lock()
        self._readings: set[asyncio.Task[VideoData]] = set()

    async def read(
        self,
        video_id: str,
        *,
        language: str | None = None,
        on_step: OnStep | None = None,
        on_wait: OnWait | None = None,
    ) -> VideoData:
        """The captions in the language asked for, else the spoken one. Several may be named, the
        most wanted first: `gsw,de`.

        Raises VideoError where this video cannot be read and YouTubeError where YouTube would
        not answer; what may pass is tried ATTEMPTS times, with growing, jittered waits. `on_step`
        is told the requests that were answered, and begins anew with each try; `on_wait` the
        place in the queue (1: this is next). While YouTube is known to be down, that fails at once.
        """
        reading = asyncio.create_task(
            self._queued(video_id, language, on_step or _no_step, on_wait), name=f"read {video_id}"
        )
        self._readings.add(reading)
        reading.add_done_callback(self._forget)
        return await reading

    async def _queued(
        self, video_id: str, language: str | None, on_step: OnStep, on_wait: OnWait | None
    ) -> VideoData:
        async with self._http.limits.permit(on_wait) as permit:
            attempts = AsyncRetrying(
                sleep=self._sleep,
                stop=stop_after_attempt(ATTEMPTS),
                wait=self._wait,
                retry=retry_if_exception(_may_pass),
                before_sleep=lambda state: _log_retry(video_id, state),
                reraise=True,
            )
            return await attempts(self._read, video_id, language, permit, on_step)

    def _forget(self, reading: asyncio.Task[VideoData]) -> None:
        self._readings.discard(reading)
        if not reading.cancelled():
            reading.exception()  # seen, even where the one who asked was cancelled meanwhile

    @staticmethod
    def load() -> None:
        """Imports what the first reading needs, once; to be called beside the event loop."""
        from . import bridge  # noqa: F401, PLC0415 - see above

    async def check(self) -> None:
        """Raises YouTubeError unless YouTube answers."""
        answer = await self._http.send("GET", f"{DEFAULT_ORIGIN}/robots.txt")
        if answer.status == 429 or answer.status >= 500:
            raise YouTubeBusy

    async def close(self) -> None:
        """Idempotent. What is being read ends at once, as if cancelled."""
        under_way = set(self._readings)
        for reading in under_way:
            reading.cancel()
        if under_way:
            await asyncio.wait(under_way)

    async def _read(
        self, video_id: str, language: str | None, permit: VideoPermit, on_step: OnStep
    ) -> VideoData:
        # The library and its own client take their time to import: `load` does so ahead.
        from .bridge import BridgedSession, fetch_captions, list_tracks, with_title  # noqa: PLC0415

        session = BridgedSession(
            self._http, permit, self._computing, lambda step: on_step(step, REQUESTS)
        )
        listed = await self._in_thread(session, lambda: list_tracks(session, video_id, language))
        try:
            # The captions and, where the pages tell no title, oEmbed: separate, so at once.
            async with asyncio.TaskGroup() as separate:
                naming = separate.create_task(self._named(listed.info, permit))
                video = await self._in_thread(session, lambda: fetch_captions(listed))
        except ExceptionGroup as failed:
            # Without the captions there is no video; a name that fails is done without.
            error = failed.exceptions[0]
            raise error from error.__cause__
        return with_title(video, naming.result())

    async def _in_thread(self, session: BridgedSession, work: Callable[[], Result]) -> Result:
        """Runs work of the library, its failures translated; a cancelled wait ends it."""
        from .errors import FAILURES, translate  # noqa: PLC0415 - as in _read

        try:
            return await offload(session.run, work, lane=self._lane)
        except asyncio.CancelledError:
            session.cancel()
            raise
        except FAILURES as error:
            raise translate(error, session.player, session.last) from error

    async def _named(self, info: VideoInfo, permit: VideoPermit) -> VideoInfo:
        if info.title:
            return info
        link = quote(f"{DEFAULT_ORIGIN}/watch?v={info.video_id}", safe="")
        try:
            address = f"{DEFAULT_ORIGIN}/oembed?url={link}&format=json"
            answer = await self._http.send("GET", address, permit=permit)
            told = json.loads(answer.text) if answer.status == 200 else None
        except (VideoAnalysisError, ValueError) as error:
            _log.info("youtube title missing", video=info.video_id, error=repr(error))
            return info
        if not isinstance(told, dict):
            return info
        page = {"videoDetails": {"title": told.get("title"), "author": told.get("author_name")}}
        named = describe(info.video_id, "", page)
        return replace(info, title=named.title, channel=info.channel or named.channel)

    def _wait(self, state: RetryCallState) -> float:
        """Doubling from half a second, a quarter up or down by chance; or what YouTube asks."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, VideoAnalysisError) else None
        backoff: float = _FIRST_WAIT * 2 ** (state.attempt_number - 1)
        backoff *= 0.75 + 0.5 * self._rng()
        return max(backoff, asked or 0.0)


def _log_retry(video_id: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.info(
        "youtube retry",
        video=video_id,
        attempt=state.attempt_number,
        wait=round(state.upcoming_sleep, 2),
        error=error.code if isinstance(error, VideoAnalysisError) else repr(error),
    )


def _may_pass(error: BaseException) -> bool:
    return (
        isinstance(error, YouTubeError)
        and error.retryable
        and (error.retry_after or 0.0) <= _LONGEST_WAIT
    )


def _no_step(done: int, total: int) -> None:
    """For callers who do not watch."""
