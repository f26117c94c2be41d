"""What of an analysis a phone shows in two screens. Pure."""

from __future__ import annotations

import re

_TLDR = re.compile(r"^#{1,4} TL;DR\s+(?P<text>.+?)\s*(?=^#|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_TLDR = 1_200
_ADDRESS = re.compile(r"\]\([^()\s]*\)")
_HEADINGS_AT_END = re.compile(r"(?:\n+#[^\n]*)+\Z")
# Of a section, where others stand beside it; links count as what is seen of them.
_SHORT, _BELOW_HEADING = 480, 100


def tldr_of(text: str) -> str:
    """That of a summary, unless it is long."""
    found = _TLDR.search(text)
    return found["text"] if found and len(found["text"]) <= _LONGEST_TLDR else ""


def without_tldr(text: str) -> str:
    found = _TLDR.search(text)
    if found is None or len(found["text"]) > _LONGEST_TLDR:
        return text
    return f"{text[: found.start()]}{text[found.end() :]}".strip()


def folded(text: str, more: str) -> str:
    """Lines from the beginning, the last as a whole: a text that grows is cut at the same place.
    No heading is the last. `more` stands below what is cut."""
    seen, lines = 0, text.split("\n")
    for number, line in enumerate(lines):
        if seen + (_BELOW_HEADING if line.startswith("#") else 0) >= _SHORT:
            kept = _HEADINGS_AT_END.sub("", "\n".join(lines[:number]).rstrip())
            return f"{kept}\n\n{more}" if "".join(lines[number:]).strip() else kept
        seen += len(_ADDRESS.sub("]", line))
    return text
