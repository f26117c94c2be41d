"""Every way in which YouTube, or the library that asks it, fails: translated here and only here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import ParseError

import requests
from defusedxml.common import DefusedXmlException
from youtube_transcript_api import _errors as library
from youtube_transcript_api.proxies import InvalidProxyConfig

from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    InvalidLink,
    InvalidSettings,
    NotYetAired,
    VideoAnalysisError,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeBusy,
    YouTubeChanged,
)

from .http import HttpAnswer
from .page import as_dict, one_line

# What leaks out of the library untranslated when an answer has an odd shape.
ODD_SHAPES = (
    ParseError,
    DefusedXmlException,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
)
FAILURES = (
    library.YouTubeTranscriptApiException,
    InvalidProxyConfig,
    requests.RequestException,
    *ODD_SHAPES,
)


def translate(
    error: Exception, player: dict[str, Any], answer: HttpAnswer | None
) -> VideoAnalysisError:
    """Our error for a failure of the library; `player` and `answer` are what YouTube said last."""
    if answer and answer.status == 429:
        wait = retry_after(answer)
        return YouTubeBusy(retry_after=wait) if wait is not None else YouTubeBlocked()
    if answer and answer.status >= 500:
        return YouTubeBusy(retry_after=retry_after(answer))
    status = as_dict(player.get("playabilityStatus"))
    is_live = as_dict(player.get("videoDetails")).get("isLive") is True
    if is_live or status.get("status") == "LIVE_STREAM_OFFLINE":
        return NotYetAired()
    reason = one_line(status.get("reason"))
    for classes, make in _TRANSLATIONS:
        if isinstance(error, classes):
            return make(reason)
    return YouTubeChanged("an answer")


def _unplayable(reason: str | None) -> VideoAnalysisError:
    """YouTube words the same causes in more ways than the library knows."""
    said = (reason or "").casefold().replace("’", "'")
    if "private" in said:
        return VideoUnavailable()
    if "confirm your age" in said or "inappropriate for some" in said:
        return AgeRestricted()
    if "not a bot" in said:
        return YouTubeBlocked()
    return VideoUnplayable(reason)


# The first that fits; what YouTube gave as reason is handed to the maker.
_TRANSLATIONS: tuple[
    tuple[
        type[Exception] | tuple[type[Exception], ...], Callable[[str | None], VideoAnalysisError]
    ],
    ...,
] = (
    (library.VideoUnavailable, lambda _: VideoUnavailable()),
    (library.VideoUnplayable, _unplayable),
    (library.AgeRestricted, lambda _: AgeRestricted()),
    (library.InvalidVideoId, lambda _: InvalidLink("That is not the id of a video.")),
    (library.RequestBlocked, lambda _: YouTubeBlocked()),
    ((library.TranscriptsDisabled, library.NoTranscriptFound), lambda _: CaptionsDisabled()),
    (library.PoTokenRequired, lambda _: CaptionsWithheld()),
    (library.FailedToCreateConsentCookie, lambda _: YouTubeChanged("a consent page")),
    (
        (library.YouTubeRequestFailed, requests.RequestException),
        lambda _: YouTubeChanged("a refusal"),
    ),
    (
        (library.CookieError, InvalidProxyConfig),
        lambda _: InvalidSettings(("YOUTUBE_PROXY is not a proxy that can be used",)),
    ),
    ((ParseError, DefusedXmlException), lambda _: YouTubeChanged("captions")),
)


def retry_after(answer: HttpAnswer) -> float | None:
    """Seconds that the server asks to wait; dates and nonsense count as nothing said."""
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
