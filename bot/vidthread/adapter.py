"""What an adapter is given, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from youtube_analysis.service_factory import ServiceFactory

from .assistant import Assistant
from .config import BotSettings
from .metrics import Metrics
from .store import Store
from .surface import Transport
from .web import WebServer


@dataclass(frozen=True, slots=True)
class House:
    """Opened before the adapters, closed after them."""

    settings: BotSettings
    factory: ServiceFactory
    store: Store
    assistant: Assistant
    server: WebServer
    metrics: Metrics


Adapter = Callable[[House], AbstractAsyncContextManager[Transport]]
"""Mounts its routes, opens its connections, and takes up what is unfinished before it hears
anything new; when the context ends, it hears no more."""
