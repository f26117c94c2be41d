"""Hides what a log line must not show: known secrets, things shaped like one, and forged lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"

# Shorter values occur in words by chance; blanking every "on" hides more than it protects.
SHORTEST_SECRET = 4
# What we say ourselves. Words of it stay, though people give words as keys to servers that ask
# for none.
_OURS = frozenset({"event", "logger", "url"})
_WORD = re.compile(r".{0,7}|[a-z]{8,11}", re.DOTALL)
_DEEPEST = 8
_CONTAINERS = (Mapping, list, tuple, set, frozenset)

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
        return {
            key if key in _OURS else self.text(key): self._field(key, value)
            for key, value in event.items()
        }

    def _field(self, key: str, value: Any) -> Any:
        if key in _OURS and isinstance(value, str):
            return self._without(self._no_words, value)
        if key in _TRACES and isinstance(value, str):
            return "\n".join(map(self.text, value.split("\n")))
        return self._value(key, value)

    def text(self, text: str) -> str:
        return self._without(self._known, text)

    def _without(self, secrets: re.Pattern[str], text: str) -> str:
        text = secrets.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\g<1>{REDACTED}", text)
        return _DECEPTIVE.sub(lambda found: ascii(found[0])[1:-1], text)

    def _value(self, key: str, value: Any, depth: int = 0) -> Any:
        """`key` names all that the value stands under. `tokens=812` is a count, `token="812"` is
        not: numbers stay, all else goes."""
        if value is None or isinstance(value, bool):
            return value
        hidden = _SECRET_KEYS.search(key)
        is_count = isinstance(value, int | float | Mapping)
        if hidden and not (is_count and hidden[0].casefold() == "token"):
            return REDACTED
        if isinstance(value, _CONTAINERS) and depth >= _DEEPEST:
            return "…"
        match value:
            case int() | float():  # a number may be a secret too; JSON has no infinity
                shown = self.text(str(value))
                return value if shown == str(value) and isfinite(value) else shown
            case Mapping():
                named = [(_decoded(name), item) for name, item in value.items()]
                return {self.text(n): self._value(f"{key} {n}", v, depth + 1) for n, v in named}
            case (str() | bytes() as name, item):  # headers and queries travel as pairs
                name = _decoded(name)
                return [self.text(name), self._value(name, item, depth + 1)]
            case list() | tuple() | set() | frozenset():
                return [self._value("", item, depth + 1) for item in value]
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
