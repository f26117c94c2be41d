"""What a local language model streams: the chunks of a completion, one event each."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


def chunk(
    content: object,
    *,
    role: str | None = None,
    reason: str | None = None,
    usage: object = None,
    place: int = 0,
) -> dict[str, Any]:
    delta = {"content": content} | ({"role": role} if role else {})
    choices = [] if usage else [{"index": place, "delta": delta, "finish_reason": reason}]
    return {
        "id": "chatcmpl-local",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "local",
        "choices": choices,
        "usage": usage,
    }


def thought_and_text(piece: str) -> list[dict[str, Any]]:
    """Content as a list of parts."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    return [thought, {"type": "text", "text": piece}]


async def send(response: web.StreamResponse, event: object) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())
