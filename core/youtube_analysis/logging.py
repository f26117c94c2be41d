"""Structured logs on stderr: one line an event, without secrets and without forged lines.

Code logs through `get_logger`. Its events are records of the standard library, so that an
application that embeds this package and has its own logging keeps it. `configure_logging` is for
programs whose logging is ours: theirs and every library's records go the same way.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import isfinite
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import EventDict, Processor

REDACTED = "[redacted]"
# Silent in programs that set up no logging.
logging.getLogger("youtube_analysis").addHandler(logging.NullHandler())

_FIELDS = "structured_fields"
# Libraries that tell of every step.
_CHATTY = ("alembic", "httpx", "httpx2", "openai")
_UNSHOWN = "a log call could not be shown"
# Of equal lines, so many within so many seconds: more would fill a disk, and hide the cause.
_MOST_EQUAL, _PERIOD = 10, 10.0
_RESERVED = frozenset({"event", "level", "timestamp", "logger", "exception", "stack"})
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", _FIELDS}


def _as_record(_: object, __: str, event: EventDict) -> tuple[tuple[object, ...], dict[str, Any]]:
    """An event as arguments of the standard library, which formats late and keeps `%` in an
    event without arguments as it is."""
    text = event.pop("event", "")
    arguments = event.pop("positional_args", ())
    ours = {key: event.pop(key) for key in ("exc_info", "stack_info", "stacklevel") if key in event}
    return (text, *arguments), {**ours, "extra": {_FIELDS: dict(event)}}


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Events are texts of ours; what came from outside belongs in keywords."""
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=(
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            _as_record,
        ),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return logger


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


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Asks for sys.stderr anew each time: a progress display puts its own in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        with suppress(structlog.DropEvent):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Names the logger and nothing of what the broken call meant to say: the standard library
        would print its arguments, secrets included."""
        if record.msg == _UNSHOWN:
            return
        level = {"levelname": "ERROR", "levelno": logging.ERROR}
        self.emit(logging.makeLogRecord({"name": record.name, "msg": _UNSHOWN, **level}))


class _Throttle:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends = clock() + _PERIOD
        self._seen: Counter[int] = Counter()

    def __call__(self, _: object, __: str, event: EventDict) -> EventDict:
        """Raises DropEvent."""
        if self._clock() >= self._ends:
            self._seen.clear()
            self._ends = self._clock() + _PERIOD
        line = hash(repr([(key, event[key]) for key in event if key != "timestamp"]))
        self._seen[line] += 1
        if self._seen[line] > _MOST_EQUAL:
            raise structlog.DropEvent
        if self._seen[line] == _MOST_EQUAL:
            event["note"] = "further lines like this are left out for a while"
        return event


def _formatter(redaction: Redaction, throttle: _Throttle, *, as_json: bool) -> logging.Formatter:
    def redact(_: object, __: str, event: EventDict) -> EventDict:
        ours = {"level": event.pop("level"), "timestamp": event.pop("timestamp")}
        return redaction.fields(event) | ours

    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if not as_json:
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=0, exception_formatter=plain
        )
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            _add_fields,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            throttle,
            *(() if as_json else (_quote_traces,)),
            renderer,
        ]
    )


def _add_fields(_: object, __: str, event: EventDict) -> EventDict:
    """The context, what the call said, and what other libraries put on their records. None of
    them may pass itself off as a field of ours."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog")
    extra = {key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD}
    fields = structlog.contextvars.get_contextvars() | extra | vars(record).get(_FIELDS, {})
    if stack := event.pop("stack_info", None):
        event["stack"] = stack
    event["logger"] = record.name
    for key, value in fields.items():
        event[f"{key}_" if key in _RESERVED else key] = value
    return event


def _quote_traces(_: object, __: str, event: EventDict) -> EventDict:
    """No line of a trace may look like an event, whatever the message of the exception is."""
    for key in _TRACES & event.keys():
        event[key] = "\n".join(f"    | {line}" for line in str(event[key]).split("\n"))
    return event


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("uncaught exception", exc_info=(kind, error, trace))


# Shorter values occur in words by chance; blanking every "on" hides more than it protects.
SHORTEST_SECRET = 4
# What we say ourselves. Words of it stay, though people give words as keys to servers that ask
# for none.
_OURS = frozenset({"event", "logger", "url"})
_WORD = re.compile(r".{0,7}|[a-z]{8,11}", re.DOTALL)

