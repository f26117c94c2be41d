"""Spares an upstream that is down, and everybody who would wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .errors import VideoAnalysisError


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
            refusal = self._failure.copy()
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
