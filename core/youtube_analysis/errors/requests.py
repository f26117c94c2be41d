"""What the caller, or the admin, can mend."""

from __future__ import annotations

from .base import VideoAnalysisError


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
            "Hand in subtitles, such as .srt or .vtt, or a transcript as .txt."
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
