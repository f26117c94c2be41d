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
    BAD_REQUEST = "bad-request"  # 400 without a reason
    NOT_HTTP = "not-http"
    BAD_GZIP = "bad-gzip"  # 500, its body compressed by hearsay
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
    ERROR_REASON = "error-reason"  # finish_reason error
    ABORTED = "aborted"  # finish_reason abort
    UNSAFE = "unsafe"  # finish_reason SAFETY
    # One event in the middle that makes no sense; all others do.
    NULL_CHOICE = "null-choice"
    TEXT_CHOICE = "text-choice"
    TEXT_CHOICES = "text-choices"
    OBJECT_CHOICES = "object-choices"
    LIST_DELTA = "list-delta"
    NUMBER_REASON = "number-reason"
    DEEP = "deep"  # JSON nested beyond all measure
    HUGE_NUMBER = "huge-number"  # of more digits than Python reads
    BAD_UTF8 = "bad-utf8"
    # The answer is whole all the same.
    LIST_USAGE = "list-usage"
    TEXT_USAGE = "text-usage"
    HUGE_USAGE = "huge-usage"
    NEGATIVE_USAGE = "negative-usage"
    LIST_DETAILS = "list-details"
    PARTS = "parts"  # content as a list of parts, thoughts among them
    TWO_CHOICES = "two-choices"  # a second answer that nobody asked for
    COMMENTS_FIRST = "comments-first"  # nothing else for a while
    THOUGHTS_FIRST = "thoughts-first"  # in a field of their own, for a while
    PINGS = "pings"  # comments and empty events between the chunks
    STAYS_OPEN = "stays-open"  # after the end, without [DONE]
    CUT_AFTER_END = "cut-after-end"
    ODD_AFTER_END = "odd-after-end"


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


def _choices(told: str) -> bytes:
    return b'{"choices": %s}' % told.encode()


ODD_EVENTS = {
    Failure.NULL_CHOICE: _choices("[null]"),
    Failure.TEXT_CHOICE: _choices('["x"]'),
    Failure.TEXT_CHOICES: _choices('"x"'),
    Failure.OBJECT_CHOICES: _choices('{"a": 1}'),
    Failure.LIST_DELTA: _choices('[{"delta": [1]}]'),
    Failure.NUMBER_REASON: _choices('[{"delta": {}, "finish_reason": 1}]'),
    Failure.DEEP: b"[" * 100_000,
    Failure.HUGE_NUMBER: _choices("9" * 5_000),
    Failure.BAD_UTF8: b'{"choices": [], "id": "\xff\xfe"}',
}
ODD_USAGE: dict[Failure, object] = {
    Failure.LIST_USAGE: [1],
    Failure.TEXT_USAGE: {"prompt_tokens": "3", "completion_tokens": "1"},
    Failure.HUGE_USAGE: {"prompt_tokens": 10**400, "completion_tokens": 1},
    Failure.NEGATIVE_USAGE: {"prompt_tokens": -3, "completion_tokens": 1},
    Failure.LIST_DETAILS: {"prompt_tokens": 3, "prompt_tokens_details": [1]},
}
SLOW_STARTS = {
    Failure.COMMENTS_FIRST: b": processing\n\n",
    Failure.THOUGHTS_FIRST: b'data: {"choices": [{"delta": {"reasoning": "Hm. "}}]}\n\n',
}
HALVED = frozenset({Failure.CUT, Failure.STALL, Failure.ERROR_EVENT, Failure.NO_END})
REASONS = {
    Failure.LENGTH: "length",
    Failure.FILTERED: "content_filter",
    Failure.ERROR_REASON: "error",
    Failure.ABORTED: "abort",
    Failure.UNSAFE: "SAFETY",
}


async def fail_at_once(
    failure: Failure | None, request: web.Request, wait: str | None
) -> web.Response | None:
    """The answer of a request that fails before its first token."""
    if failure is Failure.SILENT:
        await asyncio.sleep(3600)
    if failure is Failure.NOT_HTTP and isinstance(request.transport, asyncio.Transport):
        request.transport.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        request.transport.close()
    if failure is Failure.BAD_REQUEST:
        return web.Response(status=400, text="oops")
    if failure is Failure.BAD_GZIP:
        return web.Response(status=500, text="oops", headers={"Content-Encoding": "gzip"})
    if failure in _BODIES:
        kind, text = _BODIES[failure]
        return web.Response(text=text, content_type=kind)
    if failure in _STATUS:
        status, code = _STATUS[failure]
        return _error(status, code, code, {"Retry-After": wait} if wait else {})
    return None


def too_long(sent: int, window: int) -> web.Response:
    told = f"request ({sent} tokens) exceeds the available context size ({window} tokens)"
    return _error(400, "exceed_context_size_error", told, {})


def unsupported(
    body: dict[str, Any], lacks: frozenset[str], *, status: int, named: bool
) -> web.Response | None:
    """A refusal of options that a server does not know; some do not say which."""
    form = (body.get("response_format") or {}).get("type")
    sent = {*body, form} & lacks
    if not sent:
        return None
    told = (
        f"Unrecognized request argument supplied: {min(map(str, sent))}" if named else "Bad request"
    )
    return _error(status, "invalid_request_error", told, {})


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> web.Response:
    error = {"message": message, "type": "error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)
