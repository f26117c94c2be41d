"""OutlineService: how a talk is divided, for the timeline and the transcript."""

from __future__ import annotations

from youtube_analysis.llm.offline.model import NAME
from youtube_analysis.llm.offline.outline import Topic, find_outline, outline_from
from youtube_analysis.llm.per_talk import PerTalk
from youtube_analysis.models.analysis import TaskOutput
from youtube_analysis.passages.reading import Reading


class OutlineService:
    """Needs no language model, and follows one where it has spoken."""

    def __init__(self) -> None:
        self._outlines = PerTalk(find_outline)

    async def topics(
        self, reading: Reading, moments: TaskOutput | None = None
    ) -> tuple[Topic, ...]:
        """In order and without a gap: the creator's chapters where there are any, else the key
        moments that a model made of this reading, else topic shifts of the words."""
        if moments and moments.engine != NAME and len(reading.video.chapters) < 2:
            named = outline_from(reading, moments)
            if named:
                return named
        return await self._outlines.get(reading)
