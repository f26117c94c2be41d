"""What a server understands beyond plain chat completions, found out by asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import openai

from .failures import names_its_cause

JsonSchema = dict[str, Any]


class JsonMode(StrEnum):
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


_MODES = tuple(JsonMode)  # from the best on


@dataclass(slots=True)
class Features:
    """All are tried; what the server turned out to do without is never sent again."""

    json_mode: JsonMode = JsonMode.SCHEMA
    include_usage: bool = True
    prompt_cache_key: bool = True

    def options(self, schema: JsonSchema | None, cache_key: str) -> dict[str, Any]:
        """The optional part of a request, for an answer that obeys the schema if there is one."""
        options: dict[str, Any] = {}
        if self.include_usage:
            options["stream_options"] = {"include_usage": True}
        if self.prompt_cache_key:
            options["prompt_cache_key"] = cache_key
        if schema and self.json_mode is JsonMode.SCHEMA:
            options["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif schema and self.json_mode is JsonMode.OBJECT:
            options["response_format"] = {"type": "json_object"}
        return options

    def give_up(self, options: Iterable[str]) -> None:
        for option in options:
            match option:
                case "stream_options":
                    self.include_usage = False
                case "prompt_cache_key":
                    self.prompt_cache_key = False
                case "response_format":
                    self.json_mode = _MODES[_MODES.index(self.json_mode) + 1]

    def keep_to(self, other: Features) -> None:
        """Nothing that `other` does without."""
        self.include_usage &= other.include_usage
        self.prompt_cache_key &= other.prompt_cache_key
        self.json_mode = max(self.json_mode, other.json_mode, key=_MODES.index)


class Negotiation:
    """One request, asked again with less until the server takes it.

    Only then is it known that what was given up was the reason, and the next request begins
    with as little.
    """

    def __init__(self, features: Features, schema: JsonSchema | None, cache_key: str) -> None:
        self._features = features
        self._left = replace(features)
        self._schema = schema
        self._cache_key = cache_key
        self._doubted = False

    @property
    def options(self) -> dict[str, Any]:
        return self._left.options(self._schema, self._cache_key)

    @property
    def left(self) -> str:
        return repr(self._left)

    def again(self, error: openai.APIStatusError) -> bool:
        """Whether to ask again with `options` as they are now.

        What the server names is given up, whatever the status. Where it names nothing, that is
        everything, but not before it refused the same request twice: the first time may have been
        about something else.
        """
        sent = self.options
        if not sent or names_its_cause(error):
            return False
        told = error.response.text[:_LONGEST_REFUSAL].casefold()
        if named := {option for option in sent if any(word in told for word in _WORDS[option])}:
            self._left.give_up(named)
            return True
        if error.status_code not in _ABOUT_OPTIONS:
            return False
        if self._doubted:
            self._left.give_up(sent)
        self._doubted = True
        return True

    def accepted(self) -> None:
        self._features.keep_to(self._left)


_ABOUT_OPTIONS = frozenset({400, 422, 501})
_LONGEST_REFUSAL = 20_000
_WORDS = {
    "stream_options": ("stream_options", "include_usage"),
    "prompt_cache_key": ("prompt_cache_key",),
    "response_format": (
        "response_format",
        "json_schema",
        "json schema",
        "json_object",
        "structured output",
    ),
}
