"""What a log line must not show: known secrets, things shaped like one, and forged lines."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

REDACTED = "[redacted]"

# Shorter values occur in words by chance; blanking every "on" hides more than it protects.
SHORTEST_SECRET = 4

_DEEPEST = 8
_TEXTS = (str, bytes, bytearray, memoryview)

_NAMES = r"secret|passw(?:or)?d|passphrase|api[-_. ]?key|signature|credential"
_SECRET_KEYS = re.compile(
    rf"{_NAMES}|token|authori[sz]ation|cookie|proxy"
    r"|(?:private|access|signing)[-_. ]?key|^(?:auth|pwd|sig|pot)$",
    re.IGNORECASE,
)
_KEYS_OF_COUNTS = re.compile("token", re.IGNORECASE)
_KEYS_OF_TRACES = frozenset({"exception", "stack"})
_KEYS_OF_OURS = _KEYS_OF_TRACES | {"event", "logger"}

# Each pattern keeps its group 1, if it has one. Repetitions that could overlap are bounded, so
# that no text takes more than linear time.
_SHAPES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # What stands before the @ in scheme://user:password@host.
        r"(?<=://)[^\s/?#\"'<>]+(?=@)",
        # Headers, to the end of their line.
        r"((?:authorization|cookie)\s{0,3}[:=]\s{0,3})(?![\"'\s])[^\r\n]+",
        r"\bbearer\s+[\w.~+/%-]{6,}=*",
        r"\bbasic\s+[a-z0-9+/]{8,}={1,2}",
        # A name and its value, in prose, in a query or in quotes.
        rf"((?:{_NAMES})[\w-]{{0,20}}=)[^&\s\"',;<>]+",
        r"(token[\w-]{0,20}=)(?!\d{1,12}(?![\w.-]))[^&\s\"',;<>]+",
        r"((?:passw(?:or)?d|api[-_ ]?key):\s{1,3})[^\s\"',;<>]+",
        (
            rf"((?:{_NAMES}|token|authorization|cookie)[\w-]{{0,20}}\\{{0,3}}[\"']?"
            r"\s{0,3}[:=,]\s{0,3}b?\\{0,3}([\"']))(?:\\[\s\S]|(?!\2)[^\\])+"
        ),
        # Queries that prove who asks, such as the captions addresses of YouTube.
        r"((?:[?&]|&amp;|\\u0026|%3F|%26)(?:pot|key|l?sig)(?:=|%3D))[^&\s\"'\\<>]+",
        # Discord bot tokens, JSON web tokens, the token in the path of a webhook or interaction.
        r"(?<![\w.-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}",
        r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
        r"(/(?:webhooks|interactions)/\d{1,20}/)[\w.-]{8,}",
        # Slack tokens and incoming webhooks; OpenAI keys and those of the same shape.
        r"(?<![\w-])(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[\w-]{6,}",
        r"(/services/T\w{2,20}/B\w{2,20}/)\w{8,}",
        r"(?<![\w-])sk-[\w-]{8,}",
    )
)

# What stands behind the backslash where a text of Python, JSON or a shell escapes the character.
_BACKSLASHED = dict(zip("\n\r\t\b\f\v\a\0", "nrtbfva0", strict=True))
_BACKSLASHED |= {char: re.escape(char) for char in "\\\"'/"}

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
        known = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len)
        patterns = [form for secret in reversed(known) for form in _forms(secret)]
        self._known = re.compile("|".join(patterns)) if patterns else None

    def fields(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of one log line. Traces keep their line breaks."""
        return {
            (key if key in _KEYS_OF_OURS else self._key(key)): self.text(value, lines=True)
            if key in _KEYS_OF_TRACES and isinstance(value, str)
            else self._under(key, value, 0)
            for key, value in event.items()
        }

    def text(self, text: str, *, lines: bool = False) -> str:
        if self._known:
            text = self._known.sub(REDACTED, text)
        for shape in _SHAPES:
            text = shape.sub(_keep_name, text)
        if lines:
            return "\n".join(_DECEPTIVE.sub(_escape, line) for line in text.split("\n"))
        return _DECEPTIVE.sub(_escape, text)

    def _key(self, key: object) -> str:
        return self.text(_text_of(key) if isinstance(key, str | bytes) else str(key))

    def _under(self, key: object, value: Any, depth: int) -> Any:
        name = _text_of(key) if isinstance(key, str | bytes) else ""
        if value is None or isinstance(value, bool) or not _SECRET_KEYS.search(name):
            return self._plain(value, depth)
        if _KEYS_OF_COUNTS.search(name):
            return self._counts(value, depth)
        return REDACTED

    def _counts(self, value: Any, depth: int) -> Any:
        """`tokens=812` is a count, `token="812"` is not: numbers stay, all else goes."""
        if isinstance(value, int | float):
            return self._plain(value, depth)
        if isinstance(value, Mapping) and depth < _DEEPEST:
            return {self._key(key): self._counts(item, depth + 1) for key, item in value.items()}
        return REDACTED

    def _plain(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            # A number may be a secret too; infinity and NaN have no place in JSON.
            shown = self.text(str(value))
            return value if shown == str(value) and isfinite(value) else shown
        if isinstance(value, _TEXTS):
            return self.text(_text_of(value))
        return self._container(value, depth + 1) if depth < _DEEPEST else "…"

    def _container(self, value: Any, depth: int) -> Any:
        match value:
            case Mapping():
                return {
                    self._key(key): self._under(key, item, depth) for key, item in value.items()
                }
            case (str() | bytes() as key, item):
                # Headers and queries travel as pairs.
                return [self._key(key), self._under(key, item, depth)]
            case list() | tuple() | set() | frozenset():
                return [self._plain(item, depth) for item in value]
        return self.text(str(value))


def _keep_name(match: re.Match[str]) -> str:
    return (match[1] if match.re.groups else "") + REDACTED


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _text_of(value: str | bytes | bytearray | memoryview) -> str:
    if isinstance(value, str):
        return value
    return bytes(value).decode("utf-8", errors="backslashreplace")


def _forms(secret: str) -> Iterable[str]:
    """Patterns for a secret as it is, as it travels in addresses and JSON, and inside base64."""
    yield "".join(_spellings(char) for char in secret)
    octets = secret.encode("utf-8", "surrogatepass")
    for offset in range(3):
        # Four characters of base64 tell three bytes, so what stands before the secret decides
        # which of three texts it becomes; characters shared with a neighbour are left off.
        coded = base64.b64encode(bytes(offset) + octets).decode()
        core = coded[-(-8 * offset // 6) : 8 * (offset + len(octets)) // 6]
        if len(core) >= SHORTEST_SECRET:
            yield core.replace("+", "[+-]").replace("/", "[/_]")


def _spellings(char: str) -> str:
    """One character as itself, %-encoded once or more often, escaped with backslashes."""
    octets = char.encode("utf-8", "surrogatepass")
    escaped = [f"[xu]0{{0,6}}{ord(char):x}"]
    if len(octets) > 1:
        escaped.append(r"\\{1,4}".join(f"x{octet:02x}" for octet in octets))
    if len(octets) > 3:
        units = char.encode("utf-16-be").hex()
        escaped.append(rf"u{units[:4]}\\{{1,4}}u{units[4:]}")
    if char in _BACKSLASHED:
        escaped.append(_BACKSLASHED[char])
    forms = [
        re.escape(char),
        "(?i:" + "".join(f"%(?:25){{0,3}}{octet:02x}" for octet in octets) + ")",
        r"\\{1,4}(?i:" + "|".join(escaped) + ")",
    ]
    if char == " ":
        forms.append(r"\+")
    elif html.escape(char) != char:
        forms.append(re.escape(html.escape(char)))
    return "(?:" + "|".join(forms) + ")"
