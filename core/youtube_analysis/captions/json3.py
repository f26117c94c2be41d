"""YouTube's own JSON captions: events with pieces of text at offsets."""

from __future__ import annotations

import msgspec

from youtube_analysis.errors import UnknownCaptionsFormat

from .cue import Cue, Parsed


class _Piece(msgspec.Struct):
    utf8: str = ""


class _Event(
    msgspec.Struct,
    rename={
        "start": "tStartMs",
        "length": "dDurationMs",
        "pieces": "segs",
        "appends": "aAppend",
    },
):
    start: float = 0
    length: float | None = None
    pieces: list[_Piece] | None = None
    appends: int = 0


class _Captions(msgspec.Struct):
    events: list[_Event]


def looks_like_json3(text: str) -> bool:
    return text.lstrip().startswith("{") and '"events"' in text


def parse_json3(text: str) -> Parsed:
    """Events that only append a line break to the one before carry no words of their own."""
    try:
        captions = msgspec.json.decode(text.encode(), type=_Captions)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise UnknownCaptionsFormat from error
    cues = [
        Cue(
            "".join(piece.utf8 for piece in event.pieces),
            event.start / 1000,
            None if event.length is None else (event.start + event.length) / 1000,
        )
        for event in captions.events
        if event.pieces and not event.appends
    ]
    return Parsed(cues, "json3")
