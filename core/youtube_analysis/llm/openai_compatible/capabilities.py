"""What a server understands beyond plain chat completions, found out by asking."""

from __future__ import annotations

from typing import Any

JsonSchema = dict[str, Any]
# By capability, how a refusal names it.
_NAMES = {
    "stream_options": ("stream_options", "include_usage"),
    "prompt_cache_key": ("prompt_cache_key",),
    "json_schema": ("response_format", "json_schema", "json schema", "structured output"),
    "json_object": ("response_format", "json_object", "json schema", "structured output"),
}
# Statuses by which servers refuse options without a name.
_ABOUT_OPTIONS = frozenset({400, 422, 501})
_LONGEST_REFUSAL = 20_000


class CapabilityProbe:
    """The options of one request, sent again with less until the server takes it. Only then is it
    known that what was left out was the reason: it is added to `missing`, which all requests to
    the server share, and the next one begins with as little."""

    def __init__(self, missing: set[str], schema: JsonSchema | None, cache_key: str) -> None:
        self._known = missing
        self._missing = set(missing)
        self._schema = schema
        self._cache_key = cache_key
        self._retried_unchanged = False

    @property
    def options(self) -> dict[str, Any]:
        """The optional part of the request's body."""
        return dict(self._used().values())

    def refused(self, status: int, text: str) -> bool:
        """Whether to send it again with `options` as they are now.

        What the server names is left out, whatever the status. Where it names nothing, that is
        everything, but not before it refused the same request twice: the first time may have been
        about something else.
        """
        used, said = self._used().keys(), text[:_LONGEST_REFUSAL].casefold()
        named = {one for one in used if any(name in said for name in _NAMES[one])}
        if not used or not (named or status in _ABOUT_OPTIONS):
            return False
        if named or self._retried_unchanged:
            self._missing |= named or used
        self._retried_unchanged = self._retried_unchanged or not named
        return True

    def accepted(self) -> None:
        self._known |= self._missing

    def _used(self) -> dict[str, tuple[str, Any]]:
        """By capability, the field and its value. A form is asked for as a schema, then as any
        object, then not at all."""
        fields: dict[str, tuple[str, Any]] = {
            "stream_options": ("stream_options", {"include_usage": True}),
            "prompt_cache_key": ("prompt_cache_key", self._cache_key),
        }
        if self._schema and "json_schema" not in self._missing:
            schema = {"type": "json_schema", "json_schema": self._schema}
            fields["json_schema"] = ("response_format", schema)
        elif self._schema:
            fields["json_object"] = ("response_format", {"type": "json_object"})
        return {one: field for one, field in fields.items() if one not in self._missing}
