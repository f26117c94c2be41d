"""YouTubeRepository: a video's captions, info and chapters, in as few requests as possible."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import partial
from threading import Lock

from youtube_analysis.concurrency import Lane, offload, spawn
from youtube_analysis.errors import YouTubeBusy, YouTubeError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.video import VideoData

from .http import DEFAULT_ORIGIN, REQUESTS, HttpSession, OnWait, Sleep, VideoPermit

_log = get_logger(__name__)
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
        reading = spawn(
            self._queued(video_id, language, on_step or _no_step, on_wait), name=f"read {video_id}"
        )
        self._readings.add(reading)
        reading.add_done_callback(self._readings.discard)
        return await reading

    async def _queued(
        self, video_id: str, language: str | None, on_step: OnStep, on_wait: OnWait | None
    ) -> VideoData:
        async with self._http.limits.permit(on_wait) as permit:
            for attempt in range(1, ATTEMPTS):
                try:
                    return await self._read(video_id, language, permit, on_step)
                except YouTubeError as error:
                    asked = error.retry_after or 0.0
                    if not error.retryable or asked > _LONGEST_WAIT:
                        raise
                    wait = max(asked, self._backoff(attempt))
                    _log.info(
                        "youtube retry", video=video_id, wait=round(wait, 2), error=error.code
                    )
                await self._sleep(wait)
            return await self._read(video_id, language, permit, on_step)

    def _backoff(self, attempt: int) -> float:
        """Doubling from half a second, a quarter up or down by chance."""
        doubled: float = _FIRST_WAIT * 2 ** (attempt - 1)
        return doubled * (0.75 + 0.5 * self._rng())

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
        from .bridge import BridgedSession, read_video  # noqa: PLC0415

        session = BridgedSession(
            self._http, permit, self._computing, lambda step: on_step(step, REQUESTS)
        )
        reading = partial(read_video, session, video_id, language)
        try:
            return await offload(session.run, reading, lane=self._lane)
        except asyncio.CancelledError:
            session.cancel()
            raise


def _no_step(done: int, total: int) -> None:
    """For callers who do not watch."""
