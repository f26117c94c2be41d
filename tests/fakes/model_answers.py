"""What a local language model says: answers built from the request alone."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

_WIDE = r"\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(rf"[^\W\d_{_WIDE}]{{1,6}}|\d{{1,3}}|[^\w\s]|\w")
_PASSAGE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


def passages(body: dict[str, Any]) -> list[tuple[int, str]]:
    """The numbered passages that the request holds."""
    said = "\n".join(str(message["content"]) for message in body["messages"])
    return [(int(number), text) for number, text in _PASSAGE.findall(said)]


def tokens(body: dict[str, Any]) -> int:
    """Those of the messages, roughly as vocabularies cut words, numbers and signs."""
    return sum(len(_cut_up(str(message["content"]))) for message in body["messages"])


@lru_cache(maxsize=32)
def _cut_up(content: str) -> tuple[int, ...]:
    """Where each token begins."""
    return tuple(match.start() for match in _TOKEN.finditer(content))


def cut(body: dict[str, Any], window: int) -> dict[str, Any]:
    """As servers cut a request that is longer than their window: what came first is lost."""
    left, kept = window, list[dict[str, Any]]()
    for message in reversed(body["messages"]):
        content = str(message["content"])
        begins = _cut_up(content)
        if left < len(begins):
            content = content[begins[-left] :] if left > 0 else ""
        kept.insert(0, message | {"content": content})
        left = max(0, left - len(begins))
    return body | {"messages": kept}


def compose(body: dict[str, Any]) -> str:
    """Obeys: a text that cites the passages that it quotes, as JSON where a schema asks for it."""
    form = body.get("response_format") or {}
    # No schema has so many texts: none is said twice.
    lines = _quotes(passages(body), 12 if form else 8) or ["Nothing was said. [none]"]
    if form.get("type") == "json_schema":
        return json.dumps(_fill(form["json_schema"]["schema"], iter(lines * 20)))
    if form.get("type") == "json_object" or "one JSON object" in str(body["messages"][-1]):
        return json.dumps(_plain_object(lines))
    return "\n".join(f"- {line}" for line in lines)


def _quotes(found: list[tuple[int, str]], wanted: int) -> list[str]:
    step = max(1, len(found) // wanted)
    return [f"“{text[:160].rsplit(' ', 1)[0]}” [{number}]" for number, text in found[::step]]


def _plain_object(lines: list[str]) -> dict[str, Any]:
    return {
        "category": "Technology",
        "context_tag": "News",
        "tldr": lines[0],
        "details": [{"heading": "Part", "text": line} for line in lines[:3]],
        "key_points": lines[:4],
    }


def _fill(schema: dict[str, Any], lines: Any) -> Any:
    """A value that a JSON schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {
                name: "Part" if name == "heading" else _fill(part, lines)
                for name, part in schema["properties"].items()
            }
        case "array":
            return [_fill(schema["items"], lines) for _ in range(3)]
    return next(lines)
