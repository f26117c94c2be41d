"""Composition root of the core: the one place where services get what they depend on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from .config import Settings
from .event_loops import begin, close_with_loop, running_loop
from .llm.checked import CheckedModel
from .llm.choice import embedder, remote_model
from .llm.fallback import FallbackModel
from .llm.meaning import Meaning
from .llm.offline import OfflineModel
from .llm.port import LanguageModel
from .metrics import Metrics
from .repositories.cache import CacheRepository
from .repositories.vectors import CachedVectors
from .repositories.youtube import HttpSession, Window, YouTubeRepository
from .services.analysis import AnalysisService
from .services.chat import ChatService
from .services.content import ContentService
from .services.evaluation import EvaluationService
from .services.outline import OutlineService
from .services.transcript import TranscriptService
from .supervision import Supervisor
from .workflow import VideoAnalysisWorkflow

if TYPE_CHECKING:
    from .repositories.database import Database
    from .repositories.sessions import SessionRepository

# How long a loop may take to close what is its own before nobody waits any more.
_LONGEST_CLOSE = 5.0


class ServiceFactory:
    """Belongs to one event loop. Use it as an async context manager, or `close` it. With
    `reuse=False` every request gets a connection of its own. Several may count on the same
    `metrics` and share a `window` of requests to YouTube."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        reuse: bool = True,
        metrics: Metrics | None = None,
        window: Window | None = None,
    ) -> None:
        self.settings = settings or Settings.from_env()
        self.metrics = metrics or Metrics()
        self._remote = remote_model(self.settings, self.metrics, reuse=reuse)
        self.supervisor = Supervisor()
        self.metrics.watch_tasks(self.supervisor.running, lambda: self.supervisor.restarts)
        self._cache = CacheRepository(self.settings, self.supervisor, self.metrics)
        kept = CachedVectors(self._cache)
        self._meaning = Meaning(embedder(self.settings), kept, self.supervisor)
        offline = OfflineModel(self._meaning)
        self._model = FallbackModel(self._remote, offline) if self._remote else offline
        self._http = HttpSession(self.settings, self.metrics, reuse=reuse, window=window)
        self._youtube = YouTubeRepository(self._http)
        self._transcripts = TranscriptService(self._youtube, self._cache, self.metrics)
        verifier = self._remote if self.settings.verifies else None
        checked = CheckedModel(self._model, self.metrics, meaning=self._meaning, verifier=verifier)
        self._analyses = AnalysisService(checked, self._cache)
        self._chat = ChatService(checked, self._meaning)
        self._outline = OutlineService()
        self._database: Database | None = None
        self._workflow = VideoAnalysisWorkflow(
            self._transcripts, self._analyses, translates=self._model.translates
        )
        self.metrics.runs.set_function(lambda: self._workflow.runs_under_way)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def load(self) -> None:
        """Imports and compiles, beside the loop, what nobody who asks first should wait for."""
        await asyncio.to_thread(self._youtube.load)
        await self._meaning.load()

    async def close(self) -> None:
        """In reverse order of need; may be called twice."""
        await self._workflow.close()
        await self._meaning.close()
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
        return ContentService()

    def get_evaluation_service(self) -> EvaluationService:
        chat = self._chat
        return EvaluationService(self._analyses.analyze, chat.ask, chat.verify, self._meaning)

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
            from .repositories.vector_rows import StoredVectors  # noqa: PLC0415

            self._database = Database(self.settings.database)
            self._meaning.kept.store = StoredVectors(self._database)
        return self._database

    def get_session_repository(self) -> SessionRepository:
        """Its tables are there once the database was opened with their SCHEMA."""
        from .repositories.sessions import SessionRepository  # noqa: PLC0415

        return SessionRepository(self.get_database())

    def get_language_model(self) -> LanguageModel:
        return self._model

    def get_meaning(self) -> Meaning:
        """Keeps vectors in the database once that was asked for, else in the cache."""
        return self._meaning

    def watch_loop(self) -> None:
        """From now on the metrics tell how late the running loop is."""
        self.supervisor.keep("loop lag", self.metrics.watch_loop)


