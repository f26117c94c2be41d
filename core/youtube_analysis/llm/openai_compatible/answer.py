"""One answer as its chunks come in: text, end, usage; and whether it is an answer at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex
from openai.types.chat import ChatCompletionChunk

from youtube_analysis.errors import ModelBroke, ModelDeclined
from youtube_analysis.grounding.stage import Rule, Stage
from youtube_analysis.llm.port import Completion, Restarted, TextDelta
from youtube_analysis.models.analysis import TokenUsage

from .summary import SummaryText

# Ten times a long blog post: whoever writes more does not stop.
LONGEST_ANSWER = 60_000
CUT_NOTE = "The model stopped here: the answer reached the longest that its server allows."


class _Thoughts(Stage):
    """Leaves out what some models write before they answer."""

    start = regex.compile(r"<")

    def __init__(self) -> None:
        super().__init__()
        begin = regex.compile(r"<think(?:ing)?>")
        end = regex.compile(r"</think(?:ing)?>")
        self.rules = (Rule(begin, lambda _: self.skip_to(end)),)


class AnswerReader:
    """`begun` tells whether any text was given."""

    def __init__(self, engine: str, *, as_json: bool) -> None:
        self.as_json = as_json
        self.usage = TokenUsage()
        self.begun = False
        self._engine = engine
        self._summary = SummaryText() if as_json else None
        self._thoughts = _Thoughts()
        self._given: list[str] = []
        self._length = 0
        self._chunks = 0
        self._end: str | None = None

    def read(self, chunk: object) -> TextDelta | None:
        """The text that a chunk adds, if any. Raises ModelBroke for what is no chunk, and for an
        answer without end; ModelDeclined where the model will not answer."""
        if not isinstance(chunk, ChatCompletionChunk):
            raise ModelBroke("no completion")
        self._chunks += 1
        if chunk.usage:
            self.usage = _usage(chunk.usage)
        for choice in chunk.choices or ():
            self._end = choice.finish_reason or self._end
            delta: Any = choice.delta  # nobody has checked what a server sends
            if getattr(delta, "refusal", None):
                raise ModelDeclined
            if content := getattr(delta, "content", None):
                return self._give(self._thoughts.feed(str(content)))
        return None

    def finish(self) -> Iterator[TextDelta | Restarted | Completion]:
        """What is left, and the completion. Raises ModelBroke where the answer is none."""
        if self._end is None:
            raise ModelBroke("it stopped in the middle" if self._chunks else "no completion")
        if self._end == "content_filter":
            raise ModelDeclined
        if rest := self._give(self._thoughts.feed("", final=True)):
            yield rest
        classification = None
        if self._summary:
            text, classification = self._summary.finish(cut=self._end == "length")
            yield from self._corrected(text)
        elif not (text := "".join(self._given).strip()):
            raise ModelBroke("an empty answer")
        elif text.startswith("{") and text.endswith("}"):
            raise ModelBroke("JSON instead of text")
        note = CUT_NOTE if self._end == "length" else ""
        yield Completion(self._engine, self.usage, classification, note=note)

    def _give(self, text: str) -> TextDelta | None:
        self._length += len(text)
        if self._length > LONGEST_ANSWER:
            raise ModelBroke("it never ended")
        shown = self._summary.feed(text) if self._summary else text
        shown = shown if self.begun else shown.lstrip()
        if not shown:
            return None
        self.begun = True
        self._given.append(shown)
        return TextDelta(shown)

    def _corrected(self, text: str) -> Iterator[TextDelta | Restarted]:
        """The rest of a finished summary, or all of it where it is not what was given so far."""
        given = "".join(self._given)
        if not text.startswith(given):
            yield Restarted()
            given = ""
        if rest := text[len(given) :]:
            self._given.append(rest)
            yield TextDelta(rest)


def _usage(told: Any) -> TokenUsage:
    details = told.prompt_tokens_details
    return TokenUsage(
        prompt=told.prompt_tokens or 0,
        completion=told.completion_tokens or 0,
        cached=(details.cached_tokens or 0) if details else 0,
    )
