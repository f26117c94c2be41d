"""What Discord answers instead of doing what was asked, in its own numbers and words."""

from __future__ import annotations

from typing import Any, Self

INVALID_FORM = 50035
REASONS = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached its maximum follow-up messages."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    40058: (400, "Cannot send a message in a forum channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    INVALID_FORM: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
}


class Refused(Exception):
    """`errors` tells of a form which fields are wrong, nested as the form is."""

    def __init__(self, code: int, errors: dict[str, Any] | None = None) -> None:
        self.status, self.reason = REASONS[code]
        self.code = code
        self.errors = errors
        super().__init__(f"{code} {self.reason} {errors or ''}")

    @classmethod
    def form(cls, path: str, code: str, message: str) -> Self:
        """A field that is wrong; `path` is dotted, empty for the form itself."""
        told: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
        for part in reversed(path.split(".") if path else []):
            told = {part: told}
        return cls(INVALID_FORM, told)

    @property
    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"message": self.reason, "code": self.code}
        return {**told, "errors": self.errors} if self.errors else told
