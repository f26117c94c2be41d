"""Events and replies as bytes. Blocks carry the name of their kind, which must stay as it is. What
another version wrote in a way that this one does not understand is read as None."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vidthread.commands import Analyze, Command, pressed
from vidthread.surface import (
    Actions,
    Answer,
    Block,
    File,
    Incoming,
    Notice,
    Progress,
    Reply,
    Section,
    VideoCard,
)
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.repositories.packing import pack, unpack

_KINDS: dict[str, type[Block]] = {
    "card": VideoCard,
    "progress": Progress,
    "section": Section,
    "answer": Answer,
    "notice": Notice,
    "file": File,
    "actions": Actions,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class _StoredReply:
    key: str
    blocks: tuple[tuple[str, bytes], ...]
    live: bool
    to: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True)
class _Before:
    """What the version before kept of an event in the place of its command; other texts than
    these name what they want."""

    action: str = ""
    types: tuple[AnalysisType, ...] = ()
    language: str | None = None
    anew: bool = False


def decode_incoming(content: bytes) -> Incoming | None:
    incoming, before = unpack(content, Incoming), unpack(content, _Before)
    if incoming is None or incoming.command or before is None:
        return incoming
    command: Command | None = None
    if before.action:
        command = pressed(before.action)
    elif before.types or before.language or before.anew:
        command = Analyze(incoming.text, before.types, before.language, before.anew)
    return replace(incoming, command=command)


def encode_reply(reply: Reply) -> bytes:
    blocks = tuple((_NAMES[type(block)], pack(block)) for block in reply.blocks)
    return pack(_StoredReply(reply.key, blocks, reply.live, reply.to, reply.opens))


def decode_reply(content: bytes) -> Reply | None:
    stored = unpack(content, _StoredReply)
    if stored is None:
        return None
    read = (
        unpack(content, _KINDS[name]) if name in _KINDS else None for name, content in stored.blocks
    )
    blocks = tuple(block for block in read if block)
    if len(blocks) < len(stored.blocks):
        return None
    return Reply(stored.key, blocks, stored.live, stored.to, stored.opens)
