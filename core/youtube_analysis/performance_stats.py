"""Figures for `get_performance_stats` and metrics, each a counter of something that happened."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .http import ConnectionStats, HttpSession
from .monitoring import ConnectionCounters, Histogram, ModelCounters, Timings, UpstreamFigures
from .repositories.cache import CacheStats
from .service_factory import ServiceFactory

_MB = 2**20
_NO_CONNECTIONS = ConnectionStats(0, 0, True, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one factory counts, as it is now; what is counted goes on changing.

    `tasks` are those of the background, by name; `runs` the reads and sections under way.
    """

    cache: CacheStats
    connections: ConnectionStats
    requests: ConnectionCounters
    model: ModelCounters
    upstreams: tuple[UpstreamFigures, ...]
    stages: Timings
    lag: Histogram
    tasks: dict[str, int]
    restarts: int
    runs: int


def figures_of(factory: ServiceFactory) -> Figures:
    http = factory.get_http_session()
    return Figures(
        cache=factory.get_cache_repository().stats(),
        connections=http.stats(),
        requests=http.counters,
        model=factory.model_counters(),
        upstreams=factory.upstreams(),
        stages=factory.timings,
        lag=factory.lag.observed,
        tasks=factory.supervisor.running(),
        restarts=factory.supervisor.restarts,
        runs=factory.runs_under_way(),
    )


class _Sequential:
    """Runs with a factory of their own: it ends with the run, what it counted stays."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """In a forked child, where no run is under way."""
        self._lock = threading.Lock()
        self._under_way: list[ServiceFactory] = []
        # Of runs that ended: sessions while their requests are recent, then the sum of the rest.
        self._sessions: list[HttpSession] = []
        self._connections = _NO_CONNECTIONS
        self._model = ModelCounters()

    def forget(self) -> None:
        """Runs that ended count no more."""
        with self._lock:
            self._sessions = []
            self._connections = _NO_CONNECTIONS
            self._model = ModelCounters()

    @contextmanager
    def counted(self, factory: ServiceFactory) -> Iterator[None]:
        with self._lock:
            self._under_way.append(factory)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.remove(factory)
                self._sessions.append(factory.get_http_session())
                self._model += factory.model_counters()

    def told(self) -> tuple[list[ServiceFactory], list[ConnectionStats], ModelCounters]:
        """Factories of runs under way, and what those counted that ended."""
        with self._lock:
            self._settle()
            lately = [replace(one.stats(), max_connections=0) for one in self._sessions]
            return self._under_way.copy(), [self._connections, *lately], self._model

    def _settle(self) -> None:
        for session in self._sessions.copy():
            stats, total = session.stats(), self._connections
            if stats.session_closed and not stats.recent_requests:
                self._sessions.remove(session)
                self._connections = replace(
                    total,
                    created=total.created + stats.created,
                    reused=total.reused + stats.reused,
                    queued=total.queued + stats.queued,
                )


_sequential = _Sequential()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_sequential.begin_anew)
counted = _sequential.counted
forget_sequential = _sequential.forget


def sum_stats(factories: Sequence[ServiceFactory]) -> dict[str, Any]:
    """Over these factories and all sequential runs; zeros where there is none."""
    sequential, connections, model = _sequential.told()
    every = [*factories, *sequential]
    names = [name for factory in every for name in factory.model_clients()]
    runs = sum(factory.runs_under_way() for factory in every)
    caches = [factory.get_cache_repository().stats() for factory in every]
    connections += [factory.get_http_session().stats() for factory in every]
    return {
        "cache_stats": _cache(caches),
        "connection_stats": _connections(connections),
        "llm_stats": _model([model, *(factory.model_counters() for factory in every)]),
        "llm_cache_info": {"cached_instances": len(names), "cache_keys": names},
        "background_tasks": runs + sum(cache.refreshing for cache in caches),
    }


def _cache(stats: Sequence[CacheStats]) -> dict[str, Any]:
    hits, misses = _sum(s.hits for s in stats), _sum(s.misses for s in stats)
    entries, size = _sum(s.entries for s in stats), _sum(s.size for s in stats)
    limit = _sum(s.limit for s in stats)
    return {
        "memory_entries": entries,
        "memory_size_mb": size / _MB,
        "memory_limit_mb": limit / _MB,
        "memory_utilization": size / limit if limit else 0.0,
        "total_accesses": hits + misses,
        "hits": hits,
        "misses": misses,
        "hit_rate": hits / (hits + misses) if hits + misses else 0.0,
        "evictions": _sum(s.evictions for s in stats),
        "refreshes": _sum(s.refreshes for s in stats),
        "background_tasks": _sum(s.refreshing for s in stats),
        "avg_entry_size_kb": size / 1024 / entries if entries else 0.0,
    }


def _connections(stats: Sequence[ConnectionStats]) -> dict[str, Any]:
    return {
        "total_connections": _sum(s.total_connections for s in stats),
        "max_connections": _sum(s.max_connections for s in stats),
        "session_closed": all(s.session_closed for s in stats),
        "recent_requests": _sum(s.recent_requests for s in stats),
        "created": _sum(s.created for s in stats),
        "reused": _sum(s.reused for s in stats),
        "queued": _sum(s.queued for s in stats),
    }


def _model(counters: Sequence[ModelCounters]) -> dict[str, Any]:
    return {
        "requests": _sum(c.requests for c in counters),
        "prompt": _sum(c.prompt for c in counters),
        "completion": _sum(c.completion for c in counters),
        "cached": _sum(c.cached for c in counters),
        "cost": sum(c.cost for c in counters),
    }


def _sum(counts: Iterable[int]) -> int:
    return sum(counts)
