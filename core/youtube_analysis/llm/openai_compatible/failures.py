"""What went wrong on the way to a model, said in errors of ours. The only translation."""

from __future__ import annotations

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

# The client passes some failures on as they are: broken JSON (a ValueError), a torn connection.
FAILURES = (openai.OpenAIError, ValueError, OSError, TimeoutError)

_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
_TOO_LONG = (
    "context_length_exceeded",
    "maximum context length",
    "context window",
    "too many tokens",
)


def translate(error: Exception, *, begun: bool, tokens: int, limit: int) -> ModelError:
    """`begun`: whether text had come; `tokens`, `limit`: told where the talk is too long."""
    match error:
        case openai.APIStatusError():
            return _refused(error, tokens, limit)
        case openai.APIConnectionError() if begun:
            return ModelBroke("the connection broke")
        case openai.APIConnectionError():
            # No time-out of the client's is set for answers, so this one was about connecting.
            return ModelUnreachable()
        case openai.APIError():
            return ModelBroke("an error in the middle")
        case TimeoutError():
            return ModelSilent()
        case OSError():
            return ModelUnreachable()
    return ModelBroke("no completion")


def names_its_cause(error: openai.APIStatusError) -> bool:
    """Whether the server refused for a reason that has nothing to do with options."""
    told = _told(error)
    return any(words in told for words in (*_QUOTA, *_TOO_LONG))


def _told(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _refused(error: openai.APIStatusError, tokens: int, limit: int) -> ModelError:
    told = _told(error)
    if any(name in told for name in _QUOTA) or error.status_code == 402:
        return ModelOutOfQuota()
    if any(words in told for words in _TOO_LONG):
        return TalkTooLong(tokens, limit)
    if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
        return ModelBusy(_retry_after(error))
    return ModelMisconfigured(f"status {error.status_code}")


def _retry_after(error: openai.APIStatusError) -> float | None:
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue  # absent, or a date: then our own pace must do
    return None
