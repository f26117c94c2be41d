"""`get_performance_stats`: the metrics of several factories, added up."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .config import Settings
from .metrics import Metrics
from .repositories.youtube import RateWindow
from .service_factory import ServiceFactory

_MB = 2**20
Samples = Counter[tuple[str, str]]


class _Sequential:
    """What the factories have in common that `run_analysis` makes, one for each run."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Runs that ended count no more."""
        self._metrics = Metrics()
        # By RATE_PER_MINUTE, which may change between two runs.
        self._windows: dict[int, RateWindow] = {}

    def factory(self, settings: Settings | None) -> ServiceFactory:
        settings = settings or Settings.from_env()
        most = settings.rate_per_minute
        window = self._windows.setdefault(most, RateWindow(most))
        return ServiceFactory(settings, reuse=False, metrics=self._metrics, window=window)

    def samples(self) -> dict[tuple[str, str], float]:
        """What was counted: the state of a factory is over with its run."""
        return {
            (name, label): value
            for (name, label), value in self._metrics.samples().items()
            if name.endswith("_total") or name == "requests_recent"
        }


sequential = _Sequential()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=sequential.forget)


def performance_stats(factories: Sequence[ServiceFactory]) -> dict[str, Any]:
    """Over these factories and all runs of `run_analysis`; zeros where there is none."""
    total = Samples(sequential.samples())
    for factory in factories:
        total.update(factory.metrics.samples())
    clients = [
        model
        for (name, model), number in total.items()
        if name == "model_clients"
        for _ in range(int(number))
    ]
    return {
        "cache_stats": _cache(total),
        "connection_stats": _connections(total),
        "llm_stats": _model(total),
        "llm_cache_info": {"cached_instances": len(clients), "cache_keys": clients},
        "background_tasks": _whole(total, "runs") + _whole(total, "cache_refreshing"),
    }


def _cache(total: Samples) -> dict[str, Any]:
    hits, misses = _whole(total, "cache_hits_total"), _whole(total, "cache_misses_total")
    entries, size = _whole(total, "cache_entries"), total["cache_bytes", ""]
    limit = total["cache_limit_bytes", ""]
    return {
        "memory_entries": entries,
        "memory_size_mb": size / _MB,
        "memory_limit_mb": limit / _MB,
        "memory_utilization": size / limit if limit else 0.0,
        "total_accesses": hits + misses,
        "hits": hits,
        "misses": misses,
        "hit_rate": hits / (hits + misses) if hits + misses else 0.0,
        "evictions": _whole(total, "cache_evictions_total"),
        "refreshes": _whole(total, "cache_refreshes_total"),
        "background_tasks": _whole(total, "cache_refreshing"),
        "avg_entry_size_kb": size / 1024 / entries if entries else 0.0,
    }


def _connections(total: Samples) -> dict[str, Any]:
    return {
        "total_connections": _whole(total, "connections"),
        "max_connections": _whole(total, "connections_limit"),
        "session_closed": not total["http_sessions", ""],
        "recent_requests": _whole(total, "requests_recent"),
        "created": _whole(total, "connections_created_total"),
        "reused": _whole(total, "connections_reused_total"),
        "queued": _whole(total, "requests_queued_total"),
    }


def _model(total: Samples) -> dict[str, Any]:
    return {
        "requests": _whole(total, "model_requests_total"),
        "prompt": _whole(total, "model_tokens_total", "prompt"),
        "completion": _whole(total, "model_tokens_total", "completion"),
        "cached": _whole(total, "model_tokens_total", "cached"),
        "cost": float(total["model_cost_total", ""]),
    }


def _whole(total: Samples, name: str, label: str = "") -> int:
    return int(total[name, label])
