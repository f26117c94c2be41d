"""Refusals and failures of a server: options that it does without, and its errors as ours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    import openai

JsonSchema = dict[str, Any]
# By capability, how a refusal names it.
_NAMES = {
    "stream_options": ("stream_options", "include_usage"),
    "prompt_cache_key": ("prompt_cache_key",),
    "json_schema": ("response_format", "json_schema", "json schema", "structured output"),
    "json_object": ("response_format", "json_object", "json schema", "structured output"),
}
# Statuses by which servers refuse options without a name.
_ABOUT_OPTIONS = frozenset({400, 422, 501})
_LONGEST_REFUSAL = 20_000
# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are known by their home, since aiohttp is spoken in http alone.
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


class CapabilityProbe:
    """The options of one request, sent again with less until the server takes it. Only then is it
    known that what was left out was the reason: it is added to `missing`, which all requests to
    the server share, and the next one begins with as little."""

    def __init__(self, missing: set[str], schema: JsonSchema | None, cache_key: str) -> None:
        self._known = missing
        self._missing = set(missing)
        self._schema = schema
        self._cache_key = cache_key
        self._retried_unchanged = False

    @property
    def options(self) -> dict[str, Any]:
        """The optional part of the request's body."""
        return dict(self._used().values())

    def refused(self, error: openai.APIStatusError) -> bool:
        """Whether to send it again with `options` as they are now.

        What the server names is left out, whatever the status. Where it names nothing, that is
        everything, but not before it refused the same request twice: the first time may have been
        about something else.
        """
        if any(words in _said(error) for words in (*_QUOTA, *_TOO_LONG)):
            return False
        used, said = self._used().keys(), error.response.text[:_LONGEST_REFUSAL].casefold()
        named = {one for one in used if any(name in said for name in _NAMES[one])}
        if not used or not (named or error.status_code in _ABOUT_OPTIONS):
            return False
        if named or self._retried_unchanged:
            self._missing |= named or used
        self._retried_unchanged = self._retried_unchanged or not named
        return True

    def accepted(self) -> None:
        self._known |= self._missing

    def _used(self) -> dict[str, tuple[str, Any]]:
        """By capability, the field and its value. A form is asked for as a schema, then as any
        object, then not at all."""
        fields: dict[str, tuple[str, Any]] = {
            "stream_options": ("stream_options", {"include_usage": True}),
            "prompt_cache_key": ("prompt_cache_key", self._cache_key),
        }
        if self._schema and "json_schema" not in self._missing:
            schema = {"type": "json_schema", "json_schema": self._schema}
            fields["json_schema"] = ("response_format", schema)
        elif self._schema:
            fields["json_object"] = ("response_format", {"type": "json_object"})
        return {one: field for one, field in fields.items() if one not in self._missing}


@contextmanager
def map_openai_errors(now: Callable[[], float], *, begun: bool = False) -> Iterator[None]:
    """Put it around what the client does, and nothing else: it comes out as a ModelError. `begun`:
    whether an answer had begun to come."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        homes = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
        if not (isinstance(error, _READING) or homes & _LIBRARIES):
            raise
        raise _mapped(error, now, begun=begun, of_client="openai" in homes) from error


def _mapped(
    error: Exception, now: Callable[[], float], *, begun: bool, of_client: bool
) -> ModelError:
    import openai  # noqa: PLC0415 - imported with the client

    if isinstance(error, openai.APIStatusError):
        return _refusal(error, now())
    if isinstance(error, TimeoutError):
        return ModelSilent()
    if isinstance(error, RecursionError | ValueError):
        return ModelBroke("no completion")
    if begun:
        return ModelBroke("the connection broke")
    # The client's own errors left are about connecting: its only time-out is, too.
    lost = of_client or isinstance(error, OSError | RuntimeError)
    return ModelUnreachable() if lost else ModelBroke("no completion")


def _refusal(error: openai.APIStatusError, now: float) -> ModelError:
    said = _said(error)
    if any(name in said for name in _QUOTA) or error.status_code == 402:
        return ModelOutOfQuota()
    if any(words in said for words in _TOO_LONG):
        return TalkTooLong(0, 0)  # by a limit that it alone knows
    if error.status_code in {408, 409, 425, 429} or error.status_code >= 500:
        return ModelBusy(retry_after=_retry_after(error.response.headers, now))
    return ModelMisconfigured(f"status {error.status_code}")


def _said(error: openai.APIStatusError) -> str:
    return f"{error.code or ''} {error.message}".casefold()


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds, written as a number or a date; None where it is neither: then our own pace must
    do."""
    written, unit = headers.get("retry-after-ms"), 1000.0
    if written is None:
        written, unit = headers.get("retry-after", ""), 1.0
    try:
        seconds = float(written) / unit
    except ValueError:
        try:
            date = parsedate_to_datetime(written)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), _DAY) if math.isfinite(seconds) else None
