"""Composition root of the core: the one place where services get what they depend on."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

from .config import Settings
from .event_loops import close_with_loop
from .http import ConnectionStats, HttpSession
from .llm.checked import CheckedModel
from .llm.extractive import ExtractiveModel
from .llm.fallback import FallbackModel
from .llm.port import LanguageModel
from .monitoring import ModelCounters
from .repositories.cache import CacheRepository
from .repositories.youtube import YouTubeRepository
from .services.analysis import AnalysisService
from .services.chat import ChatService
from .services.content import ContentService
from .services.outline import OutlineService
from .services.transcript import TranscriptService
from .workflow import VideoAnalysisWorkflow

if TYPE_CHECKING:
    from .llm.openai_compatible import OpenAICompatibleModel
    from .repositories.database import Database
    from .repositories.sessions import SessionRepository


class ServiceFactory:
    """Belongs to one event loop. Use it as an async context manager, or `close` it.

    With `reuse=False` every request gets a connection of its own.
    """

    def __init__(self, settings: Settings | None = None, *, reuse: bool = True) -> None:
        self.settings = settings or Settings.from_env()
        self._remote = _remote_model(self.settings, reuse=reuse)
        offline = ExtractiveModel()
        self._model = FallbackModel(self._remote, offline) if self._remote else offline
        self._http = HttpSession(self.settings, reuse=reuse)
        self._cache = CacheRepository(self.settings)
        self._youtube = YouTubeRepository(self._http, self.settings)
        self._transcripts = TranscriptService(self._youtube, self._cache)
        checked = CheckedModel(self._model)
        self._analyses = AnalysisService(checked, self._cache)
        self._chat = ChatService(checked)
        self._content = ContentService()
        self._outline = OutlineService()
        self._database: Database | None = None
        self._workflow = VideoAnalysisWorkflow(
            self._transcripts, self._analyses, translates=self._model.translates
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """In reverse order of need; may be called twice."""
        await self._workflow.close()
        await self._youtube.close()
        await self._cache.close()
        await self._http.close()
        await self._model.close()
        if self._database:
            await self._database.close()

    def get_video_analysis_workflow(self) -> VideoAnalysisWorkflow:
        return self._workflow

    def get_transcript_service(self) -> TranscriptService:
        return self._transcripts

    def get_analysis_service(self) -> AnalysisService:
        return self._analyses

    def get_chat_service(self) -> ChatService:
        return self._chat

    def get_content_service(self) -> ContentService:
        return self._content

    def get_outline_service(self) -> OutlineService:
        return self._outline

    def get_cache_repository(self) -> CacheRepository:
        return self._cache

    def get_youtube_repository(self) -> YouTubeRepository:
        return self._youtube

    def get_database(self) -> Database:
        """Opened when first used; the same one as long as this factory lives."""
        if self._database is None:
            # An engine that only those wait for who keep something.
            from .repositories.database import Database  # noqa: PLC0415

            self._database = Database(self.settings.database)
        return self._database

    def get_session_repository(self) -> SessionRepository:
        """Its tables are there once the database was opened with their SCHEMA."""
        from .repositories.sessions import SessionRepository  # noqa: PLC0415

        return SessionRepository(self.get_database())

    def get_language_model(self) -> LanguageModel:
        return self._model

    def connection_stats(self) -> ConnectionStats:
        return self._http.stats()

    def runs_under_way(self) -> int:
        return self._workflow.runs_under_way

    def model_counters(self) -> ModelCounters:
        """Zeros without a model that is asked over the network."""
        return self._remote.counters if self._remote else ModelCounters()

    def model_clients(self) -> tuple[str, ...]:
        """Names of the models whose clients are open."""
        return (self._remote.name,) if self._remote and self._remote.connected else ()


def _remote_model(settings: Settings, *, reuse: bool) -> OpenAICompatibleModel | None:
    if not settings.has_model:
        return None
    # Its client takes half a second to import, which nobody should wait for who works offline.
    from .llm.openai_compatible import OpenAICompatibleModel  # noqa: PLC0415

    return OpenAICompatibleModel(settings, reuse=reuse)


@dataclass(slots=True)
class _Given:
    """A factory that was given out; what closes it with its loop, once it is on one."""

    factory: ServiceFactory
    holder: object = None


class _Factories:
    """One factory a loop. That of code without a loop belongs to the background loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[asyncio.AbstractEventLoop | None, _Given] = {}
        self._background: asyncio.AbstractEventLoop | None = None

    def get(self) -> ServiceFactory:
        loop = _running_loop()
        with self._lock:
            key = None if loop is self._background else loop
            given = self._given.get(key)
            if given is None:
                given = self._given[key] = _Given(ServiceFactory())
            if loop and given.holder is None:
                given.holder = close_with_loop(partial(self._end, key, given))
            return given.factory

    def adopt(self, background: asyncio.AbstractEventLoop | None) -> None:
        with self._lock:
            self._background = background

    def all(self) -> list[ServiceFactory]:
        with self._lock:
            return [given.factory for given in self._given.values()]

    async def close(self) -> None:
        with self._lock:
            given, self._given = self._given, {}
            background = self._background
        for key, one in given.items():
            await _close_on(key or background, one.factory)

    async def _end(self, key: asyncio.AbstractEventLoop | None, given: _Given) -> None:
        with self._lock:
            if self._given.get(key) is given:
                del self._given[key]
        await given.factory.close()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _close_on(loop: asyncio.AbstractEventLoop | None, factory: ServiceFactory) -> None:
    """Closes a factory on its own loop; on this one where that has ended or never was."""
    if loop is None or loop is asyncio.get_running_loop() or not loop.is_running():
        await factory.close()
        return
    closing = asyncio.run_coroutine_threadsafe(factory.close(), loop)
    await asyncio.wrap_future(closing)


_factories = _Factories()


def get_service_factory() -> ServiceFactory:
    """The factory of the running loop; outside of one, that of the background loop on which
    `run_analysis_v2` works. Made when first asked for, from the environment (InvalidSettings);
    closed with its loop, or by `cleanup_analysis_resources`."""
    return _factories.get()


def open_service_factories() -> list[ServiceFactory]:
    """All that `get_service_factory` gave and that are not closed."""
    return _factories.all()


async def close_service_factories() -> None:
    """Closes each on its own loop; may be called twice."""
    await _factories.close()


def adopt_loop(background: asyncio.AbstractEventLoop | None) -> None:
    """Tells which loop serves code that has none."""
    _factories.adopt(background)