class _Given:
    """A factory that was given out, closed once however many want it closed."""

    def __init__(self) -> None:
        self.factory = ServiceFactory()
        self.closed: Future[None] = Future()
        self._closing = asyncio.Lock()
        self._holder: object = None
        self._asked: object = None

    def hold(self, forget: Callable[[], None]) -> None:
        """Ties it to the running loop: it ends with that."""

        async def end() -> None:
            forget()
            await self.close()

        if self._holder is None:
            self._holder = close_with_loop(end)

    async def close(self) -> None:
        async with self._closing:
            if not self.closed.done():
                await self.factory.close()
                self.closed.set_result(None)

    async def close_on(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Closes it on its loop: one that does not run now does so when it runs again."""
        if loop is asyncio.get_running_loop():
            await self.close()
        elif loop is None or self._holder is None:
            # Given to code without a loop, which may have used it on one that is not there now.
            with suppress(RuntimeError, TimeoutError):
                async with asyncio.timeout(_LONGEST_CLOSE):
                    await self.close()
        else:
            with suppress(RuntimeError):  # the loop is closed, and all that was open on it lost
                loop.call_soon_threadsafe(self._ask)
            if loop.is_running():
                # One that blocks does not answer.
                await asyncio.wait([asyncio.wrap_future(self.closed)], timeout=_LONGEST_CLOSE)

    def _ask(self) -> None:
        if not self.closed.done():
            self._asked = begin(self.close(), "close a factory")


class _Factories:
    """One factory a loop. That of code without a loop belongs to the background loop."""

    def __init__(self) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[asyncio.AbstractEventLoop | None, _Given] = {}
        self._background: asyncio.AbstractEventLoop | None = None

    def get(self) -> ServiceFactory:
        running = running_loop()
        with self._lock:
            loop = running or self._background
            given = self._given.get(loop)
            if given is None:
                given = self._given[loop] = _Given()
            if running:
                given.hold(partial(self._drop, running, given))
            return given.factory

    def adopt(self, background: asyncio.AbstractEventLoop | None) -> None:
        """What was given while there was none is the new one's."""
        with self._lock:
            self._background = background
            if background and (waiting := self._given.pop(None, None)):
                self._given[background] = waiting

    def forget(self) -> object:
        given = self._given
        self._begin_anew()
        return given

    def all(self) -> list[ServiceFactory]:
        with self._lock:
            return [given.factory for given in self._given.values()]

    async def close(self, but: asyncio.AbstractEventLoop | None) -> None:
        with self._lock:
            closing = {loop: given for loop, given in self._given.items() if loop is not but}
            for loop in closing:
                del self._given[loop]
        for loop, given in closing.items():
            await given.close_on(loop)

    def _drop(self, loop: asyncio.AbstractEventLoop, given: _Given) -> None:
        with self._lock:
            if self._given.get(loop) is given:
                del self._given[loop]


_factories = _Factories()


def get_service_factory() -> ServiceFactory:
    """The factory of the running loop; outside of one, that of the background loop on which
    `run_analysis_v2` works. Made when first asked for, from the environment (InvalidSettings);
    closed with its loop, or by `cleanup_analysis_resources`."""
    return _factories.get()


def open_service_factories() -> list[ServiceFactory]:
    """All that `get_service_factory` gave and that are not closed."""
    return _factories.all()


async def close_service_factories(*, but: asyncio.AbstractEventLoop | None = None) -> None:
    """Closes each on its own loop, but that of one that will end; may be called twice."""
    await _factories.close(but)


def adopt_loop(background: asyncio.AbstractEventLoop | None) -> None:
    """Tells which loop serves code that has none."""
    _factories.adopt(background)


def forget_service_factories() -> object:
    """In a forked child, which has none of the parent's loops. What is returned holds all that
    was given: while it is kept, nothing of it is closed."""
    return _factories.forget()
