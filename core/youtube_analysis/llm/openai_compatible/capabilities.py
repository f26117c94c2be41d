"""What a server understands beyond plain chat completions, found out by asking."""

from __future__ import annotations

from typing import Any

JsonSchema = dict[str, Any]
# By capability, how a refusal names it. A response format is asked for as a schema, then as any
# object, then not at all.
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
    """Every capability is tried once; what the server does without is never sent again."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def request(self, schema: JsonSchema | None, cache_key: str) -> ProbedRequest:
        return ProbedRequest(self, schema, cache_key)


class ProbedRequest:
    """One request, sent again with less until the server takes it. Only then is it known that
    what was left out was the reason, and the next request begins with as little."""

    def __init__(self, probe: CapabilityProbe, schema: JsonSchema | None, cache_key: str) -> None:
        self.sent = 0
        """How often."""
        self._probe = probe
        self._missing = set(probe.missing)
        self._schema = schema
        self._cache_key = cache_key
        self._retried_unchanged = False

    @property
    def used(self) -> set[str]:
        """The capabilities that `options` ask for."""
        forms = ("json_schema", "json_object") if self._schema else ()
        form = next((form for form in forms if form not in self._missing), None)
        used = {"stream_options", "prompt_cache_key"} - self._missing
        return used | {form} if form else used

    @property
    def options(self) -> dict[str, Any]:
        """The optional part of the request's body."""
        used, options = self.used, dict[str, Any]()
        if "stream_options" in used:
            options["stream_options"] = {"include_usage": True}
        if "prompt_cache_key" in used:
            options["prompt_cache_key"] = self._cache_key
        if "json_schema" in used:
            options["response_format"] = {"type": "json_schema", "json_schema": self._schema}
        if "json_object" in used:
            options["response_format"] = {"type": "json_object"}
        return options

    def refused(self, status: int, text: str) -> bool:
        """Whether to send it again with `options` as they are now.

        What the server names is left out, whatever the status. Where it names nothing, that is
        everything, but not before it refused the same request twice: the first time may have been
        about something else.
        """
        used, told = self.used, text[:_LONGEST_REFUSAL].casefold()
        named = {one for one in used if any(name in told for name in _NAMES[one])}
        if not used or not (named or status in _ABOUT_OPTIONS):
            return False
        if named or self._retried_unchanged:
            self._missing |= named or used
        self._retried_unchanged = self._retried_unchanged or not named
        return True

    def accepted(self) -> None:
        self._probe.missing |= self._missing
