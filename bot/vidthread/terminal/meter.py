"""What a model took, in a line."""

from __future__ import annotations

import time
from collections.abc import Callable

from youtube_analysis.metrics import Metrics

_REQUESTS, _TOKENS, _COST = "model_requests_total", "model_tokens_total", "model_cost_total"


class Meter:
    """Counts from now on."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._metrics = metrics
        self._clock = clock
        self._before = metrics.samples()
        self._began = clock()

    def line(self) -> str:
        """Empty where no model was asked; with the cost where prices are set."""
        if not self._since(_REQUESTS):
            return ""
        read, cached, written = (
            f"{self._since(_TOKENS, kind):,.0f}" for kind in ("prompt", "cached", "completion")
        )
        line = f"{read} tokens read ({cached} cached), {written} written"
        line += f" · {self._clock() - self._began:.1f} s"
        cost = self._since(_COST)
        return f"{line} · cost {cost:.4f} at the prices set" if cost else line

    def _since(self, name: str, label: str = "") -> float:
        return self._metrics.value(name, label) - self._before.get((name, label), 0.0)
