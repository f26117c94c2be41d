"""Reduces Slack's published method definitions to the methods that the local Slack serves.

python -m fakes.slack_schema_reduce SLACK_METHODS_JSON, in `tests`, writes slack_schema.json, under
the definitions' own licence (MIT, © 2015-2026 Daniel Doubrovkine, Artsy and contributors). They are
at https://github.com/slack-ruby/slack-api-ref, one file a method.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fakes.slack_methods import METHODS
from fakes.slack_rules import DOCUMENT

_KEPT = ("scope", "rate_limits", "json_input_supported")
_SERVED = (*METHODS, "apps.connections.open")


def reduced(definitions: dict[str, Any]) -> dict[str, Any]:
    """Of each method its scopes, its tier, whether it reads JSON, and its arguments' types."""
    return {method: _plain(definitions[method]) for method in _SERVED}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    kept = {name: told[name] for name in _KEPT if name in told}
    properties = {name: _types(schema) for name, schema in told["args"]["properties"].items()}
    kept["args"] = {"required": told["args"].get("required", []), "properties": properties}
    return kept


def _types(schema: dict[str, Any]) -> list[str]:
    """The JSON types of an argument; none where it may be of any."""
    kinds = [part.get("type") for part in schema.get("anyOf", [schema])]
    return [] if None in kinds else kinds


if __name__ == "__main__":
    made = reduced(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    DOCUMENT.write_text(json.dumps(made, sort_keys=True, indent=1) + "\n", encoding="utf-8")
