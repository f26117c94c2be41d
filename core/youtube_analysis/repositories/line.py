"""Who writes next where one writes at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from youtube_analysis.concurrency import Lane, complete_future

Result = TypeVar("Result")


class Line:
    """One thread that takes a step after the other, and asks no event loop in between: that of a
    busy process would let the thread wait longer than most steps take.

    Of those who are not to be `first`, one at most stands in line.
    """

    def __init__(self, name: str) -> None:
        self._lane = Lane(name)
        self._guard = threading.Lock()
        self._line: deque[Callable[[], None]] = deque()
        # The foremost of them is the one in line.
        self._patient: deque[Callable[[], None]] = deque()

    def submit(self, step: Callable[[], Result], *, first: bool) -> Future[Result]:
        """What is cancelled before its turn is never begun; what was begun is finished."""
        answer: Future[Result] = Future()
        settling = partial(complete_future, answer, step)
        with self._guard:
            if not first:
                self._patient.append(settling)
            if first or len(self._patient) == 1:
                self._line.append(settling)
        self._lane.submit(self._take)
        return answer

    def close(self) -> None:
        """When nobody stands in line any more."""
        self._lane.close()

    def _take(self) -> None:
        with self._guard:
            step = self._line.popleft()
        step()
        with self._guard:
            if self._patient and self._patient[0] is step:
                self._patient.popleft()
                if self._patient:
                    self._line.append(self._patient[0])
