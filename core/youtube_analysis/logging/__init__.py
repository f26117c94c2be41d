"""Structured logs on stderr: one line an event, without secrets and without forged lines.

Code logs through `get_logger`. Its events are records of the standard library, so that an
application that embeds this package and has its own logging keeps it. `configure_logging` is for
programs whose logging is ours: theirs and every library's records go the same way.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict

from .redaction import REDACTED, Redaction

__all__ = ["REDACTED", "Redaction", "configure_logging", "get_logger"]

# Silent in programs that set up no logging.
logging.getLogger("youtube_analysis").addHandler(logging.NullHandler())

_FIELDS = "structured_fields"
# Libraries that tell of every step at the level at which we tell of what matters.
_CHATTY = ("alembic", "httpx", "httpx2", "openai")
_UNSHOWN = "a log call could not be shown"
# Of equal lines, so many within a period (seconds): what fails at once again would fill a disk,
# and hide why it does.
_MOST_EQUAL, _PERIOD = 10, 10.0
_LAST_EQUAL = "further lines like this are left out for a while"
_RESERVED = frozenset({"event", "level", "timestamp", "logger", "exception", "stack"})
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", _FIELDS}
_CONSOLES = {
    colors: structlog.dev.ConsoleRenderer(
        colors=colors,
        sort_keys=False,
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,
    )
    for colors in (True, False)
}


def _as_record(_: object, __: str, event: EventDict) -> tuple[tuple[object, ...], dict[str, Any]]:
    """An event as arguments of the standard library, which formats late and keeps `%` in an
    event without arguments as it is."""
    text = event.pop("event", "")
    arguments = event.pop("positional_args", ())
    ours = {key: event.pop(key) for key in ("exc_info", "stack_info", "stacklevel") if key in event}
    return (text, *arguments), {**ours, "extra": {_FIELDS: dict(event)}}


_PROCESSORS = (
    structlog.stdlib.filter_by_level,
    structlog.contextvars.merge_contextvars,
    _as_record,
)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Events are texts of ours; what came from outside belongs in keywords."""
    logger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=_PROCESSORS,
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return cast("structlog.stdlib.BoundLogger", logger)


def configure_logging(
    level: str,
    form: str = "console",
    secrets: Iterable[str] = (),
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Takes over the process's logging; a later call replaces an earlier one.

    `form` is console or json. Every value in `secrets` is blanked wherever it would appear, unless
    it is too short to be told from a word. Warnings and uncaught exceptions are logged too; of
    many equal lines, the first ones.
    """
    handler = _StderrHandler()
    handler.setFormatter(_formatter(Redaction(secrets), _Throttle(clock), as_json=form == "json"))
    root = logging.getLogger()
    # Whatever was there would show what this handler hides.
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    # Libraries that use structlog themselves.
    structlog.configure(
        processors=_PROCESSORS,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Asks for sys.stderr anew each time: a progress display puts its own in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Names the logger and nothing of what the broken call meant to say: the standard library
        would print its arguments, secrets included."""
        if record.msg == _UNSHOWN or isinstance(sys.exception(), _LeftOut):
            return
        shown = {
            "name": record.name,
            "msg": _UNSHOWN,
            "levelname": "ERROR",
            "levelno": logging.ERROR,
        }
        self.emit(logging.makeLogRecord(shown))


class _LeftOut(Exception):
    pass


class _Throttle:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends = clock() + _PERIOD
        self._seen: Counter[int] = Counter()

    def __call__(self, _: object, __: str, event: EventDict) -> EventDict:
        """Raises _LeftOut."""
        if self._clock() >= self._ends:
            self._seen.clear()
            self._ends = self._clock() + _PERIOD
        line = hash(repr([(key, event[key]) for key in event if key != "timestamp"]))
        self._seen[line] += 1
        if self._seen[line] > _MOST_EQUAL:
            raise _LeftOut
        if self._seen[line] == _MOST_EQUAL:
            event["note"] = _LAST_EQUAL
        return event


def _formatter(redaction: Redaction, throttle: _Throttle, *, as_json: bool) -> logging.Formatter:
    def redact(_: object, __: str, event: EventDict) -> EventDict:
        ours = {"level": event.pop("level"), "timestamp": event.pop("timestamp")}
        return redaction.fields(event) | ours

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            _add_fields,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _rename_stack,
            structlog.processors.format_exc_info,
            redact,
            throttle,
            _json_line if as_json else _console_line,
        ]
    )


def _add_fields(_: object, __: str, event: EventDict) -> EventDict:
    """The context, what the call said, and what other libraries put on their records. None of
    them may pass itself off as a field of ours."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog")
    extra = {key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD}
    fields = structlog.contextvars.get_contextvars() | extra | vars(record).get(_FIELDS, {})
    event["logger"] = record.name
    for key, value in fields.items():
        event[f"{key}_" if key in _RESERVED else key] = value
    return event


def _rename_stack(_: object, __: str, event: EventDict) -> EventDict:
    if stack := event.pop("stack_info", None):
        event["stack"] = stack
    return event


def _json_line(_: object, __: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=False)


def _console_line(logger: object, name: str, event: EventDict) -> str:
    for key in ("exception", "stack"):
        if key in event:
            # No line of a trace may look like an event, whatever the message of the exception is.
            event[key] = "\n".join(f"    | {line}" for line in str(event[key]).split("\n"))
    event["timestamp"] = str(event["timestamp"])
    return _CONSOLES[sys.stderr.isatty()](logger, name, event)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("uncaught exception", exc_info=(kind, error, trace))
