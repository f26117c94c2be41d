"""`[12]` in a text: how it is found, and how it becomes a time where the text is rendered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.times import clock
from youtube_analysis.passages.reading import Reading

CITED = re.compile(r"(?<!\\)\[(\d{1,6})\](?!\()")


def cited_numbers(text: str) -> list[int]:
    """The passages that a text cites, in order, each as often as it stands there."""
    return [int(number) for number in CITED.findall(text)]


def with_times(text: str, citations: Sequence[Citation]) -> str:
    """The text as people read it: `[12]` becomes `[1:16](https://youtu.be/…?t=76)`, or `[1:16]`
    for a file whose video nobody knows. What has no citation goes."""
    left = list(citations)

    def time(match: re.Match[str]) -> str:
        number = int(match[1])
        found = next((citation for citation in left if citation.number == number), None)
        if found is None:
            return ""
        left.remove(found)
        return _time(found.start, found.url)

    return CITED.sub(time, text)


def with_passage_times(text: str, reading: Reading) -> str:
    """As `with_times`, of a text that still grows: at the start of each passage that it cites."""

    def time(match: re.Match[str]) -> str:
        start = reading.passages[int(match[1]) - 1].start
        return _time(start, reading.video.info.url_at(start))

    return CITED.sub(time, text)


def _time(start: float, url: str | None) -> str:
    return f"[{clock(start)}]({url})" if url else f"[{clock(start)}]"
