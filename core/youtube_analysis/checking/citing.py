"""`[12]` in a text: how it is found, and how it becomes a time where the text is rendered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.times import clock
from youtube_analysis.passages.reading import Reading

# Passages count from one; `\[12\]` is what a speaker wrote or said.
CITED = re.compile(r"(?<!\\)\[([1-9]\d{0,5})\](?!\()")


def cited_numbers(text: str) -> list[int]:
    """The passages that a text cites, in order, each as often as it stands there."""
    return [int(number) for number in CITED.findall(text)]


def with_times(text: str, citations: Sequence[Citation]) -> str:
    """The text as people read it: `[12]` becomes `[1:16](https://youtu.be/…?t=76)`, or `[1:16]`
    for a file whose video nobody knows. What has no citation goes; texts of older versions, whose
    citations have no number, stay as they are."""
    left: dict[int, list[Citation]] = {}
    for citation in reversed(citations):
        left.setdefault(citation.number, []).append(citation)
    if left.keys() == {0}:
        return text

    def time(match: re.Match[str]) -> str:
        found = left.get(int(match[1]))
        if not found:
            return ""
        citation = found.pop()
        told = f"[{clock(citation.start)}]"
        return f"{told}({citation.url})" if citation.url else told

    return CITED.sub(time, text)


def with_passage_times(text: str, reading: Reading) -> str:
    """As `with_times`, of a text that still grows: at the start of each passage that it cites."""
    known = (number for number in cited_numbers(text) if number <= len(reading.passages))
    return with_times(text, [reading.cite(number, quote="") for number in known])
