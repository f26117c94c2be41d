"""Lets youtube-transcript-api ask through our HTTP session, from worker threads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import replace
from html import unescape
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import requests
from youtube_transcript_api import TranscriptList, YouTubeTranscriptApi
from youtube_transcript_api import _errors as library

from youtube_analysis.captions.cleaning import clean
from youtube_analysis.concurrency import complete_future
from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    NotYetAired,
    VideoAnalysisError,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeBusy,
    YouTubeChanged,
    YouTubeError,
)
from youtube_analysis.models.notices import Missing, MissingCode
from youtube_analysis.models.video import (
    Segment,
    Source,
    VideoData,
    VideoInfo,
    in_order,
    measure_coverage,
)
from youtube_analysis.passages.words import count_words

from .http import HttpAnswer, HttpSession, VideoPermit
from .page import ChosenTrack, as_dict, chapters, choose_tracks, describe, one_line

PAGE, PLAYER, CAPTIONS = 1, 2, 3
# The library takes tags out of a caption with a pattern whose time grows with the number of its
# angle brackets times its length: about 0.1 s at this product.
_HARDEST_CAPTION = 100_000_000
# No broadcast is longer; what starts later (or at no number) is damage.
_LATEST = 14 * 86_400.0
# A minute has 100–180 spoken words. With fewer than these, a track is suspect; another one that has
# so many times as many is what was said. Each that is tried is one more request.
_FEWEST_WORDS, _FAR_MORE, _MOST_TRACKS = 40, 2, 3
# How the library fails, and what leaks out of it where an answer has an odd shape.
FAILURES = (
    *(library.YouTubeTranscriptApiException, requests.RequestException, ParseError, ValueError),
    *(LookupError, AttributeError, TypeError, RecursionError),
)
Result = TypeVar("Result")


class BridgedSession:
    """The part of requests.Session that the library uses, for one call from a worker thread.

    `page` and `player` are the two answers that tell the video's info, as they came. `on_answer`
    is called on the loop with the step that was answered. A thread holds `computing` except while
    it waits for an answer: no two threads of Python run anyway, and the fewer compete with the
    event loop, the less it lags.
    """

    def __init__(
        self,
        http: HttpSession,
        permit: VideoPermit,
        computing: Lock,
        on_answer: Callable[[int], None],
    ) -> None:
        self.headers: dict[str, str] = dict(requests.utils.default_headers())
        self.headers["Accept-Encoding"] = "gzip, deflate"
        self.cookies = _Cookies(self.headers)
        self.page = ""
        self.player: dict[str, Any] = {}
        self.last: HttpAnswer | None = None
        self._http = http
        self._permit = permit
        self._computing = computing
        self._on_answer = on_answer
        self._loop = asyncio.get_running_loop()
        self._under_way = Future[HttpAnswer]()
        self._cancelled = False

    def run(self, work: Callable[[], Result]) -> Result:
        """Does work of the library that asks through this session, its failures translated."""
        with self._computing:
            try:
                return work()
            except FAILURES as error:
                raise translate(error, self.player, self.last) from error

    def get(self, url: str) -> BridgedResponse:
        if urlsplit(url).path == "/watch":
            response = self._send(PAGE, "GET", url)
            self.page = response.text
            return response
        response = self._send(CAPTIONS, "GET", url)
        if any(map(_is_hard, response.text.split("<"))):
            raise YouTubeChanged(what="captions of unusual size")
        return response

    def post(self, url: str, json: object) -> BridgedResponse:
        response = self._send(PLAYER, "POST", url, json)
        with suppress(ValueError, RecursionError):
            self.player = as_dict(response.json())
        return response

    def cancel(self) -> None:
        """Ends the worker's wait at once; it raises CancelledError there. Call it on the loop."""
        self._cancelled = True
        self._under_way.cancel()

    def _send(self, step: int, method: str, url: str, body: object = None) -> BridgedResponse:
        answer = self._under_way = Future[HttpAnswer]()

        def begin() -> None:
            # On the loop: where that ends before, no coroutine is left that was never begun.
            asked = self._loop.create_task(
                self._http.send(method, url, headers=self.headers, json=body, permit=self._permit)
            )
            asked.add_done_callback(lambda task: complete_future(answer, task.result))
            answer.add_done_callback(lambda _: asked.cancel())

        if self._cancelled:
            raise CancelledError
        self._loop.call_soon_threadsafe(begin)
        self._computing.release()
        try:
            self.last = answer.result()
        finally:
            self._computing.acquire()
        if self.last.status < 400:
            self._loop.call_soon_threadsafe(self._on_answer, step)
        return BridgedResponse(self.last)


class BridgedResponse:
    """The part of requests.Response that the library uses."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.status_code = answer.status
        self.text = answer.text

    def json(self) -> Any:
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise requests.HTTPError(f"status {self.status_code}")


class _Cookies:
    """The library sets one, for one site: the answer to YouTube's consent page."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def set(self, name: str, value: str, domain: str) -> None:
        # A value out of YouTube's page must not end the header or start another cookie.
        kept = "".join(c for c in value if c.isprintable() and c not in ';,"\\ ')
        self._headers["Cookie"] = f"{name}={kept}"


