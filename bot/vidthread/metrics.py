"""/metrics: what the core counts, and the few figures that only the process knows."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import (
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from youtube_analysis.service_factory import ServiceFactory

from .assistant import Assistant

# One more series for each, which no dashboard reads.
disable_created_metrics()  # type: ignore[no-untyped-call]


def metrics_route(factory: ServiceFactory, assistant: Assistant) -> web.RouteDef:
    """To be made once for a factory: it adds to its metrics."""
    registry = factory.metrics.registry
    ProcessCollector(registry=registry)
    turns = Gauge("vidthread_turns", "Events that are being answered", registry=registry)
    turns.set_function(lambda: assistant.turns_under_way)

    async def metrics(_: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(registry), headers=headers)

    return web.get("/metrics", metrics)
