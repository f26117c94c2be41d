"""What can go wrong, as one tree. Every message is a sentence that a chat user may read.

Right below VideoAnalysisError stand InvalidRequest (the caller can mend it), InvalidSettings (the
admin can), VideoError (this video cannot be read), YouTubeError (YouTube would not answer us),
ModelError (the language model would not or could not answer), DatabaseError, Interrupted (we were
shut down) and Unexpected (a bug of ours).
"""

from __future__ import annotations

from typing import Self

HAND_IN = "You can hand in a captions file instead (.srt, .vtt, .txt …)."


class VideoAnalysisError(Exception):
    """Base of everything this package raises on purpose.

    `code` is stable and meant for machines; `retryable` says whether the same request may succeed
    later without anybody changing anything; `sentence` is the message where none is given.
    `retry_after` is in seconds, None where the other side named no time.
    """

    code = "error"
    retryable = False
    sentence = ""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        self.message = message or self.sentence
        self.retry_after = retry_after
        super().__init__(self.message)

    def copy(self) -> Self:
        """The same error for one more listener: each raises an instance of its own."""
        copied = type(self).__new__(type(self), *self.args)
        copied.__dict__.update(self.__dict__)
        copied.__cause__ = self
        return copied

    @classmethod
    def from_code(cls, code: str, message: str) -> VideoAnalysisError:
        """An error that was kept as text: again of the class that has this code."""
        kinds: list[type[VideoAnalysisError]] = [cls]
        for kind in kinds:
            if kind.code == code:
                made = kind.__new__(kind, message)
                made.message, made.retry_after = message, None
                return made
            kinds += kind.__subclasses__()
        return VideoAnalysisError(message)


class Interrupted(VideoAnalysisError):
    code = "interrupted"
    retryable = True
    sentence = "This was interrupted: Vidthread is shutting down. Ask again in a minute."


class Unexpected(VideoAnalysisError):
    code = "unexpected"
    retryable = True
    sentence = "Something went wrong on our side, and is in the log. Try again."


class DatabaseError(VideoAnalysisError):
    """`what` is wrong with the database, in words of ours: a driver's may hold what people said."""

    code = "database"

    def __init__(self, what: str, *, retryable: bool = False) -> None:
        soon = "Try again in a minute; if it stays so, the admin can check DATABASE_URL."
        mend = soon if retryable else "The admin can check DATABASE_URL."
        super().__init__(f"The database {what}. {mend}")
        self.retryable = retryable


class InvalidSettings(VideoAnalysisError):
    """Raised once at start; names every wrong key."""

    code = "invalid_settings"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("These settings are wrong: " + "; ".join(problems) + ".")
        self.problems = problems


class InvalidRequest(VideoAnalysisError):
    code = "invalid_request"


class InvalidLink(InvalidRequest):
    code = "invalid_link"

    def __init__(self, reason: str) -> None:
        how = "Send a link to one YouTube video, such as https://youtu.be/<id>."
        super().__init__(f"{reason} {how}")


class PlaylistLink(InvalidLink):
    code = "playlist_link"

    def __init__(self) -> None:
        super().__init__("That link names a playlist, not a video.")


class UnknownAnalysisType(InvalidRequest):
    code = "unknown_analysis_type"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        names = ", ".join(known)
        super().__init__(f"There is no analysis type “{name[:60]}”. Choose from: {names}.")


class CaptionsFileError(InvalidRequest):
    code = "captions_file"


class CaptionsFileTooLarge(CaptionsFileError):
    code = "captions_file_too_large"

    def __init__(self, limit: str) -> None:
        how = "Hand in the captions alone, without the video."
        super().__init__(f"That captions file is larger than {limit}. {how}")


class UnknownCaptionsFormat(CaptionsFileError):
    code = "captions_file_format"
    sentence = (
        "That file is not captions that can be read. "
        "Hand in subtitles, such as .srt or .vtt, or a transcript as .txt."
    )


class UnreadableTimes(CaptionsFileError):
    code = "captions_file_times"


class EmptyCaptionsFile(CaptionsFileError):
    code = "captions_file_empty"
    sentence = "That captions file holds no spoken text. Check it and hand it in again."


