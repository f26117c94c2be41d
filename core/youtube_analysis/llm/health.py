"""What is known of a server from the requests before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from youtube_analysis.errors import (
    ModelDeclined,
    ModelError,
    TalkTooLong,
)
from youtube_analysis.logging import get_logger
from youtube_analysis.upstream import CircuitBreaker

_log = get_logger(__name__)
# Said of one request, not of the server.
_OF_A_REQUEST = (ModelDeclined, TalkTooLong)


class ServerHealth:
    """Circuit breakers, each for failures of its own kinds, that also tell how often a request is
    worth trying, and log an outage once, however many requests it fails."""

    def __init__(self, told: str, *breakers: CircuitBreaker) -> None:
        self._told = told
        self._breakers = breakers
        self._failure: ModelError | None = None  # the one that lasts

    @property
    def is_down(self) -> bool:
        return any(breaker.is_open for breaker in self._breakers)

    @property
    def attempts(self) -> int:
        """One while the last failure may last, else three."""
        return 1 if self._failure and self._failure.retryable else 3

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one request with all its retries. Raises the last failure during an outage."""
        try:
            with ExitStack() as stack:
                for breaker in self._breakers:
                    stack.enter_context(breaker.attempt())
                yield
        except _OF_A_REQUEST:
            raise
        except ModelError as error:
            known = self._failure and self._failure.code == error.code
            (_log.info if known else _log.warning)(
                self._told, error=error.code, reason=error.message
            )
            self._failure = error
            raise
        self._failure = None
