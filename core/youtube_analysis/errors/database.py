"""What is remembered cannot be read or kept."""

from __future__ import annotations

from .base import VideoAnalysisError


class DatabaseError(VideoAnalysisError):
    """`what` is wrong with the database, in words of ours: a driver's may hold what people said.

    Whether it is `retryable` depends on that.
    """

    code = "database"

    def __init__(self, what: str, *, retryable: bool = False) -> None:
        mend = (
            "Try again in a minute; if it stays so, the admin can check DATABASE_URL."
            if retryable
            else "The admin can check DATABASE_URL."
        )
        super().__init__(f"The database {what}. {mend}")
        self.retryable = retryable
