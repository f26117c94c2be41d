"""What the refusals and failures of a server mean, as errors of ours, and when it is worth trying
again."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import tenacity

from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    WindowTooSmall,
)

if TYPE_CHECKING:
    import openai

# Characters in which a refusal says what it is about; behind them some echo the request.
_LONGEST_REFUSAL = 2_000
_QUOTA = re.compile(
    r"insufficient[_ ](?:quota|balance|credits)|billing_hard_limit|credit balance is too low"
)
_DECLINED = re.compile(r"content[_ ](?:filter|policy|management)|data_inspection|moderation")
# A prompt that is too long is refused in a few dozen wordings: each names a size, and that it is
# exceeded. A limit by the minute passes, unless one request is beyond it.
_SIZE = re.compile(
    r"token|context[_ ](?:length|size|window|limit)|prompt|input|length|too large|too_large"
)
_EXCESS = re.compile(
    r"too[_ ](?:long|large|many)|exceed|overflow|(?:long|larg|great|bigg)er than|maximum|\blimit"
    r"|max[_ ](?:model[_ ])?(?:len|context)|must (?:be <|have (?:less|fewer))|range of|超长"
)
_BY_TIME = re.compile(r"rate[_ ]limit|per[_ ]min|\btpm\b")
_TOO_LARGE = re.compile(r"request (?:is )?too large")
# No server that names its window has a smaller one: what is less numbers an error.
_SMALLEST_NAMED = 2_048
_NUMBER = re.compile(r"(?<![\w.-])\d{1,3}(?:,\d{3})+(?!\w)|(?<![\w.-])\d{4,8}(?!\w|\.\d)")
# What a stranger's bytes can raise on the way through the client: broken JSON and letters
# (ValueError), JSON too deep (RecursionError), an end where none was expected (RuntimeError).
_READING = (OSError, RuntimeError, ValueError)
# The client's own errors, and those of the libraries below it that it passes on as they are. They
# are known by their home, since aiohttp is spoken in http alone.
_LIBRARIES = frozenset({"aiohttp", "httpx2", "openai"})
_DAY = 86_400.0
_FIRST_WAIT, _LONGEST_WAIT = 0.4, 20.0


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
        wait = _retry_after(error.response.headers, now())
        return meaning(said_by(error), error.status_code, wait)
    if isinstance(error, TimeoutError):
        return ModelSilent()
    if isinstance(error, RecursionError | ValueError):
        return ModelBroke(what="no completion")
    if begun:
        return ModelBroke(what="the connection broke")
    # The client's own errors left are about connecting: its only time-out is, too.
    lost = of_client or isinstance(error, OSError | RuntimeError)
    return ModelUnreachable() if lost else ModelBroke(what="no completion")


def said_by(error: openai.APIStatusError) -> str:
    """A refusal's words, in small letters."""
    return f"{error.code or ''} {error.message} {error.response.text}"[:_LONGEST_REFUSAL].casefold()


def meaning(said: str, status: int = 0, retry_after: float | None = None) -> ModelError:
    """The error that a refusal is, by its words and its status; 0 where it came without one, in
    the place of an answer."""
    said = said[:_LONGEST_REFUSAL].casefold()
    if _QUOTA.search(said) or status == 402:
        return ModelOutOfQuota()
    if _says_too_long(said, status):
        numbers = (int(number.replace(",", "")) for number in _NUMBER.findall(said))
        return WindowTooSmall(min((n for n in numbers if n >= _SMALLEST_NAMED), default=0))
    if _DECLINED.search(said) and status in {0, 400, 403, 422}:
        return ModelDeclined()
    if status in {408, 409, 425, 429} or status >= 500:
        return ModelBusy(retry_after=retry_after)
    if status:
        return ModelMisconfigured(what=f"status {status}")
    return ModelBroke(what="an error in the middle")


def _says_too_long(said: str, status: int) -> bool:
    if status in {401, 403, 404} or not (_SIZE.search(said) and _EXCESS.search(said)):
        return status == 413
    return bool(_TOO_LARGE.search(said)) or not (status == 429 or _BY_TIME.search(said))


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


def retrying(
    tries: int,
    remaining: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    rng: Callable[[], float],
) -> tenacity.AsyncRetrying:
    """What may pass is tried again, as long as there are seconds remaining."""

    def wait(state: tenacity.RetryCallState) -> float:
        """Seconds that double, but as many as the server asks for."""
        error = state.outcome and state.outcome.exception()
        wanted = error.retry_after if isinstance(error, ModelError) else None
        backoff = _FIRST_WAIT * 2.0 ** (state.attempt_number - 1) * (0.75 + 0.5 * rng())
        return max(backoff, wanted or 0.0)

    def is_hopeless(state: tenacity.RetryCallState) -> bool:
        longest = min(_LONGEST_WAIT, remaining())
        return state.attempt_number >= tries or state.upcoming_sleep > longest

    return tenacity.AsyncRetrying(
        sleep=sleep,
        retry=tenacity.retry_if_exception(_may_pass),
        wait=wait,
        stop=is_hopeless,
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    """A silent server stays so: it has been waited for already."""
    return isinstance(error, ModelError) and error.retryable and not isinstance(error, ModelSilent)