def _is_hard(caption: str) -> bool:
    # Brackets are entities here, or entities of entities.
    spoken = unescape(unescape(caption))
    return spoken.count("<") * len(spoken) > _HARDEST_CAPTION


def read_video(session: BridgedSession, video_id: str, language: str | None) -> VideoData:
    client: Any = session  # see BridgedSession
    YouTubeTranscriptApi(http_client=client).list(video_id)
    told = session.player["captions"]["playerCaptionsTracklistRenderer"]
    # One by one: of several in a language, a list keeps the last.
    tracks = [
        track
        for one in told["captionTracks"]
        for track in TranscriptList.build(client, video_id, {**told, "captionTracks": [one]})
    ]
    info = describe(video_id, session.page, session.player)
    choice = choose_tracks(tracks, session.player, language)
    try:
        chosen, segments = _fullest(choice.tracks, info.duration)
    except FAILURES:
        if not choice.instead:
            raise
        chosen, segments = _fullest(choice.instead, info.duration)
    if not segments:
        # A format that the library does not read (srv3) and an empty track look the same.
        raise YouTubeChanged(what="captions without words")
    return VideoData(
        info=replace(info, title=info.title or f"Video {video_id}"),
        segments=segments,
        track=chosen.track,
        source=Source.YOUTUBE,
        coverage=measure_coverage(segments, info.duration),
        chapters=chapters(session.page, info.description, info.duration),
        missing=tuple(_missing(chosen, info)),
    )


def _missing(chosen: ChosenTrack, info: VideoInfo) -> Iterator[Missing]:
    """What was asked for, or is told of every video, but was not of this one."""
    if chosen.missing:
        yield chosen.missing
    if not info.title:
        yield Missing(MissingCode.TITLE)
    if info.published is None:
        yield Missing(MissingCode.DATE)
    if info.duration is None:
        yield Missing(MissingCode.LENGTH)


def _fullest(
    tracks: tuple[ChosenTrack, ...], duration: float | None
) -> tuple[ChosenTrack, tuple[Segment, ...]]:
    """The first, unless it holds so few words that it may be a chat or credits: then another is
    read, and taken if it holds far more."""
    best = tracks[0], _read(tracks[0])
    for other in tracks[1:_MOST_TRACKS]:
        words = _count(best[1])
        if words >= _FEWEST_WORDS * (duration or 0.0) / 60 and words:
            break
        try:
            segments = _read(other)
        except (*FAILURES, YouTubeError):
            break
        if _count(segments) > _FAR_MORE * words:
            best = other, segments
    return best


def _read(chosen: ChosenTrack) -> tuple[Segment, ...]:
    read = []
    for snippet in chosen.transcript.fetch():
        text = clean(snippet.text)
        if text and snippet.start <= _LATEST:
            duration = snippet.duration if 0 <= snippet.duration <= _LATEST else 0.0
            read.append(Segment(text, max(0.0, snippet.start), duration))
    return in_order(tuple(read))


def _count(segments: tuple[Segment, ...]) -> int:
    return sum(count_words(segment.text) for segment in segments)


def translate(
    error: Exception, player: dict[str, Any], answer: HttpAnswer | None
) -> VideoAnalysisError:
    """Our error for a failure of the library; `player` and `answer` are what YouTube said last."""
    if answer and answer.status == 429 and answer.retry_after is None:
        return YouTubeBlocked()
    if answer and (answer.status == 429 or answer.status >= 500):
        return YouTubeBusy(retry_after=answer.retry_after)
    status = as_dict(player.get("playabilityStatus"))
    is_live = as_dict(player.get("videoDetails")).get("isLive") is True
    if is_live or status.get("status") == "LIVE_STREAM_OFFLINE":
        return NotYetAired()
    reason = one_line(status.get("reason"))
    made = (make(reason) for kind, make in _TRANSLATIONS.items() if isinstance(error, kind))
    return next(made, YouTubeChanged(what="an answer"))


def _unplayable(reason: str | None) -> VideoAnalysisError:
    """YouTube words the same causes in more ways than the library knows."""
    said = (reason or "").casefold().replace("’", "'")
    if "private" in said:
        return VideoUnavailable()
    if "confirm your age" in said or "inappropriate for some" in said:
        return AgeRestricted()
    if "not a bot" in said:
        return YouTubeBlocked()
    return VideoUnplayable(reason="told", said=reason[:120]) if reason else VideoUnplayable()


# The first that fits; what YouTube gave as reason is handed to the maker.
_TRANSLATIONS: dict[type[Exception], Callable[[str | None], VideoAnalysisError]] = {
    library.VideoUnavailable: lambda _: VideoUnavailable(),
    library.VideoUnplayable: _unplayable,
    library.AgeRestricted: lambda _: AgeRestricted(),
    library.RequestBlocked: lambda _: YouTubeBlocked(),
    library.TranscriptsDisabled: lambda _: CaptionsDisabled(),
    library.PoTokenRequired: lambda _: CaptionsWithheld(),
    library.FailedToCreateConsentCookie: lambda _: YouTubeChanged(what="a consent page"),
    library.YouTubeRequestFailed: lambda _: YouTubeChanged(what="a refusal"),
    ParseError: lambda _: YouTubeChanged(what="captions"),
}
