"""Spares an upstream that is down, and everybody who would wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from .errors import ModelDeclined, ModelError, TalkTooLong, VideoAnalysisError
from .logging import get_logger

_log = get_logger(__name__)
# Said of one request, not of the model's server.
_OF_A_REQUEST = (ModelDeclined, TalkTooLong)


class CircuitBreaker:
    """After `most` failures of one kind in a row, whoever asks gets the last one at once.

    That lasts for `rest` seconds. Then one may try: what it meets ends the outage, or begins
    another rest. Failures of requests that were under way together count once. `kinds` are the
    failures that tell of an outage; any other answer tells that the upstream is there.
    `on_refusal` is called for each who is spared the wait.
    """

    def __init__(
        self,
        kinds: tuple[type[VideoAnalysisError], ...],
        *,
        others: tuple[type[VideoAnalysisError], ...] = (),
        most: int = 5,
        rest: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        on_refusal: Callable[[], object] = lambda: None,
    ) -> None:
        self._kinds = kinds
        self._others = others
        self._most = most
        self._rest = rest
        self._clock = clock
        self._failure: VideoAnalysisError | None = None
        self._in_a_row = 0
        self._counted = 0
        self._until = 0.0
        self._trying = False
        self._on_refusal = on_refusal

    @property
    def is_open(self) -> bool:
        return self._in_a_row >= self._most

    def close(self) -> None:
        """The upstream was seen to be there."""
        self._failure, self._in_a_row = None, 0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one request with all its retries. Raises the last failure during an outage."""
        trying, counted = self._enter(), self._counted
        try:
            yield
        except VideoAnalysisError as error:
            self._judge(error, counted)
            raise
        else:
            self.close()
        finally:
            if trying:
                self._trying = False

    def _enter(self) -> bool:
        """Whether this is the one that tries during an outage."""
        if not self.is_open or self._failure is None:
            return False
        remaining = self._until - self._clock()
        if self._trying or remaining > 0:
            self._on_refusal()
            refusal = self._failure.anew()
            refusal.retry_after = max(1.0, remaining)
            raise refusal
        self._trying = True
        return True

    def _judge(self, error: VideoAnalysisError, counted: int) -> None:
        """`counted` is how many failures had been counted when the request began."""
        if not isinstance(error, self._kinds):
            if not isinstance(error, self._others):
                self.close()
            return
        same = self._failure is not None and self._failure.code == error.code
        if counted == self._counted or not same:
            self._in_a_row = self._in_a_row + 1 if same else 1
            self._counted += 1
        self._failure = error
        self._until = self._clock() + self._rest


class ServerHealth:
    """The circuit breakers of a model's server, each for failures of its own kinds. Tells how often
    a request is worth trying, and logs an outage once, as `event`, however many requests it
    fails."""

    def __init__(self, event: str, *breakers: CircuitBreaker) -> None:
        self._event = event
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
            log = _log.info if known else _log.warning
            log(self._event, error=error.code, reason=error.message)
            self._failure = error
            raise
        self._failure = None
