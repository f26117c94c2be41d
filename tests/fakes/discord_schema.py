"""Requests held against Discord's own OpenAPI document, reduced to the paths that are used.

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
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from fakes.discord_errors import Refused

DOCUMENT = Path(__file__).with_name("discord_schema.json")
ANSWERS = frozenset({("GET", "/users/@me/guilds")})
"""Routes whose answers can be held against it, too."""
_BY_TYPE = "x-by-type"
_LONGEST_WORDS = 300
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
_IGNORED = (
    ("MessageEditRequestPartial", "tts", "boolean"),
    ("IncomingWebhookUpdateRequestPartial", "tts", "boolean"),
    ("IncomingWebhookUpdateForInteractionCallbackRequestPartial", "tts", "boolean"),
    ("BaseCreateMessageCreateRequest", "tts", "boolean"),
    ("CreateForumThreadRequest", "type", "integer"),
    ("RichEmbed", "flags", "integer"),
    ("ApplicationCommandUpdateRequest", "nsfw", "boolean"),
)


def refusal(method: str, template: str, body: Any) -> Refused | None:
    """Why Discord would not take this body, if it would not. `template` is a path of the
    document; one that has no body there refuses nothing."""
    validator = _validator(method.lower(), template)
    if validator is None:
        return None
    error = best_match(validator.iter_errors(body))
    if error is None:
        return None
    path = ".".join(str(part) for part in error.absolute_path)
    return Refused.form(path, *_worded(error))


def strangeness(method: str, template: str, told: Any) -> str:
    """What Discord's document says otherwise of the JSON of a 200; empty where nothing is."""
    path = template.replace("~", "~0").replace("/", "~1")
    pointer = f"/paths/{path}/{method.lower()}/responses/200/content/application~1json/schema"
    validator = _Validator({"$ref": f"urn:discord#{pointer}"}, registry=_registry())
    error = best_match(validator.iter_errors(told))
    return "" if error is None else f"{list(error.absolute_path)}: {error.message}"


def _worded(error: ValidationError) -> tuple[str, str]:
    code, words = _WORDS.get(str(error.validator), ("BASE_TYPE_BAD_TYPE", "{1}"))
    return code, words.format(error.validator_value, error.message[:_LONGEST_WORDS])


@cache
def _validator(method: str, template: str) -> Validator | None:
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
    return _Validator({"$ref": f"urn:discord#{pointer}"}, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(_document(), default_specification=DRAFT202012)
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource("urn:discord", resource)
    return registry


@cache
def _document() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    schemas = told["components"]["schemas"]
    for schema in list(_schemas(schemas)):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        _quicken(schema, schemas)
    _overlay(schemas)
    return told


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _schemas(inner)


def _quicken(schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The same rules in a shape that is checked without trying every branch: constants as one
    list, and a union of objects by the type that each of them names."""
    branches = schema.get("oneOf")
    if isinstance(schema.get("enum"), list):
        schema.pop("allOf", None)
    elif isinstance(branches, list) and all("const" in branch for branch in branches):
        schema["enum"] = [branch["const"] for branch in schema.pop("oneOf")]
    elif isinstance(branches, list) and all("$ref" in branch for branch in branches):
        kinds = [_kinds(schemas[branch["$ref"].rpartition("/")[2]]) for branch in branches]
        if all(kinds):
            del schema["oneOf"]
            listed = zip(kinds, branches, strict=True)
            schema[_BY_TYPE] = {kind: branch for some, branch in listed for kind in some}


def _by_type(
    validator: Any, branches: dict[int, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    kind = instance.get("type") if isinstance(instance, dict) else None
    if isinstance(kind, int) and kind in branches:
        yield from validator.descend(instance, branches[kind])
    else:
        allowed = ", ".join(map(str, branches))
        yield ValidationError(f'Value of field "type" must be one of ({allowed}).')


def _kinds(schema: dict[str, Any]) -> list[int]:
    """The values of `type` by which an object is told from others."""
    kinds: list[int] = schema.get("properties", {}).get("type", {}).get("enum", [])
    return kinds


def _overlay(schemas: dict[str, Any]) -> None:
    for name, schema in schemas.items():
        if "TextDisplay" in name:
            continue
        content = schema.get("properties", {}).get("content", {})
        if content.get("maxLength") == 4000:
            content["maxLength"] = 2000  # 4000 is for people who pay
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    # What discord.py sends and Discord ignores.
    for name, key, kind in _IGNORED:
        schemas[name]["properties"][key] = {"type": kind}
    # An attachment that stays is sent back whole.
    del schemas["MessageAttachmentRequest"]["additionalProperties"]


# Its stubs leave `extend` without types.
_Validator: type[Validator] = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {_BY_TYPE: _by_type}
)
