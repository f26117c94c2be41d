"""What a model took, in a line."""

from __future__ import annotations

import time
from collections.abc import Callable

from vidthread.sentences import say
from youtube_analysis.metrics import Metrics

_REQUESTS, _TOKENS, _COST = "model_requests_total", "model_tokens_total", "model_cost_total"


class Meter:
    """Measures from its creation on."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._metrics = metrics
        self._clock = clock
        self._before = metrics.samples()
        self._began = clock()

    def line(self) -> str:
        """Empty where no model was asked; with the cost where prices are set."""
        if not self._since(_REQUESTS):
            return ""
        line = say(
            "terminal.tokens",
            read=round(self._since(_TOKENS, "prompt")),
            cached=round(self._since(_TOKENS, "cached")),
            written=round(self._since(_TOKENS, "completion")),
            seconds=round(self._clock() - self._began, 1),
        )
        cost = self._since(_COST)
        return f"{line} · {say('terminal.cost', cost=f'{cost:.4f}')}" if cost else line

    def _since(self, name: str, label: str = "") -> float:
        return self._metrics.value(name, label) - self._before.get((name, label), 0.0)
