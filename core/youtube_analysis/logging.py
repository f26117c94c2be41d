"""Structured logs on stderr, without secrets and without lines that somebody else forged."""

from __future__ import annotations

import base64
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

import structlog

REDACTED = "[redacted]"
_SECRET_KEYS = re.compile(
    r"(?:^|_|-)(?:token|authorization|cookies?|api_?key|secret|password|passwd|signature|credentials?|proxy)(?:$|_|-)",
    re.IGNORECASE,
)
_SECRET_SHAPES = (
    re.compile(r"\b(?:Bearer|Bot|Basic)\s+[\w.~+/=-]{8,}"),
    re.compile(r"\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}|\bsk-[\w-]{12,}"),
    re.compile(r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),  # Discord bot tokens
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(
        r"(?<=[?&])((?:signature|sig|key|pot|token|access_token)=)[^&\s\"']+", re.IGNORECASE
    ),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Shorter values are words; blanking every "on" would hide more than it protects.
_SHORTEST_SECRET = 6

Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


def configure_logging(level: str, form: str, secrets: Iterable[str] = ()) -> None:
    """`form` is console or json. Every value in `secrets` is blanked wherever it would appear."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redaction(secrets),
    ]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


class Redaction:
    """A structlog processor: blanks secrets in every key, text, list and dict of an event."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {
            form for secret in secrets if len(secret) >= _SHORTEST_SECRET for form in _forms(secret)
        }
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(
        self, _: object, __: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {self._text(str(key)): self._value(key, value) for key, value in event.items()}

    def _value(self, key: object, value: Any) -> Any:
        if isinstance(key, str) and _SECRET_KEYS.search(key) and value is not None:
            return REDACTED
        match value:
            case bool() | int() | float() | None:
                return value
            case bytes():
                return self._text(value.decode("utf-8", errors="replace"))
            case Mapping():
                return {self._text(str(k)): self._value(k, v) for k, v in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._value(None, item) for item in value]
            case logging.LogRecord():
                return value
        return self._text(str(value))

    def _text(self, text: str) -> str:
        if self._known:
            text = self._known.sub(REDACTED, text)
        for shape in _SECRET_SHAPES:
            text = shape.sub(lambda match: (match[1] if match.lastindex else "") + REDACTED, text)
        # A line break in a title must not look like another event.
        return _CONTROL.sub(lambda c: c[0].encode("unicode_escape").decode(), text)


def _forms(secret: str) -> Iterable[str]:
    """A secret as it is and as it travels: in addresses, in basic authentication."""
    yield secret
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode().rstrip("=")
