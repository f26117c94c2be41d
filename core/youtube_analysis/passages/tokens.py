"""How many tokens a text costs, without a tokenizer."""

from __future__ import annotations

import regex

from youtube_analysis.patterns import Pattern

from .words import UNSPACED

_PARTS = Pattern(
    rf"(?P<wide>[{UNSPACED}\p{{Hangul}}])|(?P<latin>[\p{{Latin}}']+)|(?P<digits>\d+)"
    r"|(?P<other>[\p{L}\p{M}]+)|(?P<sign>[^\s\p{L}\p{M}\d])",
    regex.VERSION1,
)
# Characters a token, by kind of part, fitted on the o200k vocabulary: estimates lie between
# 0.80 and 1.17 of the truth, so budgets multiply by MARGIN.
_PER_TOKEN = {"wide": 1.35, "latin": 5.6, "digits": 3.0, "other": 3.4, "sign": 1.25}
MARGIN = 1.25


def estimate_tokens(text: str) -> int:
    """A budget that the true count stays below: estimate times MARGIN, rounded up."""
    estimate = 0.0
    for match in _PARTS.finditer(text):
        kind = match.lastgroup or "other"
        share = len(match[0]) / _PER_TOKEN[kind]
        estimate += max(1.0, share) if kind in {"latin", "digits", "other"} else share
    return int(estimate * MARGIN) + 1
