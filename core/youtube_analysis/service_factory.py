"""Composition root of the core: the one place where services get what they depend on."""

from __future__ import annotations

from typing import Self

from .config import Settings
from .http import HttpSession
from .llm.extractive import ExtractiveModel
from .repositories.cache import CacheRepository
from .repositories.youtube import YouTubeRepository
from .services.analysis import AnalysisService
from .services.chat import ChatService
from .services.content import ContentService
from .services.transcript import TranscriptService
from .workflow import VideoAnalysisWorkflow


class ServiceFactory:
    """Belongs to one event loop. Use it as an async context manager, or `close` it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_env()
        self._model = ExtractiveModel()
        self._http = HttpSession(self.settings)
        self._cache = CacheRepository(self.settings)
        self._youtube = YouTubeRepository(self._http, self.settings)
        self._transcripts = TranscriptService(self._youtube, self._cache)
        self._analyses = AnalysisService(self._model, self._cache)
        self._chat = ChatService(self._model)
        self._content = ContentService()
        self._workflow = VideoAnalysisWorkflow(
            self._transcripts, self._analyses, translates=self._model.translates
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """In reverse order of need; may be called twice."""
        await self._youtube.close()
        await self._cache.close()
        await self._http.close()
        await self._model.close()

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

    def get_cache_repository(self) -> CacheRepository:
        return self._cache

    def get_youtube_repository(self) -> YouTubeRepository:
        return self._youtube
