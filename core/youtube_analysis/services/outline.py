"""OutlineService: how a talk is divided, for the timeline and the transcript."""

from __future__ import annotations

import re

from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.llm.offline.outline import Topic, topics_of
from youtube_analysis.models.analysis import AnalysisType, TaskOutput
from youtube_analysis.passages.transcript import Transcript

_MOMENT = re.compile(
    r"^\s*(?:[-*•]|\d+\.)?\s*\[(?P<number>\d+)\]\s*\*\*(?P<title>[^*]+?):?\s*\*\*", re.MULTILINE
)


class OutlineService:
    """Needs no language model, and follows one where it has spoken."""

    def __init__(self, offline: OfflineModel) -> None:
        self._offline = offline

    async def topics(
        self, reading: Transcript, moments: TaskOutput | None = None
    ) -> tuple[Topic, ...]:
        """In order and without a gap: the creator's chapters where there are any, else the key
        moments that a model made of this reading, else topic shifts of the words."""
        if moments and moments.engine != OfflineModel.name and len(reading.video.chapters) < 2:
            named = _from_moments(reading, moments)
            if named:
                return named
        return (await self._offline.sections(reading)).topics


def _from_moments(reading: Transcript, moments: TaskOutput) -> tuple[Topic, ...]:
    """Divides the talk as a model did in its key moments; empty where it names fewer than two."""
    found = {
        int(match["number"]): " ".join(match["title"].split())
        for match in _MOMENT.finditer(moments.text)
        if 1 <= int(match["number"]) <= len(reading.passages)
    }
    if len(found) < 2 or moments.type is not AnalysisType.KEY_MOMENTS:
        return ()
    # What comes before the first moment belongs to it.
    return topics_of(reading, {1: found.pop(min(found)), **found})
