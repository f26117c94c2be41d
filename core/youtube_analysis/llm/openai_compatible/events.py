"""What a server streams, read into types: nobody has checked what a stranger sends."""

from __future__ import annotations

import json
import re
from typing import Annotated

import msgspec

from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import TokenUsage

DONE = b"[DONE]"
# Bytes: sixteen times what a whole answer may have.
_LONGEST_EVENT = 1_000_000
# More than any model reads; prices times that are still numbers.
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_THOUGHTS = frozenset({"reasoning", "thinking"})
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(rb"\r\n|\n|\r")


class EventDecoder:
    """Server-sent events out of bytes, torn anywhere. Comments and other fields than data serve
    nothing here."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._held = 0  # bytes of it

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are whole now. Raises ModelBroke for one that never ends."""
        text = self._rest + piece
        end = len(text) - text.endswith(b"\r")  # the other half of a line end may follow
        *lines, rest = _LINE_END.split(text[:end])
        self._rest = rest + text[end:]
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._held += len(line)
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data, self._held = [], 0
        if len(self._rest) + self._held > _LONGEST_EVENT:
            raise ModelBroke("it never ended")
        return events

    def close(self) -> list[bytes]:
        """Those at the end, which some servers leave without their empty line."""
        return self.feed(b"\n\n")


class ContentPart(msgspec.Struct):
    """Some servers send text as a list of these."""

    type: str = "text"
    text: str | None = None


class Delta(msgspec.Struct):
    content: str | list[ContentPart] | None = None
    refusal: object = None
    reasoning: object = None
    reasoning_content: object = None

    @property
    def text(self) -> str:
        """Raises ModelBroke where a part is no text."""
        if not isinstance(self.content, list):
            return self.content or ""
        parts = [part for part in self.content if part.type not in _THOUGHTS]
        if any(part.type != "text" for part in parts):
            raise ModelBroke("something else than text")
        return "".join(part.text or "" for part in parts)

    @property
    def is_token(self) -> bool:
        """Whether the model has begun to write, be it thoughts."""
        return bool(self.content or self.reasoning or self.reasoning_content)


class ChunkChoice(msgspec.Struct):
    index: object = None
    delta: Delta | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct):
    """What else it holds is nobody's concern, so it may be whatever it is."""

    choices: list[ChunkChoice] | None = None
    usage: object = None
    error: object = None


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None


def read_chunk(event: bytes) -> Chunk:
    """Raises ModelBroke for what is no chunk of an answer, and for an error instead of one."""
    try:
        chunk = msgspec.convert(json.loads(event), Chunk)
    except (ValueError, RecursionError):
        raise ModelBroke("no completion") from None
    if chunk.error:
        raise ModelBroke("an error in the middle")
    return chunk


def read_usage(usage: object) -> TokenUsage:
    """Nothing where it makes no sense: an answer is whole without it."""
    try:
        counted = msgspec.convert(usage, _Usage)
    except ValueError:  # msgspec's own, and that for half a character where none belongs
        return TokenUsage()
    prompt, details = counted.prompt_tokens or 0, counted.prompt_tokens_details
    cached = min(prompt, (details and details.cached_tokens) or 0)
    return TokenUsage(prompt, counted.completion_tokens or 0, cached)


def whole_characters(text: str) -> str:
    """Joins characters that servers which count in UTF-16 tear in two. What has no other half
    cannot be kept or sent on, so it is replaced."""
    if text.isascii() or not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
