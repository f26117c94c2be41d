"""What is counted, declared once: /metrics and `get_performance_stats` both read from here."""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "vidthread_"
BUCKETS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0),
)
_MB = 2**20
Samples = dict[tuple[str, str], float]
Total = Tally[tuple[str, str]]
# How often the event loop is asked whether it is late, in seconds.
_LAG_EVERY = 0.1


class Metrics:
    """The metrics of one ServiceFactory, on a registry of their own.

    They may be counted and read from any thread. What is a state rather than a count is a gauge
    that asks its owner when it is read. No label names a tenant, a thread or a video.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._declare_cache()
        self._declare_connections()
        self._declare_model()
        self._declare_upstreams()
        self._stages = self._histogram("stage_seconds", "Time that a stage took", "stage")
        self._loop_lag = self._histogram("loop_lag_seconds", "Lateness of the event loop")
        self.runs = self._gauge("runs", "Reads and sections under way")
        self.tasks = self._gauge("tasks", "Background tasks under way", "task")
        self.task_restarts = self._counter("task_restarts", "Background tasks begun again")

    def _declare_cache(self) -> None:
        self.cache_hits = self._counter("cache_hits", "Values found")
        self.cache_misses = self._counter("cache_misses", "Values not found")
        self.cache_evictions = self._counter("cache_evictions", "Values that made room")
        self.cache_expirations = self._counter("cache_expirations", "Values whose time was over")
        self.cache_refreshes = self._counter("cache_refreshes", "Values made anew before that")
        self.cache_refreshing = self._gauge("cache_refreshing", "Values being made anew")
        self.cache_entries = self._gauge("cache_entries", "Values kept")
        self.cache_bytes = self._gauge("cache_bytes", "Bytes counted")
        self.cache_limit = self._gauge("cache_limit_bytes", "Most bytes")

    def _declare_connections(self) -> None:
        self.sessions = self._gauge("http_sessions", "Sessions with YouTube that are open")
        self.connections = self._gauge("connections", "Connections open")
        self.connections_limit = self._gauge("connections_limit", "Most connections")
        self.connections_created = self._counter("connections_created", "Connections made")
        self.connections_reused = self._counter("connections_reused", "Connections used again")
        self.requests = self._counter("requests", "Requests to YouTube")
        self.requests_queued = self._counter("requests_queued", "Requests that had to wait")
        self.requests_recent = self._gauge("requests_recent", "Requests of the last minute")
        self.limiter_wait = self._histogram("limiter_wait_seconds", "Waits for the limiter")
        self.answer_time = self._histogram("answer_seconds", "Time to the whole answer of YouTube")

    def _declare_model(self) -> None:
        self.model_requests = self._counter("model_requests", "Requests to the language model")
        self.model_failures = self._counter("model_failures", "Answers that failed")
        self.model_tokens = self._counter(
            "model_tokens", "Tokens as the model counts them", "kind", "model"
        )
        self.model_cost = self._counter("model_cost", "Cost by the prices that are set")
        self.model_clients = self._gauge(
            "model_clients", "Clients of a model that are open", "model"
        )

    def _declare_upstreams(self) -> None:
        name = "upstream"
        self.upstream_served = self._gauge("upstream_served", "Requests being served", name)
        self.upstream_waiting = self._gauge("upstream_waiting", "Requests in the queue", name)
        self.upstream_down = self._gauge("upstream_down", "1 during an outage", name)
        self.upstream_refused = self._counter(
            "upstream_refused", "Requests refused during an outage", name
        )
        self.upstream_wait = self._histogram("upstream_wait_seconds", "Seconds in the queue", name)

    def observe_stage(self, stage: str, seconds: float) -> None:
        self._stages.labels(stage).observe(seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Only what succeeds counts: a failure at once would look like speed."""
        began = time.perf_counter()
        yield
        self.observe_stage(stage, time.perf_counter() - began)

    async def watch_loop(self) -> None:
        """Measures how late the running loop runs what is due; without an end."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY
            await asyncio.sleep(_LAG_EVERY)
            self._loop_lag.observe(max(0.0, loop.time() - due))

    def value(self, name: str, label: str = "") -> float:
        """One sample by its name without the prefix and the value of its label; 0 where there is
        none."""
        return self.samples().get((name, label), 0.0)

    def samples(self) -> Samples:
        """Every sample but those of buckets, by its name without the prefix and the value of its
        first label; where it has more, their sum."""
        found = defaultdict[tuple[str, str], float](float)
        for family in self.registry.collect():
            for sample in family.samples:
                if "le" not in sample.labels:
                    label = next(iter(sample.labels.values()), "")
                    found[sample.name.removeprefix(PREFIX), label] += sample.value
        return found

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(PREFIX + name, meaning, labels, registry=self.registry, buckets=BUCKETS)


def performance_stats(every: Iterable[Samples]) -> dict[str, Any]:
    """What `get_performance_stats` tells of several factories, added up."""
    total = Total()
    for samples in every:
        total.update(samples)
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


def _cache(total: Total) -> dict[str, Any]:
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


def _connections(total: Total) -> dict[str, Any]:
    return {
        "total_connections": _whole(total, "connections"),
        "max_connections": _whole(total, "connections_limit"),
        "session_closed": not total["http_sessions", ""],
        "recent_requests": _whole(total, "requests_recent"),
        "created": _whole(total, "connections_created_total"),
        "reused": _whole(total, "connections_reused_total"),
        "queued": _whole(total, "requests_queued_total"),
    }


def _model(total: Total) -> dict[str, Any]:
    return {
        "requests": _whole(total, "model_requests_total"),
        "prompt": _whole(total, "model_tokens_total", "prompt"),
        "completion": _whole(total, "model_tokens_total", "completion"),
        "cached": _whole(total, "model_tokens_total", "cached"),
        "cost": float(total["model_cost_total", ""]),
    }


def _whole(total: Total, name: str, label: str = "") -> int:
    return int(total[name, label])
