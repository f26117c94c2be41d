"""A test of a server: what it can do, and how much it really reads of what it is sent."""

from __future__ import annotations

from collections.abc import Collection

from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.passages.words import estimate_tokens

from .messages import STRING, Conversation, PromptMessage, schema_of

# Tokens, by the upper estimate: more than the windows by which servers cut in silence.
_MOST = 12_000
_WORD = "marzipan"
_RULES = "Answer with one JSON object and nothing else."
_FIRST = f"The code word is {_WORD}.\n"
_FILLING = "Line {} of the harbour's log book: calm water, no ship came in, no ship went out.\n"
_TASK = 'Which code word stands in the very first line? Write {"word": "…"}.'
CANARY = schema_of("word", word=STRING)
# By capability, how it is told.
_TOLD = {
    "stream": "streaming",
    "json_schema": "JSON by schema",
    "system": "system messages",
}


def canary(window: int) -> Conversation:
    """A request whose first line is the first thing that is lost where a server cuts."""
    line = estimate_tokens(_FILLING.format(1_000))
    count = (min(_MOST, window * 3 // 4) - 200) // line
    text = _FIRST + "".join(_FILLING.format(1_000 + number) for number in range(count)) + _TASK
    messages = PromptMessage("system", _RULES), PromptMessage("user", text)
    return Conversation(messages, estimate_tokens(_RULES) + estimate_tokens(text))


def abilities(
    conversation: Conversation,
    text: str,
    usages: tuple[TokenUsage, TokenUsage],
    lacks: Collection[str],
) -> str:
    """What the answer to the canary tells, and the counts of that and of the same once more."""
    usage, again = usages
    does = {name: one not in lacks for one, name in _TOLD.items()}
    does |= {"token counts": usage.prompt > 0, "a cache of prefixes": again.cached > 0}
    can = ", ".join(name for name, works in does.items() if works)
    cannot = ", ".join(name for name, works in does.items() if not works)
    sent = conversation.tokens
    if read := conversation.read_of(usage):
        seen = (
            f"it READ ONLY {read:,} of about {sent:,} tokens: raise its context, or set "
            f"OPENAI_CONTEXT={read}"
        )
    elif usage.prompt or _WORD in text.casefold():
        seen = f"it read all of about {sent:,} tokens"
    else:
        seen = f"it did not find the first of about {sent:,} tokens: its context may be smaller"
    return f"has {can}{f'; not seen: {cannot}' if cannot else ''}; {seen}"
