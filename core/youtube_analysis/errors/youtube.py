"""This video cannot be read, or YouTube would not answer us."""

from __future__ import annotations

from .base import VideoAnalysisError

HAND_IN = "You can hand in a captions file instead (.srt, .vtt, .txt …)."


class VideoError(VideoAnalysisError):
    code = "video"


class VideoUnavailable(VideoError):
    code = "video_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "YouTube says that this video does not exist (any more) or is private. Check the link."
        )


class VideoUnplayable(VideoError):
    """`reason` is YouTube's own words; they are untrusted and shortened."""

    code = "video_unplayable"

    def __init__(self, reason: str | None = None) -> None:
        told = f" (“{reason[:120]}”)" if reason else ""
        super().__init__(f"YouTube will not play this video here{told}. {HAND_IN}")


class AgeRestricted(VideoError):
    code = "age_restricted"

    def __init__(self) -> None:
        super().__init__(
            "This video is age-restricted: YouTube shows its captions only to signed-in viewers. "
            + HAND_IN
        )


class NotYetAired(VideoError):
    code = "not_yet_aired"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "This video has not aired yet, or is still live: its captions come after the "
            "broadcast. Ask again when it has ended."
        )


class CaptionsDisabled(VideoError):
    code = "captions_disabled"

    def __init__(self) -> None:
        super().__init__(f"This video has no captions, so there is nothing to read. {HAND_IN}")


class TranslationUnavailable(VideoError):
    code = "translation_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "YouTube would not translate the captions of this video. Ask without a language."
        )


class CaptionsWithheld(VideoError):
    code = "captions_withheld"

    def __init__(self) -> None:
        super().__init__(
            "YouTube lists captions for this video but gives them only to its own player "
            f"(it asks for a proof-of-origin token). {HAND_IN}"
        )


class YouTubeError(VideoAnalysisError):
    code = "youtube"


class YouTubeBlocked(YouTubeError):
    code = "youtube_blocked"

    def __init__(self) -> None:
        super().__init__(
            "YouTube is refusing requests from this server's address. Try again in some hours, "
            f"or ask the admin to set YOUTUBE_PROXY. {HAND_IN}"
        )


class YouTubeBusy(YouTubeError):
    code = "youtube_busy"
    retryable = True

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(
            "YouTube answered with an error of its own. Try again in a minute.",
            retry_after=retry_after,
        )


class YouTubeUnreachable(YouTubeError):
    code = "youtube_unreachable"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "YouTube could not be reached. Check the network of this server and try again in a "
            "minute."
        )


class YouTubeChanged(YouTubeError):
    """An answer in a shape that nobody here knows: empty, HTML for captions, odd JSON."""

    code = "youtube_changed"
    retryable = True

    def __init__(self, what: str) -> None:
        super().__init__(f"YouTube sent {what} that could not be read. Try again later. {HAND_IN}")
