"""OutlineService: how a talk is divided, for pictures of it."""

from __future__ import annotations

from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.llm.offline.topics import Topic, find_topics
from youtube_analysis.llm.per_talk import PerTalk
from youtube_analysis.passages.reading import Reading


class OutlineService:
    """Needs no language model."""

    def __init__(self) -> None:
        self._topics = PerTalk(lambda reading: find_topics(Talk(reading)))

    async def topics(self, reading: Reading) -> tuple[Topic, ...]:
        """In order and without a gap; the creator's chapters where there are any."""
        return await self._topics.get(reading)
