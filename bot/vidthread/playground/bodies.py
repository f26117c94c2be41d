"""What pages in browsers send: JSON, or a form with a captions file."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import BodyPartReader, web

from vidthread.surface import Attachment
from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest

_MOST = f"{LARGEST_FILE // 2**20} MB"
_LONGEST_TEXT = 10_000
_Text = Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]


class NotUnderstood(InvalidRequest):
    code = "not_understood"


class Body(msgspec.Struct):
    """What else is sent is left alone."""

    link: _Text = ""
    text: str = ""
    action: _Text = ""
    language: _Text = ""
    types: tuple[_Text, ...] | None = None
    anew: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST_TEXT:
            raise ValueError(f"{_LONGEST_TEXT:,} characters are the most")
        self.link, self.text = self.link.strip(), self.text.strip()


async def read_body(request: web.Request) -> tuple[Body, Attachment | None]:
    """Raises NotUnderstood, or CaptionsFileTooLarge."""
    try:
        if request.content_type.startswith("multipart/"):
            return await _form(request)
        return msgspec.json.decode(await request.read() or b"{}", type=Body), None
    except web.HTTPRequestEntityTooLarge:
        raise CaptionsFileTooLarge(_MOST) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotUnderstood(f"That cannot be read: {error}.") from error


async def _form(request: web.Request) -> tuple[Body, Attachment | None]:
    fields: dict[str, str] = {}
    file = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=False))
        if part.name == "file":
            if len(content) > LARGEST_FILE:
                raise CaptionsFileTooLarge(_MOST)
            file = Attachment(part.filename or "captions", content)
        elif part.name:
            fields[part.name] = content.decode("utf-8", errors="replace")
    return msgspec.convert(fields, Body, strict=False), file
