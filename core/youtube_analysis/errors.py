"""What can go wrong, as one tree. Every message is a sentence that a chat user may read.

VideoAnalysisError
├── InvalidRequest          the caller can mend it
│   ├── InvalidLink
│   │   └── PlaylistLink
│   ├── UnknownAnalysisType
│   └── CaptionsFileError
│       ├── CaptionsFileTooLarge
│       ├── UnknownCaptionsFormat
│       └── EmptyCaptionsFile
├── InvalidSettings         the admin can mend it
├── VideoError              this video cannot be read
│   ├── VideoUnavailable
│   ├── VideoUnplayable
│   ├── AgeRestricted
│   ├── NotYetAired
│   ├── CaptionsDisabled
│   ├── TranslationUnavailable
│   └── CaptionsWithheld
└── YouTubeError            YouTube would not answer us
    ├── YouTubeBlocked
    ├── YouTubeBusy         (retryable)
    ├── YouTubeUnreachable  (retryable)
    └── YouTubeChanged      (retryable)

`code` is stable and meant for machines; `retryable` says whether the same request may
succeed later without anybody changing anything.
"""

from __future__ import annotations

HAND_IN = "You can hand in a captions file instead (.srt, .vtt, .txt …)."


class VideoAnalysisError(Exception):
    """Base of everything this package raises on purpose.

    `retry_after` is in seconds, None where the other side named no time.
    """

    code = "error"
    retryable = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class InvalidRequest(VideoAnalysisError):
    code = "invalid_request"


class InvalidLink(InvalidRequest):
    code = "invalid_link"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Send a link to one YouTube video, such as https://youtu.be/<id>."
        )


class PlaylistLink(InvalidLink):
    code = "playlist_link"

    def __init__(self) -> None:
        super().__init__("That link names a playlist, not a video.")


class UnknownAnalysisType(InvalidRequest):
    code = "unknown_analysis_type"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no analysis type “{name[:60]}”. Choose from: {', '.join(known)}."
        )


class CaptionsFileError(InvalidRequest):
    code = "captions_file"


class CaptionsFileTooLarge(CaptionsFileError):
    code = "captions_file_too_large"

    def __init__(self, limit: str) -> None:
        super().__init__(
            f"That captions file is larger than {limit}. "
            "Hand in the captions alone, without the video."
        )


class UnknownCaptionsFormat(CaptionsFileError):
    code = "captions_file_format"

    def __init__(self) -> None:
        super().__init__(
            "That file is not captions that can be read. "
            "Hand in one of: .srt, .vtt, .json3, .ttml, .xml, .sbv, .stc, .txt."
        )


class EmptyCaptionsFile(CaptionsFileError):
    code = "captions_file_empty"

    def __init__(self) -> None:
        super().__init__("That captions file holds no spoken text. Check it and hand it in again.")


class InvalidSettings(VideoAnalysisError):
    """Raised once at start; names every wrong key."""

    code = "invalid_settings"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("These settings are wrong: " + "; ".join(problems) + ".")
        self.problems = problems


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
