"""When a request is worth trying again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import tenacity

from youtube_analysis.errors import ModelError, ModelSilent

from .reply import Patience

_FIRST_WAIT, _LONGEST_WAIT = 0.4, 20.0


def retrying(
    tries: int,
    patience: Patience,
    sleep: Callable[[float], Awaitable[None]],
    rng: Callable[[], float],
) -> tenacity.AsyncRetrying:
    """What may pass is tried again as long as there is patience for it."""

    def wait(state: tenacity.RetryCallState) -> float:
        """Seconds that double, but as many as the server asks for."""
        error = state.outcome and state.outcome.exception()
        wanted = error.retry_after if isinstance(error, ModelError) else None
        backoff = _FIRST_WAIT * 2.0 ** (state.attempt_number - 1) * (0.75 + 0.5 * rng())
        return max(backoff, wanted or 0.0)

    def is_hopeless(state: tenacity.RetryCallState) -> bool:
        longest = min(_LONGEST_WAIT, patience.remaining)
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
