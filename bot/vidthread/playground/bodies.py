"""What pages in browsers send: JSON, or a form with a captions file."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, web

from vidthread.surface import Attachment
from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest
from youtube_analysis.models.analysis import AnalysisType

_LONGEST_TEXT = 10_000
_MOST = f"{LARGEST_FILE // 2**20} MB"


class NotUnderstood(InvalidRequest):
    code = "not_understood"


async def read_body(request: web.Request) -> tuple[dict[str, Any], Attachment | None]:
    """JSON, or a form with a captions file. Raises NotUnderstood, or CaptionsFileTooLarge."""
    try:
        return await _read(request)
    except web.HTTPRequestEntityTooLarge:
        raise CaptionsFileTooLarge(_MOST) from None


async def _read(request: web.Request) -> tuple[dict[str, Any], Attachment | None]:
    if request.content_type.startswith("multipart/"):
        return await _form(request)
    try:
        told = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise NotUnderstood("That is no JSON.") from None
    if not isinstance(told, dict):
        raise NotUnderstood("A JSON object is wanted.")
    return told, None


async def _form(request: web.Request) -> tuple[dict[str, Any], Attachment | None]:
    told: dict[str, Any] = {}
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
            told[part.name] = content.decode("utf-8", errors="replace")
    return told, file


def text_of(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise NotUnderstood(f"“{name}” must be a text.")
    if len(value) > _LONGEST_TEXT:
        raise NotUnderstood(f"That is too long: {_LONGEST_TEXT:,} characters are the most.")
    return value.strip()


def types_of(value: Any) -> tuple[AnalysisType, ...]:
    """Raises UnknownAnalysisType."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise NotUnderstood("“types” must be a list of names.")
    return tuple(AnalysisType.named(name) for name in value)
