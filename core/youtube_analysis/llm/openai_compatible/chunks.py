"""What a server sends of an answer: events out of bytes, and what stands in one."""

from __future__ import annotations

import json
import re
from typing import Annotated

import msgspec

from youtube_analysis.errors import ModelBroke, ModelError
from youtube_analysis.models.analysis import TokenUsage

from .refusals import meaning

DONE = b"[DONE]"
_BOM = b"\xef\xbb\xbf"
# Bytes of one event: sixteen times what a whole answer may have.
_LONGEST_EVENT = 1_000_000
# More than any model reads; prices times that are still numbers.
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_STATUS = re.compile(r"[45]\d\d")


class EventDecoder:
    """Events out of bytes, torn anywhere: each line of data is one, for no server breaks its JSON
    into several. A body that is JSON itself, from a server that does not stream, is one as well."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_json: bool | None = None  # until it is known

    def feed(self, piece: bytes | None) -> list[bytes]:
        """The events that are whole now; at the end (None) all. Raises ModelBroke for one that
        never ends."""
        text = self._rest + (piece or b"")
        if self._is_json is None and (begin := text.removeprefix(_BOM).lstrip()):
            self._is_json = begin.startswith(b"{")
        lines = [text] if self._is_json else text.splitlines(keepends=True)
        torn = lines and (self._is_json or not lines[-1].endswith((b"\n", b"\r")))
        self._rest = lines.pop() if torn and piece is not None else b""
        if len(self._rest) > _LONGEST_EVENT:
            raise ModelBroke(what="it never ended")
        if self._is_json:
            return [*filter(None, lines), DONE] if piece is None else []
        data = (line.strip().removeprefix(_BOM) for line in lines)
        events = (line[5:].strip() for line in data if line.startswith(b"data:"))
        return [event for event in events if event]


class Delta(msgspec.Struct):
    content: object = None
    refusal: object = None
    reasoning: object = None
    reasoning_content: object = None

    @property
    def is_token(self) -> bool:
        """Whether the model has begun to write, be it thoughts."""
        return bool(self.content or self.reasoning or self.reasoning_content)


class ChunkChoice(msgspec.Struct):
    """`message` comes where the answer does in one piece."""

    index: object = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct):
    """Checks nothing else: other fields may hold whatever they do."""

    choices: list[ChunkChoice] | None = None
    usage: object = None
    kind: object = msgspec.field(default=None, name="object")
    error: object = None


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None


def read_chunk(event: bytes) -> Chunk:
    """Raises ModelBroke for what is no chunk of an answer, and what an error in its place says."""
    try:
        told = json.loads(event)
        chunk = msgspec.convert(told, Chunk)
    except (ValueError, RecursionError):
        raise ModelBroke(what="no completion") from None
    if chunk.error or chunk.kind == "error":
        raise _told(chunk.error or told)
    return chunk


def _told(error: object) -> ModelError:
    fields = error if isinstance(error, dict) else {}
    named = (str(fields.get(name)) for name in ("code", "status", "status_code"))
    return meaning(str(error), next((int(n) for n in named if _STATUS.fullmatch(n)), 0))


def text_of(content: object) -> str:
    """Of a number its digits, of a list those parts that are text; anything else is left out."""
    match content:
        case str():
            return content
        case int() | float() if not isinstance(content, bool):
            return str(content)
        case list():
            return "".join(text_of(part) for part in content if not isinstance(part, list))
        case {"text": str(text), **rest} if rest.get("type", "text") in {"text", "output_text"}:
            return text
    return ""


def read_usage(usage: object) -> TokenUsage:
    """Nothing where it makes no sense: an answer is whole without it. Some servers count apart
    what came from their cache."""
    try:
        counted = msgspec.convert(usage, _Usage)
    except ValueError:  # msgspec's own, and that for half a character where none belongs
        return TokenUsage()
    prompt, details = counted.prompt_tokens or 0, counted.prompt_tokens_details
    cached = (details and details.cached_tokens) or 0
    whole = prompt + cached if cached > prompt else prompt
    return TokenUsage(whole, counted.completion_tokens or 0, cached)
