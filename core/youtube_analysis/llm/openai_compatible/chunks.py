"""What a server streams, read into types: nobody has checked what a stranger sends."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from youtube_analysis.errors import ModelBroke
from youtube_analysis.models.analysis import TokenUsage

# More than any model reads; prices times that are still numbers.
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
# The latter for half a character where none belongs.
_NO_FIT = (msgspec.ValidationError, UnicodeEncodeError)
_THOUGHTS = frozenset({"reasoning", "thinking"})
_HALVES = re.compile("[\ud800-\udfff]")


class Piece(msgspec.Struct):
    """Some servers send text as a list of these."""

    type: str = "text"
    text: str | None = None


class Delta(msgspec.Struct):
    content: str | list[Piece] | None = None
    refusal: object = None

    @property
    def text(self) -> str:
        """Raises ModelBroke where a piece is no text."""
        if not isinstance(self.content, list):
            return self.content or ""
        pieces = [piece for piece in self.content if piece.type not in _THOUGHTS]
        if any(piece.type != "text" for piece in pieces):
            raise ModelBroke("something else than text")
        return "".join(piece.text or "" for piece in pieces)


class Choice(msgspec.Struct):
    index: object = None
    delta: Delta | None = None
    finish_reason: str | None = None

    @property
    def place(self) -> object:
        return self.index or 0


class Chunk(msgspec.Struct):
    """What else it holds is nobody's concern, so it may be whatever it is."""

    choices: list[Choice] | None = None
    usage: object = None


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Count | None = None
    completion_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None


def read_chunk(event: object) -> Chunk:
    """Raises ModelBroke for what is no chunk of an answer."""
    try:
        return msgspec.convert(event, Chunk)
    except _NO_FIT:
        raise ModelBroke("no completion") from None


def read_usage(told: object) -> TokenUsage:
    """Nothing where it makes no sense: an answer is whole without it."""
    try:
        usage = msgspec.convert(told, _Usage)
    except _NO_FIT:
        return TokenUsage()
    details, prompt = usage.prompt_tokens_details, usage.prompt_tokens or 0
    cached = details.cached_tokens if details else None
    return TokenUsage(
        prompt=prompt,
        completion=usage.completion_tokens or 0,
        cached=min(prompt, cached or 0),
    )


class WholeCharacters:
    """Joins characters that servers which count in UTF-16 tear in two. What has no other half
    cannot be kept or sent on, so it is replaced."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return whole_characters(text.removesuffix(self._half))


def whole_characters(text: str) -> str:
    if text.isascii() or not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
