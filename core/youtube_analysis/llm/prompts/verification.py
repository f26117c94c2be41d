"""Asks a verifier whether the passages that claims cite bear them out, and reads its answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jiter
import msgspec

from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import Claim
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.passages.words import estimate_tokens

from .messages import INTEGER, Conversation, PromptMessage, list_of, object_of, one_line, schema_of

# Tokens of one request and its answer, by the upper estimate; of a talk of 45 minutes and more, no
# more than a tenth of what it costs itself, at about four characters a token.
MOST, _LONG, _CHARACTERS = 1_900, 45 * 60.0, 40
_FOR_A_VERDICT = 14
_FEW = 2
_RULES = (Path(__file__).parent / "verify.md").read_text(encoding="utf-8")

VERDICTS = schema_of(
    "verdicts", verdicts=list_of(object_of(statement=INTEGER, supported={"type": "boolean"}))
)


class _Verdict(msgspec.Struct):
    statement: int
    supported: bool


class _Verdicts(msgspec.Struct):
    verdicts: list[_Verdict]


def verification(
    reading: Transcript, claims: Sequence[Claim]
) -> tuple[Sequence[Claim], Conversation]:
    """The claims that are asked about, as many as fit, and the request. Each is held against the
    passages that it cites."""
    tokens = estimate_tokens(_RULES)
    most = _budget(reading)
    asked: list[Claim] = []
    shown: set[int] = set()
    lines: list[str] = []
    for claim in claims:
        near = _near(claim, len(reading.passages))
        fresh = [reading.passages[n - 1].text for n in near if n not in shown]
        named = f"{len(asked) + 1}. Passages {', '.join(map(str, near))}: {one_line(claim.text)}"
        cost = sum(map(estimate_tokens, (*fresh, named))) + _FOR_A_VERDICT
        if tokens + cost > most:
            continue
        tokens += cost
        asked.append(claim)
        shown.update(near)
        lines.append(named)
    passages = [f"[{n}] {one_line(reading.passages[n - 1].text)}" for n in sorted(shown)]
    text = "\n".join(("# Passages", *passages, "", "# Statements", *lines))
    messages = PromptMessage("system", _RULES), PromptMessage("user", text)
    return asked, Conversation(messages, tokens - len(asked) * _FOR_A_VERDICT)


def read_verdicts(text: str, claims: Sequence[Claim]) -> dict[str, bool]:
    """By the text of a claim; `claims` are numbered from 1 in the order asked. Raises ModelBroke
    for anything else than the JSON that was asked for."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        found = jiter.from_json(text[max(0, begin) : end + 1].encode(errors="replace"))
        verdicts = msgspec.convert(found, _Verdicts).verdicts
    except (ValueError, msgspec.ValidationError):
        raise ModelBroke(what="no verdicts") from None
    return {
        claims[verdict.statement - 1].text: verdict.supported
        for verdict in verdicts
        if 1 <= verdict.statement <= len(claims)
    }


def _budget(reading: Transcript) -> int:
    if reading.video.duration < _LONG:
        return MOST
    return min(MOST, sum(len(passage.text) for passage in reading.passages) // _CHARACTERS)


def _near(claim: Claim, last: int) -> list[int]:
    """All that it cites; of few also those beside them."""
    numbers = {citation.number for citation in claim.citations}
    if len(numbers) <= _FEW:
        numbers = {n + beside for n in numbers for beside in (-1, 0, 1)}
    return sorted(number for number in numbers if 1 <= number <= last)
