"""What can go wrong, as one tree. Every message is a sentence that a chat user may read.

Right below VideoAnalysisError stand InvalidRequest (the caller can mend it), InvalidSettings (the
admin can), VideoError (this video cannot be read), YouTubeError (YouTube did not answer us),
ModelError (the model did not), DatabaseError, Interrupted (we shut down), Unexpected (our bug).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

HAND_IN = "You can add a captions file instead (.srt, .vtt, .txt …)."
_SEND = "Send a link to one YouTube video, such as https://youtu.be/<id>."


class VideoAnalysisError(Exception):
    """Base of everything this package raises on purpose.

    `code` is stable and meant for machines; `retryable` says whether the same request may succeed
    later without anybody changing anything; `retry_after` is in seconds, None if nobody named them.
    The message is the class's `sentence`, or that of one of its `reasons`, filled with `values`; in
    other languages it is worded by `key`. One of its own stands as it is: its `values` are None.
    """

    code = "error"
    retryable = False
    sentence = ""
    reasons: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self, message: str = "", *, retry_after: float | None = None, reason: str = "",
        **values: str,
    ) -> None:  # fmt: skip
        sentence = self.reasons[reason] if reason else self.sentence
        self.message = message or sentence.format_map(values)
        self.retry_after = retry_after
        self.key = f"{self.code}.{reason}" if reason else self.code
        self.values: Mapping[str, str] | None = None if message else values
        super().__init__(self.message)

    def copy(self) -> Self:
        """The same error for one more listener: each raises an instance of its own."""
        copied = type(self).__new__(type(self), *self.args)
        copied.__dict__.update(self.__dict__)
        copied.__cause__ = self
        return copied

    @classmethod
    def kept(cls, key: str, message: str, values: Mapping[str, str] | None) -> VideoAnalysisError:
        """An error that was kept: again of the class that has its code."""
        code = key.partition(".")[0]
        kinds: list[type[VideoAnalysisError]] = [cls]
        for kind in kinds:
            if kind.code == code:
                made = kind.__new__(kind, message)
                made.message, made.retry_after, made.key, made.values = message, None, key, values
                return made
            kinds += kind.__subclasses__()
        return VideoAnalysisError(message)


class Interrupted(VideoAnalysisError):
    code = "interrupted"
    retryable = True
    sentence = "This was interrupted because Vidthread is shutting down. Ask again in a minute."


class Unexpected(VideoAnalysisError):
    code = "unexpected"
    retryable = True
    sentence = "Something went wrong on our side; the log says what. Try again."


class DatabaseError(VideoAnalysisError):
    """`what` is wrong with the database, in words of ours: a driver's may hold what people said."""

    code = "database"
    sentence = "The database {what}. The admin can check DATABASE_URL."
    reasons: ClassVar[Mapping[str, str]] = {
        "passing": "The database {what}. Try again in a minute; if it keeps happening, the admin "
        "can check DATABASE_URL."
    }

    def __init__(self, what: str, *, retryable: bool = False) -> None:
        super().__init__(reason="passing" if retryable else "", what=what)
        self.retryable = retryable


class InvalidSettings(VideoAnalysisError):
    """Raised once at start; names every wrong key."""

    code = "invalid_settings"
    sentence = "These settings are wrong: {problems}."

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems="; ".join(problems))
        self.problems = problems


class InvalidRequest(VideoAnalysisError):
    code = "invalid_request"


class InvalidLink(InvalidRequest):
    code = "invalid_link"
    reasons: ClassVar[Mapping[str, str]] = {
        "no_link": f"That isn't a link. {_SEND}",
        "elsewhere": f"That isn't a YouTube link. {_SEND}",
        "no_video": f"That link isn't a video. {_SEND}",
    }


class PlaylistLink(InvalidLink):
    code = "playlist_link"
    sentence = f"That link is a playlist, not a video. {_SEND}"


class UnknownAnalysisType(InvalidRequest):
    code = "unknown_analysis_type"
    sentence = "There is no analysis type “{name}”. Choose from: {names}."


