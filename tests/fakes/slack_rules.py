"""What Slack accepts: its published method definitions, reduced to those that are used, and the
SDK's own models of blocks."""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.messages.chunk import Chunk
from slack_sdk.models.views import View

from fakes.slack_shapes import Refusal

DOCUMENT = Path(__file__).with_name("slack_schema.json")
MOST_BLOCKS = 50
LONGEST_MARKDOWN = 12_000
LONGEST_BLOCKS = 13_200
LONGEST_TEXT = {"chat.postMessage": 40_000, "chat.update": 4_000}
_STRUCTURED = frozenset("blocks metadata view attachments chunks files file_ids".split())
_PINGS = re.compile(r"<!(?:here|channel|everyone|subteam\^\w+)|<@[UW]\w+")
logging.getLogger("slack_sdk.models").setLevel(logging.CRITICAL)


@functools.cache
def specification() -> dict[str, Any]:
    return dict(json.loads(DOCUMENT.read_text(encoding="utf-8")))


def check_arguments(method: str, body: dict[str, Any], *, as_json: bool) -> None:
    """Names and types, and that the method reads JSON where JSON was sent."""
    told = specification().get(method)
    if told is None:
        raise Refusal("unknown_method", method)
    if as_json and not told.get("json_input_supported"):
        raise Refusal("invalid_arguments", f"{method} reads no JSON")
    known = told["args"]["properties"]
    if unknown := body.keys() - known.keys():
        raise Refusal("invalid_arguments", f"{method} knows no {sorted(unknown)}")
    required = set(told["args"]["required"]) - {"token"}
    if missing := required - body.keys():
        raise Refusal("invalid_arguments", f"{method} needs {sorted(missing)}")
    for name, value in body.items():
        if as_json and name not in _STRUCTURED and not _fits(value, known[name]):
            raise Refusal("invalid_arguments", f"{method}: {name} is {type(value).__name__}")


def _fits(value: object, kinds: list[str]) -> bool:
    """Where no kind is told, all do."""
    fitting: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "boolean": bool,
        "number": (int, float),
        "integer": int,
        "array": list,
        "null": type(None),
    }
    return not kinds or any(isinstance(value, fitting[kind]) for kind in kinds)


def needed_scopes(method: str, channel: str) -> set[str]:
    """Of which one must be granted; none where none is needed."""
    scopes = set(specification().get(method, {}).get("scope", {}).get("bot", ()))
    if method in {"conversations.replies", "conversations.history"}:
        kind = {"C": "channels", "G": "groups", "D": "im"}.get(channel[:1], "channels")
        return {f"{kind}:history"}
    return scopes


def check_message(method: str, body: dict[str, Any]) -> None:
    text, blocks = body.get("text") or "", body.get("blocks")
    markdown = body.get("markdown_text")
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if not (text or blocks or markdown):
        raise Refusal("no_text")
    if blocks and not text:
        raise Refusal("invalid_arguments", "blocks without a text for notifications")
    if len(text) > LONGEST_TEXT.get(method, 40_000):
        raise Refusal("msg_too_long", f"{len(text)} characters")
    check_markdown(markdown or "")
    check_blocks(blocks or [])
    check_metadata(body.get("metadata"))


def check_metadata(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or metadata.keys() - {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict) or not metadata.get("event_type"):
        raise Refusal("invalid_metadata_schema")


def check_markdown(text: object) -> None:
    if not isinstance(text, str):
        raise Refusal("invalid_arguments", "markdown_text is no text")
    if len(text) > LONGEST_MARKDOWN:
        raise Refusal("msg_too_long", f"{len(text)} characters of markdown")


def check_blocks(blocks: object) -> None:
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if len(blocks) > MOST_BLOCKS:
        raise Refusal("msg_blocks_too_many", str(len(blocks)))
    for block in blocks:
        _check_block(block)
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(names) > len(set(names)):
        raise Refusal("invalid_blocks", "a block_id twice")
    markdown = sum(len(b["text"]) for b in blocks if b["type"] == "markdown")
    if markdown > LONGEST_MARKDOWN or sum(map(len, texts_of(blocks))) > LONGEST_BLOCKS:
        raise Refusal("msg_blocks_too_long")


def _check_block(given: Any) -> None:
    block = Block.parse(given) if isinstance(given, dict) else None
    if block is None:
        raise Refusal("invalid_blocks", f"no such block: {given!r}"[:200])
    try:
        understood = block.to_dict()
    except SlackObjectFormationError as error:
        raise Refusal("invalid_blocks", str(error)) from None
    if understood != given:
        raise Refusal("invalid_blocks", f"understood {understood!r} of {given!r}")
    texts = list(texts_of([given]))
    if not all(texts) or (given["type"] in {"markdown", "section", "context"} and not texts):
        raise Refusal("invalid_blocks", "an empty text")
    actions = [element.get("action_id") for element in given.get("elements", ())]
    if given["type"] == "actions" and len(actions) > len(set(actions)):
        raise Refusal("invalid_blocks", "an action_id twice")


def check_chunks(chunks: object) -> None:
    if not isinstance(chunks, list):
        raise Refusal("invalid_chunks")
    for given in chunks:
        if Chunk.parse(given) is None:
            raise Refusal("invalid_chunks", repr(given)[:200])
        if given["type"] == "blocks":
            check_blocks(given["blocks"])
        if given["type"] == "task_update" and given["status"] not in {
            "pending", "in_progress", "complete", "error",
        }:  # fmt: skip
            raise Refusal("invalid_chunks", given["status"])


def check_view(view: Any) -> None:
    try:
        understood = View(**view).to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        raise Refusal("invalid_arguments", str(error)) from None
    if understood != view:
        raise Refusal("invalid_arguments", f"understood {understood!r}")
    for part in ("title", "submit", "close"):
        if len(view.get(part, {}).get("text", "")) > 24:
            raise Refusal("invalid_arguments", f"{part} is longer than 24")


def texts_of(value: Any) -> Iterator[str]:
    """Every text that people read in blocks."""
    if isinstance(value, list):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "text" and isinstance(part, str):
                yield part
            elif name != "metadata":
                yield from texts_of(part)


def pings_in(text: str, blocks: list[dict[str, Any]]) -> list[str]:
    """Whom Slack would call by this."""
    return [ping for part in (text, *texts_of(blocks)) for ping in _PINGS.findall(part)]
