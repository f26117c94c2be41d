"""Settings as fields of a dataclass, called in the environment as in code, in capitals."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import msgspec

# Names with a meaning of their own: nothing chosen, no model, several of them.
_RESERVED = frozenset({"default", "offline", "mixed"})
_LISTED = re.compile(r"(?P<name>[\w.:/-]{1,40})\s*=\s*(?P<model>\S.*?)\s+@\s+(?P<where>\S.*)")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)


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


WINDOW = whole(4_096, 100_000_000)
"""Tokens that a model takes in."""


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


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One of MODELS: `model` at a server of its own, under a name that people may choose. Its key
    is what `key_variable` holds; `context` is None where OPENAI_CONTEXT holds."""

    name: str
    model: str
    base_url: str
    key_variable: str = ""
    context: int | None = None
    api_key: str | None = field(default=None, repr=False)


def listed_models(text: str) -> tuple[ListedModel, ...]:
    """Raises one ValueError for all entries that are wrong."""
    models, wrong = dict[str, ListedModel](), list[str]()
    entries = filter(None, map(str.strip, re.split(r"[;\n]", text)))
    for place, entry in enumerate(entries, start=1):
        try:
            model = _listed_model(entry, models.keys() | _RESERVED)
            models[model.name.casefold()] = model
        except ValueError as error:
            wrong.append(f"entry {place} {error}")
    if wrong:
        raise ValueError(", ".join(wrong))
    return tuple(models.values())


def _listed_model(entry: str, taken: Collection[str]) -> ListedModel:
    found = _LISTED.fullmatch(entry)
    if not found:
        raise ValueError("must be name = model @ address, KEY_VARIABLE, context")
    if found["name"].casefold() in taken:
        raise ValueError(f"must have another name than {found['name']}")
    address, *more = map(str.strip, found["where"].split(","))
    variable, context = "", None
    for part in more:
        if _VARIABLE.fullmatch(part):
            variable = part
        else:
            context = WINDOW(part)
    return ListedModel(found["name"], found["model"], api_url(address), variable, context)


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
            text = read_text(source, name, secret=item.metadata["secret"])
            if text is not None:
                values[item.name] = item.metadata["parse"](text)
        except (ValueError, OSError) as error:
            problems.append(problem_of(name, error))
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
    if default is None or default == ():
        return ""
    return f"{default:.15g}" if isinstance(default, float) else str(default)


def read_text(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    """What is set under a name; of a secret also what the file holds that `<NAME>_FILE` names.
    Raises ValueError and OSError."""
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


def problem_of(name: str, error: ValueError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{name}_FILE cannot be read ({error.strerror})"
    return f"{name} {error}"