class CaptionsFileError(InvalidRequest):
    code = "captions_file"


class CaptionsFileTooLarge(CaptionsFileError):
    code = "captions_file_too_large"
    sentence = "That captions file is larger than {limit}. Send only the captions, not the video."


class UnknownCaptionsFormat(CaptionsFileError):
    code = "captions_file_format"
    sentence = "I can't read that file. Send subtitles (.srt, .vtt …) or a transcript (.txt)."


class UnreadableTimes(CaptionsFileError):
    code = "captions_file_times"
    sentence = "I can't read the times in that captions file, such as “{shown}”."


class EmptyCaptionsFile(CaptionsFileError):
    code = "captions_file_empty"
    sentence = "There's no text in that captions file."


class VideoError(VideoAnalysisError):
    code = "video"


class VideoUnavailable(VideoError):
    code = "video_unavailable"
    sentence = "This video is private or no longer exists. Check the link."


class VideoUnplayable(VideoError):
    """`said` is YouTube's own reason; it is untrusted and short."""

    code = "video_unplayable"
    sentence = f"YouTube won't play this video here. {HAND_IN}"
    reasons: ClassVar[Mapping[str, str]] = {
        "told": f"YouTube won't play this video here (“{{said}}”). {HAND_IN}"
    }


class AgeRestricted(VideoError):
    code = "age_restricted"
    sentence = f"This video is age-restricted: only signed-in viewers get its captions. {HAND_IN}"


class NotYetAired(VideoError):
    code = "not_yet_aired"
    retryable = True
    sentence = "This video hasn't aired yet or is still live. Try again after the broadcast."


class CaptionsDisabled(VideoError):
    code = "captions_disabled"
    sentence = f"This video has no captions, so there is nothing to read. {HAND_IN}"


class NothingSpoken(VideoError):
    code = "nothing_spoken"
    sentence = "Nobody speaks in this video: its captions are only music and other sounds."


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
        "YouTube is refusing requests from this server's address. Try again in a few hours, "
        f"or ask the admin to set YOUTUBE_PROXY. {HAND_IN}"
    )


class YouTubeBusy(YouTubeError):
    code = "youtube_busy"
    retryable = True
    sentence = "YouTube has a problem of its own. Try again in a minute."


class YouTubeUnreachable(YouTubeError):
    code = "youtube_unreachable"
    retryable = True
    sentence = "I can't reach YouTube. Check the server's network and try again in a minute."


class YouTubeChanged(YouTubeError):
    """An answer in a shape that nobody here knows: empty, HTML for captions, odd JSON."""

    code = "youtube_changed"
    retryable = True
    sentence = f"YouTube sent something I can't read ({{what}}). Try again later. {HAND_IN}"


class ModelError(VideoAnalysisError):
    """The message is the first sentence of what a reader is told; what was done instead follows."""

    code = "model"


class ModelUnreachable(ModelError):
    code = "model_unreachable"
    retryable = True
    sentence = "I can't reach the language model."


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
    sentence = "The language model failed ({what})."


class ModelOutOfQuota(ModelError):
    code = "model_quota"
    sentence = "The language model's quota is used up. The admin can raise it with the provider."


class ModelMisconfigured(ModelError):
    code = "model_misconfigured"
    sentence = (
        "The language model refuses my requests ({what}). The admin can check OPENAI_API_KEY, "
        "OPENAI_BASE_URL and OPENAI_MODEL, or MODELS."
    )


class ModelDeclined(ModelError):
    code = "model_declined"
    sentence = "The language model declined to answer this."


class WindowTooSmall(ModelError):
    """A prompt that the model cannot take in. `limit` is its window, 0 where nobody knows."""

    code = "window_too_small"
    sentence = "This is too long for the language model. The admin can enlarge its context."
    reasons: ClassVar[Mapping[str, str]] = {
        "known": "This is too long for the language model, which takes {limit} tokens at once, "
        "including the answer. The admin can enlarge its context."
    }

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(reason="known" if limit else "", limit=f"{limit:,}")
