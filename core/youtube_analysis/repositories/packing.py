"""Shapes as MessagePack, which is how they are kept."""

from __future__ import annotations

import zlib
from typing import TypeVar

import msgspec

from youtube_analysis.logging import get_logger

_log = get_logger(__name__)
Value = TypeVar("Value")


def pack(value: object) -> bytes:
    """Text that is no UTF-8 (lone surrogates, as in torn JSON) is mended on the way."""
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_mended(msgspec.to_builtins(value, builtin_types=(bytes,))))


def unpack(content: bytes, kind: type[Value]) -> Value | None:
    """None for what another version wrote in a way that this one does not understand."""
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.DecodeError as error:
        _log.warning("stored value not understood", kind=kind.__name__, error=type(error).__name__)
        return None


def compress(value: object) -> bytes:
    """As `pack`, smaller and slower: for whole talks, off the event loop."""
    return zlib.compress(pack(value))


def decompress(content: bytes, kind: type[Value]) -> Value | None:
    return unpack(zlib.decompress(content), kind)


def mended(text: str) -> str:
    """Halves of a character become whole ones where they meet, and U+FFFD where they do not."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mended(value: object) -> object:
    match value:
        case str():
            return mended(value)
        case list() | tuple():
            return [_mended(item) for item in value]
        case dict():
            return {_mended(key): _mended(item) for key, item in value.items()}
    return value
