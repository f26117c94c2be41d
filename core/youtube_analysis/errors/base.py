"""The root of the tree."""

from __future__ import annotations

from typing import Self


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

    def anew(self) -> Self:
        """The same error for one more listener: each raises an instance of its own."""
        made = type(self).__new__(type(self), *self.args)
        made.args = self.args
        made.__dict__.update(self.__dict__)
        made.__cause__ = self
        return made

    @classmethod
    def recalled(cls, code: str, message: str) -> VideoAnalysisError:
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

    def __init__(self) -> None:
        super().__init__("This was interrupted: Vidthread is shutting down. Ask again in a minute.")


class Unexpected(VideoAnalysisError):
    """Stands for a bug, which is in the log and is its cause."""

    code = "unexpected"
    retryable = True

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side, and is in the log. Try again.")