class VideoError(VideoAnalysisError):
    code = "video"


class VideoUnavailable(VideoError):
    code = "video_unavailable"
    sentence = "YouTube says that this video is private or does not exist. Check the link."


class VideoUnplayable(VideoError):
    """`reason` is YouTube's own words; they are untrusted and shortened."""

    code = "video_unplayable"

    def __init__(self, reason: str | None = None) -> None:
        told = f" (“{reason[:120]}”)" if reason else ""
        super().__init__(f"YouTube will not play this video here{told}. {HAND_IN}")


class AgeRestricted(VideoError):
    code = "age_restricted"
    sentence = f"This video is age-restricted: only signed-in viewers get its captions. {HAND_IN}"


class NotYetAired(VideoError):
    code = "not_yet_aired"
    retryable = True
    sentence = (
        "This video has not aired yet, or is still live: its captions come after the broadcast. "
        "Ask again when it has ended."
    )


class CaptionsDisabled(VideoError):
    code = "captions_disabled"
    sentence = f"This video has no captions, so there is nothing to read. {HAND_IN}"


class NothingSpoken(VideoError):
    code = "nothing_spoken"
    sentence = "Nobody speaks in this video: its captions hold only music and other sounds."


class CaptionsWithheld(VideoError):
    code = "captions_withheld"
    sentence = (
        "YouTube lists captions for this video but gives them only to its own player "
        f"(it asks for a proof-of-origin token). {HAND_IN}"
    )


class YouTubeError(VideoAnalysisError):
    code = "youtube"


class YouTubeBlocked(YouTubeError):
    code = "youtube_blocked"
    sentence = (
        "YouTube is refusing requests from this server's address. Try again in some hours, "
        f"or ask the admin to set YOUTUBE_PROXY. {HAND_IN}"
    )


class YouTubeBusy(YouTubeError):
    code = "youtube_busy"
    retryable = True
    sentence = "YouTube answered with an error of its own. Try again in a minute."


class YouTubeUnreachable(YouTubeError):
    code = "youtube_unreachable"
    retryable = True
    sentence = "YouTube could not be reached. Check the server’s network and try again in a minute."


class YouTubeChanged(YouTubeError):
    """An answer in a shape that nobody here knows: empty, HTML for captions, odd JSON."""

    code = "youtube_changed"
    retryable = True

    def __init__(self, what: str) -> None:
        super().__init__(f"YouTube sent {what} that could not be read. Try again later. {HAND_IN}")


class ModelError(VideoAnalysisError):
    """The message is the first sentence of what a reader is told; what was done instead follows."""

    code = "model"


class ModelUnreachable(ModelError):
    code = "model_unreachable"
    retryable = True
    sentence = "The language model cannot be reached."


class ModelBusy(ModelError):
    """Too many requests, or an error of the server's own."""

    code = "model_busy"
    retryable = True
    sentence = "The language model is overloaded."


class ModelSilent(ModelError):
    """No first token within OPENAI_FIRST_TOKEN_TIMEOUT, then nothing for OPENAI_IDLE_TIMEOUT, or
    no end within OPENAI_TOTAL_TIMEOUT."""

    code = "model_silent"
    retryable = True
    sentence = "The language model takes too long to answer."


class ModelBroke(ModelError):
    """An answer that is none, or only a part of one: `what` says which."""

    code = "model_broke"
    retryable = True

    def __init__(self, what: str) -> None:
        super().__init__(f"The language model’s answer broke off or made no sense ({what}).")


class ModelOutOfQuota(ModelError):
    code = "model_quota"
    sentence = "The language model’s quota is used up; the admin can raise it with its provider."


class ModelMisconfigured(ModelError):
    code = "model_misconfigured"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The language model refuses our requests ({what}); the admin can check "
            "OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL."
        )


class ModelDeclined(ModelError):
    code = "model_declined"
    sentence = "The language model declined to answer this."


class WindowTooSmall(ModelError):
    """A prompt that the model cannot take in. `limit` is its window, 0 where nobody knows."""

    code = "window_too_small"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        told = f", which takes {limit:,} tokens at once, the answer included" if limit else ""
        super().__init__(
            f"This is too long for the language model{told}; the admin can give its server a "
            "larger context."
        )