_NAMES = r"secret|passw(?:or)?d|passphrase|api[-_. ]?key|signature|credential"
_SECRET_KEYS = re.compile(
    rf"{_NAMES}|token|authori[sz]ation|cookie|proxy|(?:private|access|signing)[-_. ]?key"
    r"|(?:^| )(?:auth|pwd|sig|pot)$",
    re.IGNORECASE,
)
# From a name to its value, and the value, either maybe escaped.
_IS = r"[\w-]{0,20}[\\'\"]{0,4}\s{0,3}[:=]\s{0,3}[\\'\"]{0,4}"
_VALUE = r"(?:\\.|[^&\s\\\"',;<>])+"
_TRACES = frozenset({"exception", "stack"})

# What group 1 matches is kept. Repetitions that could overlap are bounded, so that no text takes
# more than linear time.
_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # What stands before the @ in scheme://user:password@host.
        r"(://)[^\s/?#\"'<>]+(?=@)",
        # Headers, to the end of their line or of their quotes.
        r"((?:authorization|cookie)['\"]?\s{0,3}[:=]\s{0,3}['\"]?)(?!\s)[^\r\n'\"]+",
        # A name and its value, in prose, in a query or in quotes.
        rf"((?:{_NAMES}|(?:[?&]|\\u0026)(?:pot|l?sig|key)){_IS}){_VALUE}",
        rf"(token{_IS})(?!\d{{1,12}}(?![\w.-])){_VALUE}",
        # Tokens of Discord's; those of Slack's and of OpenAI's; JSON web tokens.
        r"(?<![\w.-])()[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}",
        r"(?<![\w-])()(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp|sk)-[\w-]{6,}",
        r"(?<![\w-])()eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
        # Webhooks and interactions have theirs in the path.
        r"(/(?:webhooks|interactions)/\d{1,20}/|/services/T\w{2,20}/B\w{2,20}/)[\w.-]{8,}",
    )
)

# Control characters, line and paragraph separators, lone surrogates, and what turns the
# direction of the text around it.
_DECEPTIVE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


class Redaction:
    """Turns values of any kind into plain ones (text, numbers, lists, dicts) that are safe to show.

    Works on finished values: call it after exceptions have become text.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        secrets = tuple(secrets)
        self._known = _any_of(one for one in secrets if len(one) >= SHORTEST_SECRET)
        self._no_words = _any_of(one for one in secrets if not _WORD.fullmatch(one))

    def fields(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of one log line. Traces keep their line breaks."""
        shown: dict[str, Any] = {}
        for key, value in event.items():
            if key in _OURS and isinstance(value, str):
                shown[key] = self._without(self._no_words, value)
            elif key in _TRACES and isinstance(value, str):
                shown[key] = "\n".join(map(self.text, value.split("\n")))
            else:
                shown[self.text(key)] = self._value(key, value)
        return shown

    def text(self, text: str) -> str:
        return self._without(self._known, text)

    def _without(self, secrets: re.Pattern[str], text: str) -> str:
        text = secrets.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\g<1>{REDACTED}", text)
        return _DECEPTIVE.sub(lambda found: ascii(found[0])[1:-1], text)

    def _value(self, key: str, value: Any) -> Any:
        """`key` names all that the value stands under. `tokens=812` is a count, `token="812"` is
        not: numbers stay, all else goes."""
        if value is None or isinstance(value, bool):
            return value
        hidden = _SECRET_KEYS.search(key)
        is_count = isinstance(value, int | float | Mapping)
        if hidden and not (is_count and hidden[0].casefold() == "token"):
            return REDACTED
        match value:
            case int() | float():  # a number may be a secret too; JSON has no infinity
                shown = self.text(str(value))
                return value if shown == str(value) and isfinite(value) else shown
            case Mapping():
                named = [(_decoded(name), item) for name, item in value.items()]
                return {self.text(n): self._value(f"{key} {n}", v) for n, v in named}
            case (str() | bytes() as name, item):  # headers and queries travel as pairs
                name = _decoded(name)
                return [self.text(name), self._value(name, item)]
            case list() | tuple() | set() | frozenset():
                return [self._value("", item) for item in value]
        return self.text(_decoded(value))


def _any_of(secrets: Iterable[str]) -> re.Pattern[str]:
    forms = {form for one in secrets for form in _forms(one)}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _forms(secret: str) -> Iterable[str]:
    """A secret as it is, in addresses and forms, in JSON and in what Python prints."""
    octets = secret.encode("utf-8", "surrogatepass")
    yield from (secret, quote(octets), quote(octets, safe=""), quote_plus(octets))
    yield from (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield from (repr(secret)[1:-1], str(octets)[2:-1])


def _decoded(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="backslashreplace")
    return str(value)
