"""What a server understands beyond plain chat completions, found out by asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import openai

from .failures import names_its_cause
from .summary import SCHEMA


class JsonMode(StrEnum):
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


_NEXT = {JsonMode.SCHEMA: JsonMode.OBJECT, JsonMode.OBJECT: JsonMode.TEXT}


@dataclass(slots=True)
class Features:
    """All are tried; one that the server refuses is never sent again."""

    json_mode: JsonMode = JsonMode.SCHEMA
    include_usage: bool = True
    prompt_cache_key: bool = True

    def options(self, *, as_json: bool, cache_key: str) -> dict[str, Any]:
        """The optional part of a request."""
        options: dict[str, Any] = {}
        if self.include_usage:
            options["stream_options"] = {"include_usage": True}
        if self.prompt_cache_key:
            options["prompt_cache_key"] = cache_key
        if as_json and self.json_mode is JsonMode.SCHEMA:
            options["response_format"] = {"type": "json_schema", "json_schema": SCHEMA}
        elif as_json and self.json_mode is JsonMode.OBJECT:
            options["response_format"] = {"type": "json_object"}
        return options

    def drop(self, error: openai.APIStatusError, sent: dict[str, Any]) -> bool:
        """Gives up what the server refused, or everything where it does not say what that was.

        False if nothing is left to give up, or the request was refused for another reason.
        """
        if error.status_code not in {400, 422, 501} or not sent or names_its_cause(error):
            return False
        told = str(error.body or error.message).casefold()
        named = {option for option in sent if any(word in told for word in _WORDS[option])}
        for option in named or set(sent):
            self._give_up(option)
        return True

    def _give_up(self, option: str) -> None:
        match option:
            case "stream_options":
                self.include_usage = False
            case "prompt_cache_key":
                self.prompt_cache_key = False
            case "response_format":
                self.json_mode = _NEXT.get(self.json_mode, JsonMode.TEXT)


_WORDS = {
    "stream_options": ("stream_options", "include_usage"),
    "prompt_cache_key": ("prompt_cache_key",),
    "response_format": ("response_format", "json_schema", "json_object", "schema"),
}
