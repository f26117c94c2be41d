"""`[12]` in a text: how it is found, and how it becomes a time where the text is rendered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.times import clock

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
            found = next((c for c in citations if c.number == number), None)
        else:
            left.remove(found)
        if found is None:
            return ""
        label = f"[{clock(found.start)}]"
        return f"{label}({found.url})" if found.url else label

    return CITED.sub(time, text)


def without_citations(text: str) -> str:
    """Plain words, for whoever only wants these."""
    return re.sub(r"[ \t]*" + CITED.pattern, "", text)
