"""Shapes as MessagePack, which is how they are kept."""

from __future__ import annotations

import zlib
from dataclasses import is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from youtube_analysis.checking.literal import mended
from youtube_analysis.concurrency import BLOCKING, LONG, offload
from youtube_analysis.logging import get_logger
from youtube_analysis.models.video import VideoData

_log = get_logger(__name__)
Value = TypeVar("Value")
# Fewer bytes save too little; so many take zlib's fastest level 2 ms, and it lets go of the
# interpreter meanwhile.
_WORTH_COMPRESSING, _WORTH_A_THREAD = 2**12, 2**18
_COMPRESSED = 0x78  # how zlib begins, and no shape of ours
# Segments, and bytes, that take a few milliseconds in one call, which holds the interpreter.
_LONG_TALK, _LONG_CONTENT = 5_000, 2**20


def pack(value: object) -> bytes:
    """Text that is no UTF-8 (lone surrogates, as in torn JSON) is mended on the way."""
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(mended(msgspec.to_builtins(value, builtin_types=(bytes,))))


def unpack(content: bytes, kind: type[Value]) -> Value | None:
    """None for what another version wrote in a way that this one does not understand."""
    try:
        value: Value = _unpack(content, kind)
    except (msgspec.DecodeError, LookupError, TypeError) as error:
        _log.warning("stored value not understood", kind=kind.__name__, error=type(error).__name__)
        return None
    return value


async def freeze(value: object) -> bytes:
    """As `pack`, quickly compressed where that saves much, and without holding the event loop."""
    is_long = isinstance(value, VideoData) and len(value.segments) > _LONG_TALK
    content = await offload(pack, value, lane=LONG) if is_long else pack(value)
    if len(content) < _WORTH_COMPRESSING:
        return content
    if len(content) < _WORTH_A_THREAD:
        return zlib.compress(content, 1)
    return await offload(zlib.compress, content, 1, lane=BLOCKING)


async def thaw(stored: bytes, kind: type[Value]) -> Value | None:
    """As `unpack`, of what `freeze` made."""
    if stored[0] == _COMPRESSED and len(stored) > 1:
        if len(stored) < _WORTH_A_THREAD:
            stored = zlib.decompress(stored)
        else:
            stored = await offload(zlib.decompress, stored, lane=BLOCKING)
    if len(stored) < _LONG_CONTENT:
        return unpack(stored, kind)
    return await offload(unpack, stored, kind, lane=LONG)


def _unpack(content: bytes | msgspec.Raw, kind: Any) -> Any:
    """What is long, item by item: between two of them, others run."""
    decode = msgspec.msgpack.decode
    if len(memoryview(content)) < _LONG_CONTENT:
        return decode(content, type=kind)
    if is_dataclass(kind):
        make: Any = kind
        kinds = get_type_hints(kind)
        parts = decode(content, type=dict[str, msgspec.Raw])
        return make(**{name: _unpack(part, kinds[name]) for name, part in parts.items()})
    if get_origin(kind) is tuple:
        decoder = msgspec.msgpack.Decoder(get_args(kind)[0])
        return tuple([decoder.decode(item) for item in decode(content, type=list[msgspec.Raw])])
    return decode(content, type=kind)
