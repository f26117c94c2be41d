"""What the house counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST as MEDIA_TYPE

from youtube_analysis.monitoring import BOUNDS, Histogram
from youtube_analysis.performance_stats import Figures

__all__ = ["MEDIA_TYPE", "exposition", "families"]


class Collects(Protocol):
    def collect(self) -> Iterator[Metric]: ...


def exposition(collector: Collects) -> bytes:
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def families(figures: Figures, turns: int) -> Iterator[Metric]:
    """No label names a tenant, a thread or a video."""
    yield from _cache(figures)
    yield from _http(figures)
    yield from _model(figures)
    yield from _upstreams(figures)
    yield _histogram("stage_seconds", "Time that a stage took", "stage", figures.stages)
    yield _histogram("loop_lag_seconds", "Lateness of the event loop", "", {"": figures.lag})
    yield _gauge("turns", "Events that are being answered", turns)
    yield _gauge("runs", "Reads and sections under way", figures.runs)
    yield _labelled("tasks", "Background tasks under way", "task", figures.tasks)
    yield _counter("task_restarts", "Background tasks begun again", figures.restarts)


def _cache(figures: Figures) -> Iterator[Metric]:
    cache = figures.cache
    yield _counter("cache_hits", "Values found", cache.hits)
    yield _counter("cache_misses", "Values not found", cache.misses)
    yield _counter("cache_evictions", "Values that made room", cache.evictions)
    yield _counter("cache_expirations", "Values whose time was over", cache.expirations)
    yield _counter("cache_refreshes", "Values made anew before that", cache.refreshes)
    yield _gauge("cache_entries", "Values kept", cache.entries)
    yield _gauge("cache_bytes", "Bytes counted", cache.size)
    yield _gauge("cache_limit_bytes", "Most bytes", cache.limit)


def _http(figures: Figures) -> Iterator[Metric]:
    connections, requests = figures.connections, figures.requests
    yield _gauge("connections", "Connections open", connections.total_connections)
    yield _counter("connections_created", "Connections made", connections.created)
    yield _counter("connections_reused", "Connections used again", connections.reused)
    yield _counter("requests", "Requests to YouTube", requests.requests)
    yield _counter("requests_queued", "Requests that had to wait", requests.queued)
    waits, answers = {"": requests.waits}, {"": requests.answers}
    yield _histogram("limiter_wait_seconds", "Waits for the limiter", "", waits)
    yield _histogram("answer_seconds", "Time to the whole answer of YouTube", "", answers)


def _model(figures: Figures) -> Iterator[Metric]:
    model = figures.model
    yield _counter("model_requests", "Requests to the language model", model.requests)
    yield _counter("model_failures", "Answers that failed", model.failures)
    tokens = {"prompt": model.prompt, "completion": model.completion, "cached": model.cached}
    yield _labelled_counter("model_tokens", "Tokens as the model counts them", "kind", tokens)
    yield _counter("model_cost", "Cost by the prices that are set", model.cost)


def _upstreams(figures: Figures) -> Iterator[Metric]:
    every = {one.name: one for one in figures.upstreams}
    served = {name: one.served for name, one in every.items()}
    waiting = {name: one.waiting for name, one in every.items()}
    down = {name: int(one.is_down) for name, one in every.items()}
    refused = {name: one.refused for name, one in every.items()}
    waits = {name: one.waits for name, one in every.items()}
    yield _labelled("upstream_served", "Who is served", "upstream", served)
    yield _labelled("upstream_waiting", "Who waits in the line", "upstream", waiting)
    yield _labelled("upstream_down", "1 during an outage", "upstream", down)
    yield _labelled_counter("upstream_refused", "Who was spared the wait", "upstream", refused)
    yield _histogram("upstream_wait_seconds", "Waits in the line", "upstream", waits)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"vidthread_{name}", meaning, value=value)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"vidthread_{name}", meaning, value=value)


def _labelled(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"vidthread_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _labelled_counter(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"vidthread_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _histogram(name: str, meaning: str, label: str, values: Mapping[str, Histogram]) -> Metric:
    family = HistogramMetricFamily(f"vidthread_{name}", meaning, labels=[label] if label else [])
    for key, histogram in values.items():
        bounds = [*map(str, BOUNDS), "+Inf"]
        buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
        family.add_metric([key] if label else [], buckets, histogram.seconds)
    return family
