"""Reduces Discord's OpenAPI document to the paths that the local Discord serves.

python -m fakes.discord_schema_reduce DISCORD_OPENAPI_JSON, in `tests`, writes discord_schema.json,
under Discord's own license, LICENSE.discord. The document is at
https://github.com/discord/discord-api-spec.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fakes.discord_routes import ROUTES
from fakes.discord_schema import ANSWERS, DOCUMENT

_SCHEMAS = "#/components/schemas/"
_SAID_TO_PEOPLE = frozenset({"description", "title", "examples", "tags", "summary"})


def reduced(document: dict[str, Any]) -> dict[str, Any]:
    """The JSON bodies of our routes' requests and answers, and all schemas that they name."""
    paths: dict[str, Any] = {}
    for method, template in sorted(ROUTES):
        operation = document["paths"].get(template, {}).get(method.lower())
        if kept := operation and _bodies(operation, answers=(method, template) in ANSWERS):
            paths.setdefault(template, {})[method.lower()] = kept
    schemas, named = {}, set(_named(paths))
    while named:
        name = named.pop()
        schemas[name] = _plain(document["components"]["schemas"][name])
        named |= set(_named(schemas[name])) - schemas.keys()
    return {"info": document["info"], "paths": paths, "components": {"schemas": schemas}}


def _bodies(operation: dict[str, Any], *, answers: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        kept["requestBody"] = {"content": {"application/json": _plain(body)}}
    if answers:
        told = operation["responses"]["200"]["content"]["application/json"]
        kept["responses"] = {"200": {"content": {"application/json": _plain(told)}}}
    return kept


def _plain(value: Any) -> Any:
    """Without what is only said to people; properties may be called like that, too."""
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name == "properties":
            kept[name] = {key: _plain(schema) for key, schema in inner.items()}
        elif name not in _SAID_TO_PEOPLE and not name.startswith("x-"):
            kept[name] = _plain(inner)
    return kept


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.removeprefix(_SCHEMAS)
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _named(inner)


if __name__ == "__main__":
    made = reduced(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    DOCUMENT.write_text(json.dumps(made, sort_keys=True, indent=1) + "\n", encoding="utf-8")
