"""YouTubeRepository: a video's captions, info and chapters, in as few requests as possible."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from youtube_transcript_api import YouTubeTranscriptApi

from youtube_analysis.captions.cleaning import clean
from youtube_analysis.config import Settings
from youtube_analysis.errors import (
    CaptionsDisabled,
    VideoAnalysisError,
    YouTubeBusy,
    YouTubeChanged,
    YouTubeError,
)
from youtube_analysis.http import DEFAULT_ORIGIN, HttpSession, Sleep
from youtube_analysis.logging import get_logger
from youtube_analysis.models.transcript import Chapter, Segment, Source, in_order, measure_coverage
from youtube_analysis.models.video import VideoData, VideoInfo

from .tracks import Choice, choose_track
from .transcript_bridge import BridgedSession
from .youtube_errors import FAILURES, translate
from .youtube_page import chapters, describe

_log = get_logger(__name__)
OnStep = Callable[[int, int], None]
Result = TypeVar("Result")

# Watch page, player, captions.
STEPS = 3
ATTEMPTS = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0
# Requests of the library wait in threads; parsing runs there too.
_THREADS = 20


@dataclass(frozen=True, slots=True)
class _Listed:
    info: VideoInfo
    chapters: tuple[Chapter, ...]
    choice: Choice


class YouTubeRepository:
    def __init__(
        self,
        http: HttpSession,
        settings: Settings,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._http = http
        self._origin = settings.youtube_url
        self._sleep = sleep
        self._rng = rng
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="youtube")

    async def read(
        self, video_id: str, *, language: str | None = None, on_step: OnStep | None = None
    ) -> VideoData:
        """The captions in the language asked for, else the spoken one.

        Raises VideoError where this video cannot be read and YouTubeError where YouTube would
        not answer; what may pass is tried ATTEMPTS times, with growing, jittered waits.
        """
        attempts = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            retry=retry_if_exception(_may_pass),
            before_sleep=lambda state: _log_retry(video_id, state),
            reraise=True,
        )
        return await attempts(self._read, video_id, language, on_step or _no_step)

    async def check(self) -> None:
        """Raises YouTubeError unless YouTube answers."""
        answer = await self._http.send("GET", f"{DEFAULT_ORIGIN}/robots.txt")
        if answer.status == 429 or answer.status >= 500:
            raise YouTubeBusy

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _read(self, video_id: str, language: str | None, on_step: OnStep) -> VideoData:
        steps = iter(range(1, STEPS + 1))
        session = BridgedSession(self._http, lambda: on_step(next(steps, STEPS), STEPS))
        listed = await self._in_thread(session, lambda: _list(session, video_id, language))
        # The captions and, where the pages tell no title, oEmbed: separate, so at once.
        naming = asyncio.create_task(self._named(listed.info))
        try:
            segments = await self._in_thread(session, lambda: _fetch(listed.choice))
            info = await naming
        finally:
            naming.cancel()
        return _video(listed, info, segments)

    async def _in_thread(self, session: BridgedSession, work: Callable[[], Result]) -> Result:
        """Runs work of the library, its failures translated; a cancelled wait ends it."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work)
        except asyncio.CancelledError:
            session.cancel()
            raise
        except FAILURES as error:
            raise translate(error, session.player, session.last) from error

    async def _named(self, info: VideoInfo) -> VideoInfo:
        if info.title:
            return info
        link = quote(f"{DEFAULT_ORIGIN}/watch?v={info.video_id}", safe="")
        try:
            answer = await self._http.send("GET", f"{DEFAULT_ORIGIN}/oembed?url={link}&format=json")
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


def _list(session: BridgedSession, video_id: str, language: str | None) -> _Listed:
    api = YouTubeTranscriptApi(http_client=session)  # type: ignore[arg-type]  # see BridgedSession
    tracks = list(api.list(video_id))
    info = describe(video_id, session.page, session.player)
    choice = choose_track(tracks, session.player, language)
    if choice is None:
        raise CaptionsDisabled
    return _Listed(info, chapters(session.page, info.description, info.duration), choice)


def _fetch(choice: Choice) -> tuple[Segment, ...]:
    snippets = choice.transcript.fetch()
    segments = tuple(
        Segment(text, max(0.0, snippet.start), max(0.0, snippet.duration))
        for snippet in snippets
        if (text := clean(snippet.text))
    )
    if not segments:
        # A format that the library does not read (srv3) and an empty track look the same.
        raise YouTubeChanged("captions without words")
    return in_order(segments)


def _video(listed: _Listed, info: VideoInfo, segments: tuple[Segment, ...]) -> VideoData:
    missing = [listed.choice.lacking] if listed.choice.lacking else []
    if not info.title:
        info = replace(info, title=f"Video {info.video_id}")
        missing.append("title and channel: YouTube did not tell them")
    if info.duration is None:
        missing.append("running time: taken from the captions")
    return VideoData(
        info=info,
        segments=segments,
        track=listed.choice.track,
        source=Source.YOUTUBE,
        coverage=measure_coverage(segments, info.duration),
        chapters=listed.chapters,
        missing=tuple(missing),
    )
