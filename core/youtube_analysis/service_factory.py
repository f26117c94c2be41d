"""Composition root of the core: the one place where services get what they depend on."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from .background import PerLoop
from .concurrency import BLOCKING, Supervisor, offload
from .config import Settings
from .llm.checked import CheckedModel
from .llm.choice import ModelChoice
from .llm.embedding import make_embedder
from .llm.meaning import Meaning
from .llm.offline import OfflineModel
from .llm.openai_compatible import OpenAICompatibleModel
from .llm.port import LanguageModel
from .metrics import Metrics
from .repositories.cache import CachedVectors, CacheRepository, KeptNotes
from .repositories.youtube import HttpSession, YouTubeRepository
from .services.analysis import AnalysisService, ChatService
from .services.content import ContentService
from .services.evaluation import EvaluationService
from .services.outline import OutlineService
from .services.transcript import TranscriptService
from .upstream import RateWindow
from .workflow import VideoAnalysisWorkflow

if TYPE_CHECKING:
    from .repositories.database import Database
    from .repositories.sessions import SessionRepository


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
        window: RateWindow | None = None,
    ) -> None:
        self.settings = settings = settings or Settings.from_env()
        self.metrics = metrics = metrics or Metrics()
        self.supervisor = Supervisor(metrics)
        self._cache = CacheRepository(settings, self.supervisor, metrics)
        self._http = HttpSession(settings, metrics, reuse=reuse, window=window)
        self._youtube = YouTubeRepository(self._http)
        self._database: Database | None = None
        embedder = make_embedder(settings)
        self._meaning = Meaning(embedder, CachedVectors(self._cache), self.supervisor)
        offline = OfflineModel(self._meaning)
        self._notes = KeptNotes(self._cache)
        self._language_models = list[LanguageModel]()
        self._models = self._choice(offline, reuse=reuse)
        self._transcripts = TranscriptService(self._youtube, self._cache, metrics)
        self._analyses = AnalysisService(self._models, self._cache)
        self._chat = ChatService(self._models, self._meaning)
        self._outline = OutlineService(offline)
        self._workflow = VideoAnalysisWorkflow(self._transcripts, self._analyses)
        metrics.runs.set_function(lambda: self._workflow.runs_under_way)

    def _choice(self, offline: OfflineModel, *, reuse: bool) -> ModelChoice:
        """The default, which is offline where none is set, and those of MODELS."""
        settings, metrics, notes = self.settings, self.metrics, self._notes

        def asked(chosen: Settings, name: str = "") -> CheckedModel:
            model = OpenAICompatibleModel(chosen, metrics, name=name, reuse=reuse)
            self._language_models.append(model)
            verifier = model if chosen.verifies else None
            return CheckedModel(model, offline, verifier, self._meaning, metrics, notes=notes)

        if settings.has_model:
            default = asked(settings)
        else:
            self._language_models.append(offline)
            default = CheckedModel(offline, meaning=self._meaning, metrics=metrics)
        listed = [asked(settings.of_model(model), model.name) for model in settings.models]
        return ModelChoice(default, *listed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def load(self) -> None:
        """Imports and compiles, off the loop, what nobody who asks first should wait for."""
        await offload(self._youtube.load, lane=BLOCKING)
        self._analyses.prepare()
        await self._meaning.load()

    async def close(self) -> None:
        """In reverse order of need; may be called twice."""
        async with AsyncExitStack() as closing:  # each, whatever becomes of the one before
            if self._database:
                closing.push_async_callback(self._database.close)
            for part in (self._models, self._http, self._cache, self.supervisor, self._youtube):
                closing.push_async_callback(part.close)
            for user in (self._meaning, self._workflow):
                closing.push_async_callback(user.close)

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
            from .repositories.derived import StoredNotes, StoredVectors  # noqa: PLC0415

            self._database = Database(self.settings.database)
            self._meaning.store = StoredVectors(self._database)
            self._notes.store = StoredNotes(self._database)
        return self._database

    def get_session_repository(self) -> SessionRepository:
        """Its tables are there once the database was opened with their SCHEMA."""
        from .repositories.sessions import SessionRepository  # noqa: PLC0415

        return SessionRepository(self.get_database())

    def get_language_model(self) -> LanguageModel:
        """The default."""
        return self._language_models[0]

    def get_language_models(self) -> tuple[LanguageModel, ...]:
        """All that may be chosen by name, the default first."""
        return tuple(self._language_models)

    def get_meaning(self) -> Meaning:
        """Keeps vectors in the database once that was asked for, else in the cache."""
        return self._meaning


service_factories = PerLoop(ServiceFactory)
"""All that `get_service_factory` gave: their values, and their end."""


def get_service_factory() -> ServiceFactory:
    """The factory of the running loop; outside of one, that of the background loop on which
    `run_analysis_v2` works. Made when first asked for, from the environment (InvalidSettings);
    closed with its loop, or by `cleanup_analysis_resources`."""
    return service_factories.get()
