"""What went wrong on the way to a model, said in errors of ours. The only translation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import openai

from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)

# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are told by their home, since aiohttp is spoken in http alone.
_LIBRARIES = frozenset({"aiohttp", "httpx2", "openai"})

_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
_TOO_LONG = (
    "context_length_exceeded",
    "context length",
    "context size",
    "context window",
    "too many tokens",
)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Translation:
    """`tokens`, `limit`: told where the talk is too long; `now`: the wall clock."""

    tokens: int = 0
    limit: int = 0
    now: Callable[[], float] = time.time

    @contextmanager
    def of(self, *, begun: bool) -> Iterator[None]:
        """Put it around what the client does, and nothing else: it comes out as a ModelError.

        `begun`: whether an answer had begun to come.
        """
        try:
            yield
        except Exception as error:
            if not (isinstance(error, _READING) or _is_library(error)):
                raise
            raise self._translated(error, begun=begun) from error

    def _translated(self, error: Exception, *, begun: bool) -> ModelError:
        match error:
            case openai.APIStatusError():
                return self._refused(error)
            case RecursionError():
                return ModelBroke("no completion")
            case openai.APIConnectionError() | RuntimeError() if begun:
                return ModelBroke("the connection broke")
            case openai.APIConnectionError() | RuntimeError():
                # No time-out of the client's is set for answers: this one was about connecting.
                return ModelUnreachable()
            case openai.APIError():
                return ModelBroke("an error in the middle")
            case TimeoutError():
                return ModelSilent()
            case OSError():
                return ModelUnreachable()
        return ModelBroke("no completion")

    def _refused(self, error: openai.APIStatusError) -> ModelError:
        told = _told(error)
        if any(name in told for name in _QUOTA) or error.status_code == 402:
            return ModelOutOfQuota()
        if any(words in told for words in _TOO_LONG):
            return TalkTooLong(self.tokens, self.limit)
        if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
            return ModelBusy(self._retry_after(error))
        return ModelMisconfigured(f"status {error.status_code}")

    def _retry_after(self, error: openai.APIStatusError) -> float | None:
        headers = error.response.headers
        for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
            if (seconds := self._seconds(headers.get(name, ""))) is not None:
                return min(max(0.0, seconds / unit), _DAY)
        return None

    def _seconds(self, told: str) -> float | None:
        """A number, or a date; None where it is neither: then our own pace must do."""
        try:
            number = float(told)
        except ValueError:
            return self._until(told)
        return number if math.isfinite(number) else None

    def _until(self, told: str) -> float | None:
        try:
            date = parsedate_to_datetime(told)
        except (ValueError, OverflowError):
            return None
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - self.now()


def names_its_cause(error: openai.APIStatusError) -> bool:
    """Whether the server refused for a reason that has nothing to do with options."""
    told = _told(error)
    return any(words in told for words in (*_QUOTA, *_TOO_LONG))


def _told(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _is_library(error: Exception) -> bool:
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)
