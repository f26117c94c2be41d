"""What an adapter is given, what it is, and what its platform is found to lack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from youtube_analysis.service_factory import ServiceFactory

from .assistant import Assistant
from .config import BotSettings
from .store import Store
from .web import WebServer


@dataclass(frozen=True, slots=True)
class House:
    """Opened before the adapters, closed after them."""

    settings: BotSettings
    factory: ServiceFactory
    store: Store
    assistant: Assistant
    server: WebServer


@dataclass(frozen=True, slots=True)
class Mounted:
    """An adapter whose routes are served. `connect` opens its connections and takes up what is
    unfinished before it hears anything new; it raises VideoAnalysisError where it never can.
    `lost` waits for as long as it is connected or may be again, and raises VideoAnalysisError where
    it never will be."""

    platform: str
    connect: Callable[[], Coroutine[Any, Any, None]]
    lost: Callable[[], Awaitable[None]] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Check:
    """`problem` says what is wrong and what to do, None where all is well."""

    name: str
    problem: str | None = None
    detail: str = ""


Adapter = Callable[[House], AbstractAsyncContextManager[Mounted]]
"""Mounts its routes, and hears nothing before it is connected or after its context ended."""
