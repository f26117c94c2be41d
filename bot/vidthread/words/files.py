"""A text file that came with a message: captions of a talk, or a long paste that asks something."""

from __future__ import annotations

from vidthread.sentences import say
from youtube_analysis.captions import parse_captions
from youtube_analysis.errors import InvalidRequest

LONGEST_PASTE = 20_000


class PasteTooLong(InvalidRequest):
    code = "paste_too_long"

    def __init__(self) -> None:
        super().__init__(say("error.paste_too_long", most=LONGEST_PASTE))


def pasted_text(name: str, content: bytes, *, beside: str) -> str:
    """What a file says to us; empty where it reads as captions, or is no text. Words `beside` it
    ask about a text whose lines begin with times, which may be a log as well. Raises
    PasteTooLong."""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return ""
    try:
        captions = parse_captions(name, content)
    except InvalidRequest:
        pass
    else:
        if captions.timed and not (beside and captions.format == "txt"):
            return ""
    if len(text) > LONGEST_PASTE:
        raise PasteTooLong
    return text
