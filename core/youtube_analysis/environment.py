"""Settings as fields of a dataclass, called in the environment as in code, in capitals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import msgspec


def setting(
    default: object, parse: Callable[[str], object], meaning: str, *, secret: bool = False
) -> Any:
    metadata = {"parse": parse, "meaning": meaning, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


def number(lowest: float, highest: float) -> Callable[[str], float]:
    kind = Annotated[float, msgspec.Meta(ge=lowest, le=highest)]
    return _parser(kind, f"must be a number between {lowest:.15g} and {highest:.15g}")


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    kind = Annotated[int, msgspec.Meta(ge=lowest, le=highest)]
    return _parser(kind, f"must be a whole number between {lowest} and {highest}")


def numbers(meaning: str) -> Callable[[str], tuple[int, ...]]:
    """Whole numbers, separated by commas: each once, in their order."""
    read = _parser(set[int], f"must be {meaning}, separated by commas")
    return lambda text: tuple(sorted(read([part.strip() for part in text.split(",")])))


def _parser(kind: Any, wrong: str) -> Callable[[object], Any]:
    """Raises ValueError with this sentence where the text is of another kind."""

    def parse(text: object) -> Any:
        try:
            return msgspec.convert(text, kind, strict=False)
        except msgspec.ValidationError:
            raise ValueError(wrong) from None

    return parse


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for name in allowed:
            if text.casefold() == name.casefold():
                return name
        raise ValueError(f"must be one of {', '.join(allowed)}")

    return parse


def http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not (parts.query or parts.fragment or any(c.isspace() for c in text))
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or not plain:
        raise ValueError("must be an http or https address, without query or fragment")
    return text.rstrip("/")


def api_url(text: str) -> str:
    """The address of an API, maybe with the query that all its requests bring."""
    address, _, query = text.partition("?")
    return f"{http_url(address)}?{query}" if query else http_url(address)


def splits(address: str) -> bool:
    """Whether an address has parts at all."""
    try:
        return bool(urlsplit(address))
    except ValueError:
        return False


def read_fields(kind: type[Any], source: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values that `source` sets for the fields of a dataclass, and what is wrong with others.

    `<NAME>_FILE` names a file that holds the value of a secret.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for item in fields(kind):
        name = item.name.upper()
        try:
            text = _read(source, name, secret=item.metadata["secret"])
            if text is not None:
                values[item.name] = item.metadata["parse"](text)
        except (ValueError, OSError) as error:
            problems.append(_problem(name, error))
    return values, problems


def secrets_of(settings: Any) -> tuple[str, ...]:
    """Values that no log line may show, passwords within addresses included."""
    values = (getattr(settings, f.name) for f in fields(settings) if f.metadata["secret"])
    whole = [str(value) for value in values if value]
    passwords = [urlsplit(value).password or "" for value in whole if splits(value)]
    return tuple(filter(None, (*whole, *passwords, *map(unquote, passwords))))


@dataclass(frozen=True, slots=True)
class SettingRow:
    name: str
    default: str
    meaning: str


def rows_of(kind: type[Any]) -> tuple[SettingRow, ...]:
    """One row per setting, for `--help`, the README's table and its test."""
    return tuple(
        SettingRow(item.name.upper(), _shown(item.default), item.metadata["meaning"])
        for item in fields(kind)
    )


def _shown(default: object) -> str:
    if default is None:
        return ""
    return f"{default:.15g}" if isinstance(default, float) else str(default)


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}_FILE", "").strip() if secret else ""
    if not path:
        return value or None
    if value:
        raise ValueError(f"and {name}_FILE are both set; keep one")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except ValueError:
        raise ValueError(f"cannot be read: {name}_FILE names no text file") from None
    if not text:
        raise ValueError(f"is missing: {name}_FILE names an empty file")
    return text


def _problem(name: str, error: ValueError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{name}_FILE cannot be read ({error.strerror})"
    return f"{name} {error}"
