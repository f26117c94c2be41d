"""The ways in which servers of language models fail."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Any

from aiohttp import web


class Failure(StrEnum):
    # Before any token.
    BUSY = "busy"  # 429
    QUOTA = "quota"  # 429 insufficient_quota
    SERVER_ERROR = "server-error"  # 500
    UNAUTHORIZED = "unauthorized"  # 401
    NOT_FOUND = "not-found"  # 404, no such model
    TOO_LONG = "too-long"  # 400 context_length_exceeded
    SILENT = "silent"  # never answers
    HTML = "html"  # 200 with a web page
    GARBAGE = "garbage"  # 200 with events that are no JSON
    ODD_JSON = "odd-json"  # 200 with events that are no completion
    # On the way.
    CUT = "cut"  # the connection breaks
    STALL = "stall"  # half an answer, then silence
    NO_END = "no-end"  # half an answer, then a proper end without finish_reason
    ERROR_EVENT = "error-event"
    ENDLESS = "endless"
    EMPTY = "empty"
    HALF_JSON = "half-json"
    WRONG_SCHEMA = "wrong-schema"
    LENGTH = "length"  # finish_reason length
    FILTERED = "filtered"  # finish_reason content_filter


_STATUS = {
    Failure.BUSY: (429, "rate_limit_exceeded"),
    Failure.QUOTA: (429, "insufficient_quota"),
    Failure.SERVER_ERROR: (500, "internal_error"),
    Failure.UNAUTHORIZED: (401, "invalid_api_key"),
    Failure.NOT_FOUND: (404, "model_not_found"),
    Failure.TOO_LONG: (400, "context_length_exceeded"),
}
_BODIES = {
    Failure.HTML: ("text/html", "<html><body>Log in to the hotel's network</body></html>"),
    Failure.GARBAGE: ("text/event-stream", "data: {{{ not json\n\n"),
    Failure.ODD_JSON: ("text/event-stream", 'data: ["something"]\n\ndata: "else"\n\n'),
}


async def fail_at_once(failure: Failure | None, wait: str | None) -> web.Response | None:
    """The answer of a request that fails before its first token."""
    if failure is Failure.SILENT:
        await asyncio.sleep(3600)
    if failure in _BODIES:
        kind, text = _BODIES[failure]
        return web.Response(text=text, content_type=kind)
    if failure in _STATUS:
        status, code = _STATUS[failure]
        return _error(status, code, code, {"Retry-After": wait} if wait else {})
    return None


def unsupported(body: dict[str, Any], lacks: frozenset[str], *, named: bool) -> web.Response | None:
    """400 for options that a server does not know; some do not say which."""
    form = (body.get("response_format") or {}).get("type")
    sent = {*body, form} & lacks
    if not sent:
        return None
    told = (
        f"Unrecognized request argument supplied: {min(map(str, sent))}" if named else "Bad request"
    )
    return _error(400, "invalid_request_error", told, {})


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> web.Response:
    error = {"message": message, "type": "error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)
