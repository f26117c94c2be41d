"""What a verifier says of claims, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jiter
import msgspec

from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import Claim

VERDICTS: dict[str, Any] = {
    "name": "verdicts",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {
            "verdicts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "statement": {"type": "integer"},
                        "supported": {"type": "boolean"},
                    },
                    "required": ["statement", "supported"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["verdicts"],
        "additionalProperties": False,
    },
}


class _Verdict(msgspec.Struct):
    statement: int
    supported: bool


class _Verdicts(msgspec.Struct):
    verdicts: list[_Verdict]


def read_verdicts(text: str, claims: Sequence[Claim]) -> dict[str, bool]:
    """By the text of a claim; `claims` are numbered from 1 in the order asked. Raises ModelBroke
    for anything else than the JSON that was asked for."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        found = jiter.from_json(text[max(0, begin) : end + 1].encode(errors="replace"))
        verdicts = msgspec.convert(found, _Verdicts).verdicts
    except (ValueError, msgspec.ValidationError):
        raise ModelBroke("no verdicts") from None
    return {
        claims[verdict.statement - 1].text: verdict.supported
        for verdict in verdicts
        if 1 <= verdict.statement <= len(claims)
    }
