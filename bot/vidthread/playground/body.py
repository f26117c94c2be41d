"""What a page sends, as values: JSON, or a form with a file."""

from __future__ import annotations

import json
from typing import Annotated

import msgspec
from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from vidthread.sentences import say
from vidthread.surface import Attachment
from vidthread.web import LARGEST_BODY
from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.checking.literal import mended
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest
from youtube_analysis.models.style import Length

_MOST = f"{LARGEST_FILE // 2**20} MB"
_LONGEST_TEXT = 10_000
# Bytes of what is no file, and parts of a form: far more than the page sends.
_LARGEST_JSON, _MOST_PARTS = 2**18, 16
# What taking a form apart may raise, its head and its compression included.
_MALFORMED = (
    ValueError,
    RuntimeError,
    HttpProcessingError,
    web.RequestPayloadError,
    msgspec.MsgspecError,
)
_Text = Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]


class NotUnderstood(InvalidRequest):
    code = "not_understood"


class Body(msgspec.Struct):
    """What else is sent is left alone."""

    link: _Text = ""
    text: str = ""
    action: _Text = ""
    language: _Text = ""
    length: Length | None = None
    types: tuple[_Text, ...] | None = None

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST_TEXT:
            raise ValueError(say("error.too_long", most=_LONGEST_TEXT))
        self.link, self.text = self.link.strip(), self.text.strip()


async def read_body(request: web.Request) -> tuple[Body, Attachment | None]:
    """Raises NotUnderstood, or CaptionsFileTooLarge."""
    file = None
    try:
        if request.content_type.startswith("multipart/"):
            told, file = await _read_form(request)
        else:
            content = await request.read()
            if len(content) > _LARGEST_JSON:
                raise NotUnderstood(say("error.too_long", most=_LONGEST_TEXT))
            told = json.loads(content or b"{}")
        return msgspec.convert(mended(told), Body, strict=False), file
    except web.HTTPRequestEntityTooLarge:
        raise CaptionsFileTooLarge(limit=_MOST) from None
    except _MALFORMED as error:
        why = " ".join(str(getattr(error, "message", error)).split())
        raise NotUnderstood(say("error.unreadable", cause=why.rstrip("."))) from error


async def _read_form(request: web.Request) -> tuple[dict[str, str], Attachment | None]:
    """Raises what a malformed one does."""
    fields: dict[str, str] = {}
    file = None
    parts = await request.multipart()
    for _ in range(_MOST_PARTS):
        part = await parts.next()
        if part is None:
            return fields, file
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=False))
        if len(content) > LARGEST_FILE or request.content.total_bytes > LARGEST_BODY:
            raise CaptionsFileTooLarge(limit=_MOST)
        if part.name == "file":
            file = Attachment(part.filename or "captions", content)
        elif part.name and len(content) <= _LARGEST_JSON:
            fields[part.name] = content.decode("utf-8", errors="replace")
    raise NotUnderstood(say("error.too_many_parts", most=_MOST_PARTS))
