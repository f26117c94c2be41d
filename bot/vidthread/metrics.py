"""The figures of the process: for Prometheus, for the page of live charts, for a line in a chat."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from youtube_analysis.monitoring import BOUNDS, Histogram, UpstreamFigures
from youtube_analysis.performance_stats import figures_of
from youtube_analysis.service_factory import ServiceFactory

from .assistant import Assistant

if TYPE_CHECKING:
    from prometheus_client import Metric

_BEGAN = time.monotonic()
_MB = 2**20
_STATM = Path("/proc/self/statm")


class Metrics:
    """Reads what the house counts whenever it is asked; keeps nothing of its own."""

    def __init__(self, factory: ServiceFactory, assistant: Assistant) -> None:
        self._factory = factory
        self._assistant = assistant

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/metrics", self._metrics)]

    def as_json(self) -> dict[str, Any]:
        """Counters since the start, with which a page makes rates of two looks. Histograms are
        counts below each of `bounds`, and beyond."""
        figures = figures_of(self._factory)
        return {
            "at": time.time(),
            "bounds": BOUNDS,
            "cache": asdict(figures.cache),
            "connections": asdict(figures.connections),
            "limiter": _shown(figures.requests.waits),
            "answers": _shown(figures.requests.answers),
            "model": asdict(figures.model),
            "upstreams": [_upstream(one) for one in figures.upstreams],
            "stages": {stage: _shown(taken) for stage, taken in sorted(figures.stages.items())},
            "lag": _shown(figures.lag),
            "process": self.process(),
            "tasks": figures.tasks,
            "restarts": figures.restarts,
            "runs": figures.runs,
        }

    def process(self) -> dict[str, float]:
        """What an admin wants to know first: seconds since the start, megabytes resident (0 where
        the system does not tell), threads, turns under way, and how full and how useful the
        cache is."""
        cache = self._factory.get_cache_repository().stats()
        asked = cache.hits + cache.misses
        return {
            "uptime": time.monotonic() - _BEGAN,
            "resident_mb": resident_mb(),
            "threads": threading.active_count(),
            "turns": self._assistant.turns_under_way,
            "cache_mb": cache.size / _MB,
            "cache_hit_rate": cache.hits / asked if asked else 0.0,
        }

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client asks a collector."""
        from .prometheus import families  # noqa: PLC0415 - only who is scraped needs its client

        yield from families(figures_of(self._factory), self._assistant.turns_under_way)

    async def _metrics(self, _: web.Request) -> web.Response:
        from .prometheus import MEDIA_TYPE, exposition  # noqa: PLC0415 - as above

        return web.Response(body=exposition(self), headers={"Content-Type": MEDIA_TYPE})


def resident_mb() -> float:
    try:
        pages = int(_STATM.read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


def _shown(histogram: Histogram) -> dict[str, Any]:
    return {"counts": histogram.counts, "seconds": histogram.seconds}


def _upstream(figures: UpstreamFigures) -> Mapping[str, Any]:
    return asdict(figures) | {"waits": _shown(figures.waits)}
