"""Requests held against Discord's own OpenAPI document.

Objects are closed, so that a key that Discord does not know is found too. What the document
leaves out, or words wider than it is for bots, stands in `_overlay`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from fakes.discord_errors import Refused

DOCUMENT = Path(__file__).parents[2].parent / "shared" / "specs" / "discord-openapi.json"
_WORDS = {
    "maxLength": ("BASE_TYPE_MAX_LENGTH", "Must be {0} or fewer in length."),
    "minLength": ("BASE_TYPE_MIN_LENGTH", "Must be {0} or more in length."),
    "maxItems": ("BASE_TYPE_MAX_LENGTH", "Must be {0} or fewer in length."),
    "minItems": ("BASE_TYPE_BAD_LENGTH", "Must be {0} or more in length."),
    "maximum": ("NUMBER_TYPE_MAX", "int value should be less than or equal to {0}."),
    "minimum": ("NUMBER_TYPE_MIN", "int value should be greater than or equal to {0}."),
    "enum": ("BASE_TYPE_CHOICES", "Value must be one of {0}."),
    "required": ("BASE_TYPE_REQUIRED", "This field is required: {1}"),
    "additionalProperties": ("UNKNOWN_KEY", "Discord's document has no such key: {1}"),
}


def refusal(method: str, template: str, body: Any) -> Refused | None:
    """Why Discord would not take this body, if it would not. `template` is a path of the
    document; one that has no body there, or no document, refuses nothing."""
    validator = _validator(method.lower(), template)
    if validator is None:
        return None
    error = best_match(validator.iter_errors(body))
    if error is None:
        return None
    path = ".".join(str(part) for part in error.absolute_path)
    return Refused.form(path, *_worded(error))


def _worded(error: ValidationError) -> tuple[str, str]:
    code, words = _WORDS.get(str(error.validator), ("BASE_TYPE_BAD_TYPE", "{1}"))
    return code, words.format(error.validator_value, error.message)


@cache
def _validator(method: str, template: str) -> Draft202012Validator | None:
    if not DOCUMENT.is_file():
        return None
    content = (
        _document()["paths"]
        .get(template, {})
        .get(method, {})
        .get("requestBody", {})
        .get("content", {})
    )
    if "application/json" not in content:
        return None
    path = template.replace("~", "~0").replace("/", "~1")
    pointer = f"/paths/{path}/{method}/requestBody/content/application~1json/schema"
    return Draft202012Validator({"$ref": f"urn:discord#{pointer}"}, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(_document(), default_specification=DRAFT202012)
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource("urn:discord", resource)
    return registry


@cache
def _document() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for schema in _objects(told["components"]["schemas"]):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    _overlay(told["components"]["schemas"])
    return told


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "object":
            yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _overlay(schemas: dict[str, Any]) -> None:
    for schema in schemas.values():
        content = schema.get("properties", {}).get("content", {})
        if content.get("maxLength") == 4000:
            content["maxLength"] = 2000  # 4000 is for people who pay
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    # What discord.py sends and Discord ignores.
    for name in ("MessageEditRequestPartial", "IncomingWebhookUpdateRequestPartial"):
        schemas[name]["properties"]["tts"] = {"type": "boolean"}
    schemas["IncomingWebhookUpdateForInteractionCallbackRequestPartial"]["properties"]["tts"] = {
        "type": "boolean"
    }
    schemas["RichEmbed"]["properties"]["flags"] = {"type": "integer"}
    for name in ("ApplicationCommandUpdateRequest", "ApplicationCommandCreateRequest"):
        schemas[name]["properties"]["nsfw"] = {"type": "boolean"}
