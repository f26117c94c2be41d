"""Never dead: while the language model cannot answer, the offline one does, and says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from youtube_analysis.errors import ModelError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.notice import Notice, NoticeCode

from .port import Completion, LanguageModel, Part, Prompt, Restarted

_log = get_logger(__name__)


class FallbackModel:
    """Answers as `model`; where that fails, at once as `offline`. The completion's `engine` tells
    which of them it was, and its note why."""

    def __init__(self, model: LanguageModel, offline: LanguageModel) -> None:
        self._model = model
        self._offline = offline
        self._outage = ""  # code of the failure that lasts

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def version(self) -> str:
        return self._model.version

    @property
    def translates(self) -> bool:
        return self._model.translates

    def prepare(self) -> None:
        self._model.prepare()

    async def check(self) -> None:
        """Of the model itself, not of what stands in for it."""
        await self._model.check()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        failure: ModelError | None = None
        try:
            async with aclosing(self._model.stream(prompt)) as parts:
                async for part in parts:
                    yield part
            self._outage = ""
        except ModelError as error:
            failure = error
        if failure:
            async with aclosing(self._offline_stream(prompt, failure)) as parts:
                async for part in parts:
                    yield part

    async def _offline_stream(self, prompt: Prompt, failure: ModelError) -> AsyncGenerator[Part]:
        # Once an outage, not once an answer.
        log = _log.info if failure.code == self._outage else _log.warning
        log("answering offline", error=failure.code, reason=failure.message)
        self._outage = failure.code
        yield Restarted()
        instead = Notice(NoticeCode.STAND_IN, {"reason": failure.message})
        async with aclosing(self._offline.stream(prompt)) as parts:
            async for part in parts:
                yield replace(part, note=instead) if isinstance(part, Completion) else part

    async def close(self) -> None:
        await self._model.close()
        await self._offline.close()
