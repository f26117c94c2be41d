"""What one server takes: what its refusals mean, what it was found to lack, how much it reads at
once, and a request put in its terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    WindowTooSmall,
)
from youtube_analysis.llm.prompts.messages import LEAST_WINDOW, Conversation, JsonSchema

if TYPE_CHECKING:
    import openai

# Characters in which a refusal says what it is about; behind them some echo the request.
_LONGEST_REFUSAL = 2_000
_QUOTA = re.compile(
    r"insufficient[_ ](?:quota|balance|credits)|billing_hard_limit|credit balance is too low"
    r"|exceeded_current_quota|all available credits|arrearage|余额不足"
)
_DECLINED = re.compile(r"content[_ ](?:filter|policy|management)|data_inspection|moderation")
# A prompt that is too long is refused in a few dozen wordings: each names a size, and that it is
# exceeded. A limit by the minute passes, unless one request is beyond it.
_SIZE = re.compile(
    r"token|context[_ ](?:length|size|window|limit)|prompt|input|length|too large|too_large|长度"
)
_EXCESS = re.compile(
    r"too[_ ](?:long|large|many)|exceed|overflow|(?:long|larg|great|bigg)er than|maximum|\blimit"
    r"|max[_ ](?:model[_ ])?(?:len|context)|must (?:be <|have (?:less|fewer))|range of"
    r"|\bn_ctx\b|超长|超过|超出"
)
_BY_TIME = re.compile(r"rate[_ ]limit|per[_ ]min|\btpm\b")
_TOO_LARGE = re.compile(r"request (?:is )?too large")
# No server that names its window has a smaller one: what is less numbers an error.
_SMALLEST_NAMED = 2_048
_NUMBER = re.compile(r"(?<![\w.-])(?<!\+ )(?:\d{1,3}(?:,\d{3})+(?!\w)|\d{4,8}(?!\w|\.\d))")
# What is named as the context is that, whatever else is counted.
_CONTEXT = re.compile(r"context[_ ](?:length|size|window)\D{0,24}?(?<![\w.-])(\d[\d,]{3,9})(?!\w)")
# By capability, how a refusal names it.
_NAMES = {
    "stream": r"\bstream(?:ing)?\b.{0,60}(?:not|unsupported)|(?:not|unsupported|verif).{0,60}"
    r"\bstream(?:ing)?\b",
    "stream_options": r"stream_options|include_usage",
    "prompt_cache_key": r"prompt_cache_key",
    "json_schema": r"response_format|json[_ ]schema|structured output",
    "json_object": r"response_format|json[_ ]object|json[_ ]schema|structured output",
    "temperature": r"temperature",
    "max_tokens": r"max_tokens",
    "max_completion_tokens": r"max_completion_tokens",
    "system": r"system[_ ](?:role|message|prompt|instruction)|role.{0,40}system|system.{0,20}role"
    r"|roles must alternate|developer instruction",
}
_NAMED = {one: re.compile(names) for one, names in _NAMES.items()}
# What is never left out for an unnamed reason.
_BASIC = frozenset({"stream", "system"})
# Refusals for a reason that leaving options out does not mend.
_UNEXPLAINED = "unexplained"
# Statuses by which servers refuse options without a name.
_ABOUT_OPTIONS = frozenset({400, 422, 501})
# For so long (seconds) it is believed what a server was found to be like: servers are mended.
_REMEMBERED = 3_600.0
# Tokens: no server has a smaller window. One that reads less has left out a whole message.
_SMALLEST_WINDOW = 1_024


class Server:
    """What was found out about a server, which all requests to it share. `told` is its window as
    the admin set it."""

    def __init__(self, told: int, now: Callable[[], float]) -> None:
        self._told = told
        self._now = now
        self._lacks: dict[str, float] = {}  # until when
        self._learnt = told
        self._until = 0.0
        self._most_read = 0

    @property
    def window(self) -> int:
        """The tokens that it takes in, answer included: as told, or as learnt if that is less."""
        return self._learnt if self._now() < self._until else self._told

    def learn_refusal(self, sent: int, limit: int) -> None:
        """It refused what was `sent`, for it takes `limit`. Where that is no window, less is tried
        until all is taken."""
        known = _SMALLEST_WINDOW <= limit < sent
        tokens = limit if known else max(LEAST_WINDOW, min(sent, self.window) // 2)
        if tokens < self.window:
            self._learnt, self._until = tokens, self._now() + _REMEMBERED

    def learn_cut(self, sent: int, read: int) -> None:
        """It read less than was `sent`. Where it has read as much before, it counts in a way of its
        own."""
        if sent > self._most_read:
            self.learn_refusal(sent, read)
        self._most_read = max(self._most_read, read)

    @property
    def lacks(self) -> frozenset[str]:
        now = self._now()
        return frozenset(one for one, until in self._lacks.items() if now < until)

    def learn_lacks(self, *capabilities: str) -> None:
        self._lacks |= dict.fromkeys(capabilities, self._now() + _REMEMBERED)


class ChatRequest:
    """One request, sent again with less until the server takes it. Only then is it known that what
    was left out was the reason, and the next request begins with as little."""

    def __init__(
        self,
        server: Server,
        conversation: Conversation,
        schema: JsonSchema | None,
        options: dict[str, Any],
    ) -> None:
        """`options`: fields of the body that servers may lack, by their names."""
        self._server = server
        self._conversation = conversation
        self._schema = schema
        self._options = options
        self._missing = set(server.lacks)
        self._retried_unchanged = False

    def body(self, model: str) -> dict[str, Any]:
        """Whatever is the same in all requests about a talk stands in front."""
        fields = dict(field for one, field in self._used().items() if one != "system")
        return {"model": model, "messages": self._messages(), **fields}

    def refused(self, error: openai.APIStatusError) -> bool:
        """Whether to send it again as it is now.

        What the server names is left out, whatever the status. Where it names nothing, that is
        every option, but not before it refused the same request twice: the first time may have
        been about something else. And if that did not help either, no other request tries it for
        a while.
        """
        used, said = self._used().keys(), said_by(error)
        named = {one for one in used if _NAMED[one].search(said)}
        if error.status_code >= 500 and error.status_code not in _ABOUT_OPTIONS:
            named.discard("stream")  # it is spoken of where one breaks
        if named:
            self._missing |= named
            return True
        options = used - _BASIC
        of_the_request = ModelDeclined | ModelOutOfQuota | WindowTooSmall
        if error.status_code not in _ABOUT_OPTIONS or _UNEXPLAINED in self._server.lacks:
            return False
        if isinstance(meaning(said, error.status_code), of_the_request):
            return False
        if not options:
            self._server.learn_lacks(_UNEXPLAINED)
            return False
        if self._retried_unchanged:
            self._missing |= options
        self._retried_unchanged = True
        return True

    def accepted(self) -> None:
        """Only what was found out by this request is remembered anew."""
        self._server.learn_lacks(*(self._missing - self._server.lacks))

    def _messages(self) -> list[dict[str, str]]:
        messages = [{"role": m.role, "content": m.text} for m in self._conversation.messages]
        if "system" not in self._missing:
            return messages
        rules, first, *others = messages
        text = f"{rules['content']}\n\n{first['content']}"
        return [{"role": "user", "content": text}, *others]

    def _used(self) -> dict[str, tuple[str, Any]]:
        """By capability, the field and its value. A form is asked for as a schema, then as any
        object, then not at all; a limit by its older name, then by its newer one."""
        missing = self._missing
        fields: dict[str, tuple[str, Any]] = {"system": ("", None), "stream": ("stream", True)}
        if "stream" not in missing:
            fields["stream_options"] = ("stream_options", {"include_usage": True})
        if self._schema and "json_schema" not in missing:
            schema = {"type": "json_schema", "json_schema": self._schema}
            fields["json_schema"] = ("response_format", schema)
        elif self._schema:
            fields["json_object"] = ("response_format", {"type": "json_object"})
        for name, value in self._options.items():
            newer = name == "max_tokens" and name in missing
            one = "max_completion_tokens" if newer else name
            fields[one] = (one, value)
        return {one: field for one, field in fields.items() if one not in missing}


def said_by(error: openai.APIStatusError) -> str:
    """A refusal's words, in small letters."""
    return f"{error.code or ''} {error.message} {error.response.text}"[:_LONGEST_REFUSAL].casefold()


def meaning(said: str, status: int = 0, retry_after: float | None = None) -> ModelError:
    """The error that a refusal is, by its words and its status; 0 where it came without one, in
    the place of an answer."""
    said = said[:_LONGEST_REFUSAL].casefold()
    if _QUOTA.search(said) or status == 402:
        return ModelOutOfQuota()
    if _says_too_long(said, status):
        written = _CONTEXT.findall(said) or _NUMBER.findall(said)
        numbers = (int(number.replace(",", "")) for number in written)
        return WindowTooSmall(min((n for n in numbers if n >= _SMALLEST_NAMED), default=0))
    if _DECLINED.search(said) and status in {0, 400, 403, 422}:
        return ModelDeclined()
    if status in {408, 409, 425, 429} or status >= 500:
        return ModelBusy(retry_after=retry_after)
    if status:
        return ModelMisconfigured(what=f"status {status}")
    return ModelBroke(what="an error in the middle")


def _says_too_long(said: str, status: int) -> bool:
    if status in {401, 403, 404} or not (_SIZE.search(said) and _EXCESS.search(said)):
        return status == 413
    return bool(_TOO_LARGE.search(said)) or not (status == 429 or _BY_TIME.search(said))
