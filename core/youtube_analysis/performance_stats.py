"""The figures of `get_performance_stats`, each a counter of something that happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .http import ConnectionStats
from .monitoring import ModelCounters
from .repositories.cache import CacheStats
from .service_factory import ServiceFactory

_MB = 2**20


def sum_stats(factories: Sequence[ServiceFactory]) -> dict[str, Any]:
    """Over all factories; zeros where there is none."""
    names = [name for factory in factories for name in factory.model_clients()]
    runs = sum(factory.runs_under_way() for factory in factories)
    caches = [factory.get_cache_repository().stats() for factory in factories]
    return {
        "cache_stats": _cache(caches),
        "connection_stats": _connections([factory.connection_stats() for factory in factories]),
        "llm_stats": _model([factory.model_counters() for factory in factories]),
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
